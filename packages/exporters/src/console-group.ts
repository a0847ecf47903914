import { formatDuration, OUTCOME_KINDS } from "@lens/core";
import { type Distribution, formatSlo, type GroupSummary, type RateDistribution, type Report } from "@lens/metrics";
import { writeCost } from "./console-cost.ts";
import { writeSchedule, writeTroubles } from "./console-load.ts";
import { writeCourse } from "./console-time.ts";
import { writeTurns } from "./console-turns.ts";
import { writeCache, writeLengths } from "./console-workload.ts";
import { formatCount, formatNumber, formatPlural, formatShare } from "./format.ts";
import { figureLine, headLine, intervalLine, latencyRows, markLines } from "./latency-table.ts";
import type { Page } from "./page.ts";

/** The value in the middle: the median, or the mean where the sample is too small for one. Null without samples. */
function typical(distribution: Distribution): string | null {
  const { p50Ns, meanNs } = distribution;
  if (p50Ns !== null) return formatDuration(p50Ns);
  return meanNs === null ? null : formatDuration(meanNs);
}

/** Names with their values, without those that have none. */
function known(pairs: readonly (readonly [string, string | null])[]): readonly string[] {
  return pairs.flatMap(([name, value]) => (value === null ? [] : [`${name} ${value}`]));
}

/** Writes how many requests were not answered, and why; nothing where all were. */
export function writeFailures(page: Page, { requests, outcomes, errors }: GroupSummary, name: string): void {
  const answered = outcomes.ok + outcomes.truncated;
  if (answered === requests) return;
  const codes = Object.entries(errors).map(([code, count]) => `${code} ${formatCount(count)}`);
  const others = (["filtered", "refused"] as const)
    .filter((kind) => outcomes[kind] > 0)
    .map((kind) => `${kind} ${formatCount(outcomes[kind])}`);
  const share = formatShare((requests - answered) / requests);
  page.field(name, [`${formatCount(requests - answered)} of ${formatCount(requests)} (${share})`, ...codes, ...others], "bad");
}

function writeCounts(page: Page, group: GroupSummary): void {
  const { requests, outcomes, excluded, attempts } = group;
  const counts = OUTCOME_KINDS.filter((kind) => outcomes[kind] > 0).map((kind) => `${formatCount(outcomes[kind])} ${kind}`);
  page.field("requests", [formatCount(requests), ...counts]);
  writeFailures(page, group, "NOT ANSWERED");
  if (attempts.retriedRequests > 0)
    page.field("retries", [`${formatPlural(attempts.retriedRequests, "request")} retried`, `${formatCount(attempts.total)} tries in all`]);
  if (excluded.warmup + excluded.drain > 0)
    page.field("left out", [`${formatCount(excluded.warmup)} of warm-up`, `${formatCount(excluded.drain)} of drain`]);
}

function writeLatencies(page: Page, group: GroupSummary): void {
  const rows = latencyRows(group);
  if (rows.length === 0) {
    page.line("No request was answered: there are no latencies.", "bad");
    return;
  }
  page.line(headLine(), "dim");
  for (const row of rows) {
    page.line(figureLine(row));
    const interval = intervalLine(row);
    if (interval !== null) page.line(interval, "dim");
    if (row.remark !== null) page.text(row.remark, 2, "dim");
    page.explain(row.metric);
  }
  for (const mark of markLines(rows)) page.line(mark, "dim");
}

function rate(distribution: RateDistribution): string | null {
  const { p50PerSecond, p5PerSecond, meanPerSecond } = distribution;
  const middle = p50PerSecond ?? meanPerSecond;
  if (middle === null) return null;
  return `${formatNumber(middle)} tokens/s${p5PerSecond === null ? "" : ` (p5 ${formatNumber(p5PerSecond)})`}`;
}

function writeGoodput(page: Page, { goodput }: GroupSummary): void {
  if (goodput === null) return;
  const { slo, met, judged, share, interval, ratePerSecond } = goodput;
  const { lower, upper } = interval;
  const between = lower === null || upper === null ? "" : ` (${formatShare(lower)} to ${formatShare(upper)})`;
  const perSecond = ratePerSecond === null ? [] : [`${formatNumber(ratePerSecond)} requests/s`];
  page.field("goodput", [
    share === null ? "not known" : `${formatShare(share)}${between}`,
    `${formatCount(met)} of ${formatPlural(judged, "request")}`,
    ...perSecond,
    ...formatSlo(slo).split(", "),
  ]);
  page.explain("goodput");
}

function writeRates(page: Page, group: GroupSummary): void {
  const { windowNs, requestsPerSecond, systemTokensPerSecond } = group.throughput;
  if (requestsPerSecond !== null && windowNs !== null) {
    const system = systemTokensPerSecond === null ? "tokens/s unknown" : `${formatNumber(systemTokensPerSecond)} tokens/s`;
    page.field("throughput", [`${formatNumber(requestsPerSecond)} requests/s`, system, `over ${formatDuration(windowNs)}`]);
    page.explain("throughput.requestsPerSecond");
    page.explain("throughput.systemTokensPerSecond");
  }
  const speeds = known([
    ["output", rate(group.outputTokensPerSecond)],
    ["effective", rate(group.effectiveTokensPerSecond)],
  ]);
  if (speeds.length === 0) return;
  page.field("per request", speeds);
  page.explain("outputTokensPerSecond");
  page.explain("effectiveTokensPerSecond");
}

function writeTokens(page: Page, { tokens }: GroupSummary): void {
  const { input, cacheRead, output, reasoning, sources } = tokens;
  const partOf = (part: number | null, word: string): string => (part === null || part === 0 ? "" : ` (${formatCount(part)} ${word})`);
  const source = known([
    ["reported for", sources.reported === 0 ? null : formatCount(sources.reported)],
    ["partial for", sources.partial === 0 ? null : formatCount(sources.partial)],
    ["estimated for", sources.estimated === 0 ? null : formatCount(sources.estimated)],
    ["not reported for", sources.none === 0 ? null : formatCount(sources.none)],
  ]);
  const sums = known([
    ["in", input === null ? null : `${formatCount(input)}${partOf(cacheRead, "cached")}`],
    ["out", output === null ? null : `${formatCount(output)}${partOf(reasoning, "reasoning")}`],
  ]);
  page.field("tokens", sums.length === 0 ? ["usage not reported"] : [...sums, `usage ${source.join(", ")}`]);
  page.explain("tokens");
}

function writeConnections(page: Page, { connections, phases }: GroupSummary): void {
  const { fresh, reused } = connections;
  if (fresh + reused === 0) return;
  const times = known([
    ["dns", typical(phases.dns)],
    ["connect", typical(phases.connect)],
    ["tls", typical(phases.tls)],
  ]);
  page.field("connections", [`${formatCount(fresh)} fresh`, `${formatCount(reused)} reused`, ...times]);
  page.explain("connections");
}

function writeServer(page: Page, group: GroupSummary): void {
  const { server } = group;
  if (server === null) return;
  const theirs = known([
    ["queue", typical(server.queue)],
    ["load", typical(server.load)],
    ["prompt", typical(server.prompt)],
    ["TTFT", typical(server.ttft)],
    ["per token", typical(server.perToken)],
    ["generation", typical(server.generation)],
    ["total", typical(server.total)],
    ["processing", typical(server.processing)],
  ]);
  const ours = known([
    ["TTFT", typical(group.ttft)],
    ["per token", typical(group.tpot)],
    ["E2E", typical(group.e2e)],
  ]);
  page.field("server says", theirs);
  page.field("we saw", ours);
  page.explain("server");
}

function writeModels(page: Page, { models, target }: GroupSummary): void {
  const names = Object.entries(models);
  if (names.length === 0 || (names.length === 1 && names[0]?.[0] === target.model)) return;
  page.field(
    "answered by",
    names.map(([name, count]) => `${name} (${formatCount(count)})`),
  );
}

function writeRateLimits(page: Page, { rateLimits }: GroupSummary): void {
  // The prefix says no more than the name of the line does.
  const headers = Object.entries(rateLimits).map(([name, value]) => `${name.replace(/^(?:x-|anthropic-)?ratelimit-/, "")} ${value}`);
  if (headers.length > 0) page.field("rate limits", headers);
}

/** Writes the figures of one target. */
export function writeGroup(page: Page, group: GroupSummary, run: Report["run"]): void {
  page.line(group.target.label, "title");
  page.field(
    "",
    [...(group.target.origin === null ? [] : [group.target.origin]), MODES[run.mode], `took ${formatDuration(run.durationNs)}`],
    "dim",
  );
  page.blank();
  writeCounts(page, group);
  page.blank();
  writeLatencies(page, group);
  page.blank();
  writeCourse(page, group);
  writeRates(page, group);
  writeGoodput(page, group);
  writeSchedule(page, group);
  writeTroubles(page, group);
  writeTokens(page, group);
  writeLengths(page, group);
  writeCache(page, group);
  writeTurns(page, group);
  writeCost(page, group);
  writeConnections(page, group);
  writeServer(page, group);
  writeModels(page, group);
  writeRateLimits(page, group);
  page.blank();
}

const MODES: Readonly<Record<Report["run"]["mode"], string>> = {
  single: "one request",
  closed: "closed loop",
  open: "open loop",
  unknown: "schedule not known",
};
