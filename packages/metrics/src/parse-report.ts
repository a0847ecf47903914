import { type ErrorCode, LensError, OUTCOME_KINDS, type OutcomeKind, type Target, type UsageSource } from "@lens/core";
import type { Distribution, PercentileIntervals, RateDistribution, TokenDistribution } from "./distribution.ts";
import type { DriftSummary } from "./drift.ts";
import type { ErrorCluster } from "./error-cluster.ts";
import type { Interval } from "./interval.ts";
import type { LoadLevel, LoadSummary, ResourceSummary, ScheduleSummary, SearchSummary, SweepSummary } from "./load-summary.ts";
import type { GoodputSummary, GroupSummary, InstrumentSummary, Report, RunManifest } from "./report.ts";
import type { SeriesSummary } from "./series.ts";
import { count, finite, flag, list, nullable, object, oneOf, type Reader, table, text } from "./shape.ts";
import type { Slo } from "./slo.ts";
import type { TimeWindow } from "./time-window.ts";
import type { ThresholdStatistic } from "./threshold.ts";
import { THRESHOLD_METRIC_NAMES } from "./threshold-metric.ts";
import type { ThresholdOutcome } from "./threshold-outcome.ts";
import type { TurnSummary } from "./turn-summary.ts";
import type { CacheSide } from "./workload-summary.ts";

/** A number, or null where there is none. */
export const maybe = nullable(finite);

/** See `Interval`. */
export const interval = object<Interval>({ lower: maybe, upper: maybe });

const distribution = object<Distribution>({
  count,
  minNs: maybe,
  maxNs: maybe,
  meanNs: maybe,
  stdDevNs: maybe,
  p50Ns: maybe,
  p90Ns: maybe,
  p95Ns: maybe,
  p99Ns: maybe,
  p999Ns: maybe,
  intervalsNs: table(interval) as Reader<PercentileIntervals>,
  hdr: text,
});

const rates = object<RateDistribution>({
  count,
  minPerSecond: maybe,
  maxPerSecond: maybe,
  meanPerSecond: maybe,
  stdDevPerSecond: maybe,
  p1PerSecond: maybe,
  p5PerSecond: maybe,
  p10PerSecond: maybe,
  p50PerSecond: maybe,
  p90PerSecond: maybe,
  p95PerSecond: maybe,
  p99PerSecond: maybe,
  hdr: text,
});

const tokenCounts = object<TokenDistribution>({
  count,
  minTokens: maybe,
  maxTokens: maybe,
  meanTokens: maybe,
  stdDevTokens: maybe,
  p50Tokens: maybe,
  p90Tokens: maybe,
  p95Tokens: maybe,
  p99Tokens: maybe,
  hdr: text,
});

/** See `RunManifest`. */
export const manifest = object<RunManifest>({
  startedAtMs: finite,
  durationNs: count,
  mode: oneOf(["single", "closed", "open", "unknown"]),
  command: nullable(text),
  seed: nullable(finite),
  options: table(option),
  versions: table(text),
  machine: nullable(object({ platform: text, arch: text, cpu: text, cores: count })),
  interrupted: flag,
  shards: nullable(object({ of: count, numbers: list(count) })),
});

function option(value: unknown, path: string): string | number | boolean | null {
  if (value === null || typeof value === "boolean" || typeof value === "number") return value;
  return text(value, path);
}

/** See `Target`. */
export const target = object<Target>({ provider: text, model: text, label: text, origin: nullable(text) });

const kind = oneOf(["concurrency", "rate"]);
const level = object<LoadLevel>({ kind, value: finite });

const window = object<TimeWindow>({ fromMs: finite, toMs: finite });

const schedule = object<ScheduleSummary>({
  sent: count,
  due: nullable(window),
  started: nullable(window),
  targetRatePerSecond: maybe,
  deliveredRatePerSecond: maybe,
  sendLag: distribution,
  waitedForSlot: count,
  waitedForLimit: count,
  waitedForRecords: count,
});

const load = object<LoadSummary>({
  stoppedBy: oneOf(["requests", "duration", "signal", "budget", "trace", "crash"]),
  sent: count,
  lost: count,
  workers: count,
  crashes: list(object({ worker: count, reason: text, lost: count })),
  schedule: nullable(schedule),
});

const outcomes = object<Record<OutcomeKind, number>>(
  Object.fromEntries(OUTCOME_KINDS.map((outcome) => [outcome, count])) as Record<OutcomeKind, Reader<number>>,
);

const errors = table(count) as Reader<Partial<Record<ErrorCode, number>>>;

const goodput = object<GoodputSummary>({
  slo: table(finite) as Reader<Slo>,
  met: count,
  judged: count,
  share: maybe,
  interval,
  ratePerSecond: maybe,
});

const series = object<SeriesSummary>({
  binNs: count,
  originMs: finite,
  bins: list(
    object({
      index: count,
      sent: count,
      answered: count,
      failed: count,
      errors,
      outputTokens: maybe,
      goodput: maybe,
      ttft: distribution,
      chunkGap: distribution,
      tpot: distribution,
      e2e: distribution,
      responseTtft: nullable(distribution),
    }),
  ),
});

const errorCluster = object<ErrorCluster>({
  fromNs: count,
  toNs: nullable(count),
  code: nullable(text) as Reader<ErrorCode | null>,
  failed: count,
  sent: count,
  failedElsewhere: count,
  sentElsewhere: count,
  words: text,
});

const drift = object<DriftSummary>({
  metrics: list(
    object({
      metric: oneOf(["ttft", "tpot", "e2e", "response.ttft"]),
      pValue: finite,
      change: nullable(object({ firstNs: finite, lastNs: finite, share: finite })),
      drifted: flag,
    }),
  ),
  errors: nullable(errorCluster),
  findings: list(text),
});

const turn = object<TurnSummary>({
  turn: count,
  requests: count,
  answered: count,
  input: tokenCounts,
  ttft: distribution,
  e2e: distribution,
});

const cacheSide = object<CacheSide>({ requests: count, cacheRead: tokenCounts, ttft: distribution });

/** See `GroupSummary`. */
export const group = object<GroupSummary>({
  target,
  level: nullable(level),
  requests: count,
  excluded: object({ warmup: count, drain: count }),
  outcomes,
  errors,
  attempts: object({ total: count, retriedRequests: count }),
  connections: object({ fresh: count, reused: count }),
  phases: object({ dns: distribution, connect: distribution, tls: distribution }),
  ttfb: distribution,
  ttft: distribution,
  ttfo: distribution,
  chunkGap: distribution,
  requestsWithGaps: count,
  itl: nullable(distribution),
  tpot: distribution,
  e2e: distribution,
  response: nullable(object({ ttft: distribution, ttfo: distribution, e2e: distribution })),
  outputTokensPerSecond: rates,
  effectiveTokensPerSecond: rates,
  throughput: object({ windows: list(window), windowNs: nullable(count), requestsPerSecond: maybe, systemTokensPerSecond: maybe }),
  goodput: nullable(goodput),
  tokens: object({
    input: maybe,
    cacheRead: maybe,
    cacheWrite: maybe,
    output: maybe,
    reasoning: maybe,
    inputPerRequest: tokenCounts,
    outputPerRequest: tokenCounts,
    sources: object<Record<UsageSource, number>>({ reported: count, partial: count, estimated: count, none: count }),
    perChunk: maybe,
    streamed: finite,
    chunks: count,
    cachedRequests: count,
  }),
  workload: nullable(
    object({
      askedInput: tokenCounts,
      sentInput: tokenCounts,
      askedOutput: tokenCounts,
      countedBy: object<Record<"gpt" | "estimate", number>>({ gpt: count, estimate: count }),
      sharedPrefix: count,
    }),
  ),
  cache: nullable(object({ cached: cacheSide, uncached: cacheSide })),
  turns: nullable(list(turn)),
  costUsd: object({
    total: maybe,
    perRequest: maybe,
    per1000Requests: maybe,
    perMillionOutputTokens: maybe,
    byKind: nullable(object({ input: finite, cachedInput: finite, output: finite, reasoning: maybe })),
    outputTokens: count,
    reported: maybe,
    reportedRequests: count,
    priced: count,
    unpriced: count,
    price: nullable(object({ modelId: text, source: text, asOf: text })),
  }),
  server: nullable(
    object({
      queue: distribution,
      load: distribution,
      prompt: distribution,
      generation: distribution,
      total: distribution,
      perToken: distribution,
      ttft: distribution,
      processing: distribution,
    }),
  ),
  models: table(count),
  rateLimits: table(text),
  load: nullable(load),
  series: nullable(series),
  drift: nullable(drift),
});

const sweep = object<SweepSummary>({ label: text, kind, knee: maybe, endedEarly: flag });

const search = object<SearchSummary>({
  label: text,
  kind,
  thresholds: list(text),
  status: oneOf(["found", "not-found", "not-met", "undecided", "interrupted"]),
  highestMet: maybe,
  lowestMissed: maybe,
  verdict: text,
  probes: list(object({ level: finite, met: nullable(flag), certain: flag, growing: flag, reasons: list(text) })),
});

/** See `ThresholdStatistic`. */
export function statistic(value: unknown, path: string): ThresholdStatistic {
  return typeof value === "number" ? finite(value, path) : oneOf(["min", "mean", "max"])(value, path);
}

/** See `ThresholdUnit`. */
export const unit = oneOf(["ns", "per second", "share", "USD", "tokens", "requests"]);

const threshold = object<ThresholdOutcome>({
  text,
  label: text,
  metric: oneOf(THRESHOLD_METRIC_NAMES),
  statistic: nullable(statistic),
  operator: oneOf(["<", "<=", ">", ">="]),
  limit: maybe,
  unit,
  met: nullable(flag),
  certain: flag,
  value: maybe,
  interval: nullable(interval),
  reason: text,
  reference: nullable(object({ name: text, allowed: finite, value: maybe, change: maybe })),
});

const resources = object<ResourceSummary>({
  threads: count,
  utilization: object({ mean: finite, max: finite }),
  gc: object({ count, totalNs: finite, maxNs: finite }),
  cpuNs: finite,
  cpuScope: oneOf(["thread", "process"]),
  rss: object({ startBytes: finite, maxBytes: finite, endBytes: finite }),
});

/** See `InstrumentSummary`. */
export const instrument = object<InstrumentSummary>({
  lateness: distribution,
  taintedShare: maybe,
  compared: count,
  state: oneOf(["fine", "client-limited", "unknown"]),
  verdict: text,
  resources: nullable(resources),
});

/** Who made a document. */
export const tool = object({ name: text, version: text });

/** See `Report.definitions`. */
export const definitions = table(object({ definition: text, unit: oneOf(["ns", "per second", "tokens", "USD", "requests"]) }));

const report = object<Report>({
  schema: oneOf([1]),
  tool,
  run: manifest,
  definitions,
  groups: list(group),
  sweeps: list(sweep),
  searches: list(search),
  thresholds: list(threshold),
  instrument,
  notes: list(text),
});

/** What came in place of a report, where that can be told. */
function stranger(value: unknown): string | null {
  if (Array.isArray(value)) return "a list";
  if (typeof value !== "object" || value === null) return "something that is no object";
  if ("attempts" in value && "arrivals" in value) return "the record of one request";
  if ("kind" in value && value.kind === "comparison") return "a comparison";
  if (!("schema" in value) || !("groups" in value)) return "an object of another kind";
  if (value.schema !== 1) return `one of schema ${JSON.stringify(value.schema)?.slice(0, 20)}, which another version of the tool wrote`;
  return null;
}

/**
 * Narrows what may be a report, such as a saved one after `JSON.parse`. Fields that are not known are left out. Throws `INVALID_REPORT`, naming the
 * field or what came instead. The histograms inside are looked at only when they are used.
 */
export function toReport(value: unknown): Report {
  const instead = stranger(value);
  if (instead !== null) throw new LensError("INVALID_REPORT", `Expected a report of schema 1, got ${instead}.`);
  return report(value, "");
}

/** Reads a report that was saved as JSON. Throws `INVALID_REPORT` as `toReport` does, and for text that is no JSON or was cut off. */
export function parseReport(json: string): Report {
  return toReport(readJson(json));
}

/** What a text is as JSON. Throws `INVALID_REPORT`, saying what came instead. */
export function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new LensError("INVALID_REPORT", `Expected a report as JSON, got ${brokenText(json)}.`, { cause });
  }
}

function brokenText(json: string): string {
  const start = json.trimStart();
  if (start === "") return "nothing";
  if (!start.startsWith("{")) return "a text that is no JSON";
  const firstLine = start.slice(0, start.indexOf("\n") + 1);
  if (firstLine.trimEnd().endsWith("}")) return "several lines of JSON, such as the records of requests";
  return start.trimEnd().endsWith("}") ? "JSON with a mistake in it" : "JSON that was cut off";
}
