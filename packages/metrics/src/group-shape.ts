import { type ErrorCode, OUTCOME_KINDS, type OutcomeKind, type Target, type UsageSource } from "@lens/core";
import { distribution, interval, maybe, rates, tokenCounts } from "./distribution-shape.ts";
import type { DriftSummary } from "./drift.ts";
import type { ErrorCluster } from "./error-cluster.ts";
import type { LoadLevel, LoadSummary, ScheduleSummary } from "./load-summary.ts";
import type { GoodputSummary, GroupSummary } from "./report.ts";
import type { SeriesSummary } from "./series.ts";
import { count, finite, flag, list, nullable, object, oneOf, type Reader, table, text } from "./shape.ts";
import type { Slo } from "./slo.ts";
import type { TimeWindow } from "./time-window.ts";
import type { TurnSummary } from "./turn-summary.ts";
import type { CacheSide } from "./workload-summary.ts";

/** See `Target`. */
export const target = object<Target>({ provider: text, model: text, label: text, origin: nullable(text) });

/** See `LoadLevel.kind`. */
export const kind = oneOf(["concurrency", "rate"]);
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
