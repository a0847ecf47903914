import { formatDuration } from "@lens/core";
import {
  type Distribution,
  formatSlo,
  type GroupSummary,
  type LoadLevel,
  type PercentileName,
  type Report,
  type ThresholdOutcome,
} from "@lens/metrics";
import { levelsByTarget } from "./console-sweep.ts";
import type { SyncExporter } from "./exporter.ts";
import { formatCount, formatNumber, formatPlural, formatShare, formatUsd } from "./format.ts";
import { latencyRows } from "./latency-table.ts";
import { manifestOf } from "./markdown-manifest.ts";
import { codeOf, joined, plainOf, tableOf } from "./markdown-text.ts";

const NOT_AVAILABLE = "n/a";
const PERCENTILES = { p50: "p50Ns", p90: "p90Ns", p95: "p95Ns", p99: "p99Ns" } as const satisfies Partial<
  Record<PercentileName, keyof Distribution>
>;
type Shown = keyof typeof PERCENTILES;

const duration = (durationNs: number | null): string => (durationNs === null ? NOT_AVAILABLE : formatDuration(durationNs));
const number = (value: number | null): string => (value === null ? NOT_AVAILABLE : formatNumber(value));
const answered = ({ outcomes }: GroupSummary): number => outcomes.ok + outcomes.truncated;
const at = (distribution: Distribution, name: Shown): string => duration(distribution[PERCENTILES[name]]);

/** ` (246 ms to 254 ms)`; nothing where an end of the interval is not known. */
function range({ intervalsNs }: Distribution, name: Shown): string {
  const { lower, upper } = intervalsNs[name] ?? { lower: null, upper: null };
  return lower === null || upper === null ? "" : ` (${formatDuration(lower)} to ${formatDuration(upper)})`;
}

/** `250 ms ±4.9 ms`: the distance to the farther end of the interval. */
function sureAt(distribution: Distribution, name: Shown): string {
  const { lower, upper } = distribution.intervalsNs[name] ?? { lower: null, upper: null };
  const valueNs = distribution[PERCENTILES[name]];
  if (valueNs === null || lower === null || upper === null) return at(distribution, name);
  const distanceNs = Math.max(upper - valueNs, valueNs - lower);
  return `${formatDuration(valueNs)}${distanceNs === 0 ? "" : ` ±${formatDuration(distanceNs)}`}`;
}

function failures(group: GroupSummary): string {
  const failed = group.requests - answered(group);
  return failed === 0 ? "0" : `${formatCount(failed)} (${formatShare(failed / group.requests)})`;
}

/** Whether the thresholds were met, and which were not. */
function thresholdAnswer(thresholds: readonly ThresholdOutcome[]): string {
  if (thresholds.length === 0) return "";
  const missed = thresholds.filter(({ met }) => met !== true);
  if (missed.length === 0) return `✅ **${thresholds.length === 1 ? "The threshold is" : `All ${thresholds.length} thresholds are`} met.**`;
  const names = [...new Set(missed.map(({ text }) => codeOf(text)))].join(", ");
  return `❌ **${missed.length} of ${formatPlural(thresholds.length, "threshold")} ${missed.length === 1 ? "is" : "are"} not met:** ${names}`;
}

/** How fast it is, how sure that is and what it cost, in a line. */
function groupAnswer(group: GroupSummary): string {
  const { target, ttft, tpot, e2e, costUsd, goodput, requests } = group;
  const parts = [
    ...(ttft.count === 0 ? [] : [`TTFT p50 **${at(ttft, "p50")}**${range(ttft, "p50")}`]),
    ...(ttft.p95Ns === null ? [] : [`p95 ${at(ttft, "p95")}`]),
    ...(tpot.count === 0 ? [] : [`TPOT p50 ${at(tpot, "p50")}`]),
    ...(e2e.count === 0 ? [] : [`E2E p50 ${at(e2e, "p50")}`]),
    ...(goodput === null || goodput.share === null ? [] : [`goodput ${formatShare(goodput.share)} (${formatSlo(goodput.slo)})`]),
    `${formatCount(answered(group))} of ${formatPlural(requests, "request")} answered`,
    ...(costUsd.total === null ? [] : [formatUsd(costUsd.total)]),
  ];
  return `**${codeOf(target.label)}**: ${parts.join(" · ")}`;
}

/** One row a metric. */
function metricTable(group: GroupSummary): string {
  const names = Object.keys(PERCENTILES) as readonly Shown[];
  const rows = latencyRows(group).map(({ label, distribution }) => [
    label,
    formatCount(distribution.count),
    ...names.map((name) => sureAt(distribution, name)),
    duration(distribution.maxNs),
    duration(distribution.meanNs),
  ]);
  return rows.length === 0 ? "" : tableOf(["", "n", ...names, "max", "mean"], rows);
}

const inOrder = <G extends { readonly level: LoadLevel }>(levels: readonly G[]): readonly G[] =>
  levels.toSorted((a, b) => a.level.value - b.level.value);

/** One row a target or level. */
function groupTable(groups: readonly GroupSummary[]): string {
  const judged = groups.some(({ goodput }) => goodput !== null);
  const ordered = [...groups.filter(({ level }) => level === null), ...levelsByTarget(groups).flatMap(inOrder)];
  const rows = ordered.map((group) => {
    const { target, requests, ttft, tpot, e2e, throughput, goodput, costUsd } = group;
    const share = goodput?.share ?? null;
    return [
      codeOf(target.label),
      formatCount(requests),
      failures(group),
      sureAt(ttft, "p50"),
      at(ttft, "p95"),
      at(tpot, "p50"),
      at(e2e, "p95"),
      number(throughput.requestsPerSecond),
      number(throughput.systemTokensPerSecond),
      ...(judged ? [share === null ? NOT_AVAILABLE : formatShare(share)] : []),
      costUsd.total === null ? "unpriced" : formatUsd(costUsd.total),
    ];
  });
  const rates = ["answered/s", "tokens/s", ...(judged ? ["goodput"] : []), "cost"];
  return tableOf(["", "requests", "failed", "TTFT p50", "TTFT p95", "TPOT p50", "E2E p95", ...rates], rows);
}

function outcomeInWords({ met, certain }: ThresholdOutcome): string {
  if (met === null) return "❌ cannot be judged";
  const open = certain ? "" : ", but its interval leaves that open";
  return met ? `✅ met${open}` : `❌ breached${open}`;
}

function thresholdTable({ thresholds, groups }: Report): string {
  if (thresholds.length === 0) return "";
  const several = groups.length > 1;
  const rows = thresholds.map((outcome) => [
    ...(several ? [codeOf(outcome.label)] : []),
    codeOf(outcome.text),
    outcomeInWords(outcome),
    plainOf(outcome.reason),
  ]);
  return tableOf([...(several ? [""] : []), "threshold", "verdict", "figure"], rows, [0, 1, 2, 3]);
}

/** Why requests were not answered. */
function failureLines(groups: readonly GroupSummary[]): string {
  const lines = groups.flatMap((group) => {
    if (answered(group) === group.requests) return [];
    const { outcomes, errors, requests, target } = group;
    const others = Object.entries({ filtered: outcomes.filtered, refused: outcomes.refused }).filter(([, count]) => count > 0);
    const codes = [...Object.entries(errors), ...others].map(([code, count]) => `${codeOf(code)} ${formatCount(count)}`);
    return [`- ❌ ${failures(group)} of ${formatCount(requests)} requests to ${codeOf(target.label)} not answered: ${codes.join(", ")}`];
  });
  return lines.join("\n");
}

/** Up to where it goes well. */
function limits({ searches, sweeps }: Report): string {
  const unit = { rate: "requests/s", concurrency: "requests at once" } as const;
  return [
    ...searches.map(({ label, verdict }) => `- ${codeOf(label)}: ${plainOf(verdict)}`),
    ...sweeps.flatMap(({ label, kind, knee }) => (knee === null ? [] : [`- ${codeOf(label)}: the knee is at ${knee} ${unit[kind]}`])),
  ].join("\n");
}

function trust({ groups, instrument, notes }: Report): string {
  const mark = instrument.state === "fine" ? "✅" : "⚠️";
  return [...(groups.length === 0 ? [] : [`- ${mark} ${plainOf(instrument.verdict)}`]), ...notes.map((note) => `- ${plainOf(note)}`)].join(
    "\n",
  );
}

/** For pull requests and step summaries: what it comes to first, then the figures, then what they stand on. */
export const markdownExporter: SyncExporter = {
  id: "markdown",
  extension: "md",
  render(report) {
    const { run, groups, thresholds } = report;
    const [only] = groups;
    const isOne = groups.length === 1 && only !== undefined;
    return joined([
      run.interrupted ? "⚠️ **Interrupted**: the figures are of what was done until then." : "",
      only === undefined ? "No request was recorded." : "",
      thresholdAnswer(thresholds),
      isOne ? groupAnswer(only) : "",
      isOne ? metricTable(only) : "",
      groups.length > 1 ? groupTable(groups) : "",
      thresholdTable(report),
      failureLines(groups),
      limits(report),
      trust(report),
      manifestOf(report),
    ]);
  },
};
