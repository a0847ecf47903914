import { OUTCOME_KINDS } from "@lens/core";
import {
  type Distribution,
  formatSlo,
  type GroupSummary,
  type PercentileName,
  type RateDistribution,
  type Report,
  type ServerSummary,
} from "@lens/metrics";
import { type Cell, type Column, countsCell, openCsv } from "./csv-text.ts";
import type { Exporter } from "./exporter.ts";

interface Row {
  readonly report: Report;
  readonly group: GroupSummary;
}

const STATISTICS = ["count", "minNs", "maxNs", "meanNs", "stdDevNs", "p50Ns", "p90Ns", "p95Ns", "p99Ns", "p999Ns"] as const;
const PERCENTILES: readonly PercentileName[] = ["p50", "p90", "p95", "p99", "p999"];
const RATE_STATISTICS = [
  "count",
  "minPerSecond",
  "maxPerSecond",
  "meanPerSecond",
  "stdDevPerSecond",
  "p1PerSecond",
  "p5PerSecond",
  "p10PerSecond",
  "p50PerSecond",
  "p90PerSecond",
  "p95PerSecond",
  "p99PerSecond",
] as const;
const SERVER: readonly (keyof ServerSummary)[] = ["queue", "load", "prompt", "generation", "total", "perToken", "ttft", "processing"];
const TOKENS = ["input", "cacheRead", "cacheWrite", "output", "reasoning", "perChunk", "cachedRequests"] as const;
const COSTS = ["total", "perRequest", "per1000Requests", "perMillionOutputTokens", "reported", "priced", "unpriced"] as const;
const TOKEN_STATISTICS = [
  "count",
  "minTokens",
  "maxTokens",
  "meanTokens",
  "stdDevTokens",
  "p50Tokens",
  "p90Tokens",
  "p95Tokens",
  "p99Tokens",
] as const;
const THROUGHPUT = ["windowNs", "requestsPerSecond", "systemTokensPerSecond"] as const;
const SCHEDULE = ["targetRatePerSecond", "deliveredRatePerSecond", "waitedForSlot", "waitedForLimit", "waitedForRecords"] as const;

const ofReport = (title: string, read: (report: Report) => Cell): Column<Row> => ({ title, read: ({ report }) => read(report) });
const ofGroup = (title: string, read: (group: GroupSummary) => Cell): Column<Row> => ({ title, read: ({ group }) => read(group) });

/** One column for each of some figures, titled by where they stand in the JSON. */
function figures<K extends string>(
  path: string,
  names: readonly K[],
  read: (group: GroupSummary) => Readonly<Record<K, Cell>> | null,
): readonly Column<Row>[] {
  return names.map((name) => ofGroup(`${path}.${name}`, (group) => read(group)?.[name] ?? null));
}

function durations(path: string, read: (group: GroupSummary) => Distribution | null): readonly Column<Row>[] {
  const end = (name: PercentileName, side: "lower" | "upper"): Column<Row> =>
    ofGroup(`${path}.intervalsNs.${name}.${side}`, (group) => read(group)?.intervalsNs[name]?.[side] ?? null);
  return [...figures(path, STATISTICS, read), ...PERCENTILES.flatMap((name) => [end(name, "lower"), end(name, "upper")])];
}

const rates = (path: string, read: (group: GroupSummary) => RateDistribution): readonly Column<Row>[] =>
  figures(path, RATE_STATISTICS, read);

const IDENTITY: readonly Column<Row>[] = [
  ofReport("run.startedAtMs", ({ run }) => run.startedAtMs),
  ofReport("run.durationNs", ({ run }) => run.durationNs),
  ofReport("run.mode", ({ run }) => run.mode),
  ofReport("run.seed", ({ run }) => run.seed),
  ofReport("run.interrupted", ({ run }) => run.interrupted),
  ofReport("tool.version", ({ tool }) => tool.version),
  ofReport("instrument.state", ({ instrument }) => instrument.state),
  ofReport("instrument.lateness.p99Ns", ({ instrument }) => instrument.lateness.p99Ns),
  ofReport("instrument.lateness.maxNs", ({ instrument }) => instrument.lateness.maxNs),
];

const COUNTS: readonly Column<Row>[] = [
  ofGroup("requests", ({ requests }) => requests),
  ...figures("outcomes", OUTCOME_KINDS, ({ outcomes }) => outcomes),
  ofGroup("errors", ({ errors }) => countsCell(errors)),
  ...figures("excluded", ["warmup", "drain"], ({ excluded }) => excluded),
  ...figures("attempts", ["total", "retriedRequests"], ({ attempts }) => attempts),
  ...figures("connections", ["fresh", "reused"], ({ connections }) => connections),
];

const LATENCIES: readonly Column<Row>[] = [
  ...durations("ttft", ({ ttft }) => ttft),
  ...durations("ttfo", ({ ttfo }) => ttfo),
  ...durations("ttfb", ({ ttfb }) => ttfb),
  ...durations("chunkGap", ({ chunkGap }) => chunkGap),
  ofGroup("requestsWithGaps", ({ requestsWithGaps }) => requestsWithGaps),
  ...durations("itl", ({ itl }) => itl),
  ...durations("tpot", ({ tpot }) => tpot),
  ...durations("e2e", ({ e2e }) => e2e),
  ...durations("response.ttft", ({ response }) => response?.ttft ?? null),
  ...durations("response.ttfo", ({ response }) => response?.ttfo ?? null),
  ...durations("response.e2e", ({ response }) => response?.e2e ?? null),
  ...durations("cache.cached.ttft", ({ cache }) => cache?.cached.ttft ?? null),
  ...durations("cache.uncached.ttft", ({ cache }) => cache?.uncached.ttft ?? null),
  ...durations("phases.dns", ({ phases }) => phases.dns),
  ...durations("phases.connect", ({ phases }) => phases.connect),
  ...durations("phases.tls", ({ phases }) => phases.tls),
];

const ACHIEVEMENTS: readonly Column<Row>[] = [
  ...rates("outputTokensPerSecond", ({ outputTokensPerSecond }) => outputTokensPerSecond),
  ...rates("effectiveTokensPerSecond", ({ effectiveTokensPerSecond }) => effectiveTokensPerSecond),
  ...figures("throughput", THROUGHPUT, ({ throughput }) => throughput),
  ofGroup("goodput.slo", ({ goodput }) => (goodput === null ? null : formatSlo(goodput.slo))),
  ...figures("goodput", ["met", "judged", "share", "ratePerSecond"], ({ goodput }) => goodput),
  ...figures("goodput.interval", ["lower", "upper"], ({ goodput }) => goodput?.interval ?? null),
  ...figures("tokens", TOKENS, ({ tokens }) => tokens),
  ...figures("tokens.inputPerRequest", TOKEN_STATISTICS, ({ tokens }) => tokens.inputPerRequest),
  ...figures("tokens.outputPerRequest", TOKEN_STATISTICS, ({ tokens }) => tokens.outputPerRequest),
  ...figures("tokens.sources", ["reported", "partial", "estimated", "none"], ({ tokens }) => tokens.sources),
  ...figures("costUsd", COSTS, ({ costUsd }) => costUsd),
  ...figures("costUsd.price", ["modelId", "source", "asOf"], ({ costUsd }) => costUsd.price),
];

const BACKGROUND: readonly Column<Row>[] = [
  ...SERVER.flatMap((name) => durations(`server.${name}`, ({ server }) => server?.[name] ?? null)),
  ofGroup("models", ({ models }) => countsCell(models)),
  ...figures("load", ["stoppedBy", "sent", "lost", "workers"], ({ load }) => load),
  ...figures("load.schedule", SCHEDULE, ({ load }) => load?.schedule ?? null),
  ...durations("load.schedule.sendLag", ({ load }) => load?.schedule?.sendLag ?? null),
  ofGroup("drift.findings", ({ drift }) => drift?.findings.join("; ") ?? null),
];

const COLUMNS: readonly Column<Row>[] = [
  ...figures("target", ["label", "provider", "model", "origin"], ({ target }) => target),
  ...figures("level", ["kind", "value"], ({ level }) => level),
  ...COUNTS,
  ...LATENCIES,
  ...ACHIEVEMENTS,
  ...BACKGROUND,
  ...IDENTITY,
];

/** One row a target, or a level of it, with all its figures; a column is called what the figure is called in the JSON. */
export const csvExporter: Exporter = {
  id: "csv",
  extension: "csv",
  async render(report) {
    const { head, line } = await openCsv(COLUMNS);
    return head + report.groups.map((group) => line({ report, group })).join("");
  },
};
