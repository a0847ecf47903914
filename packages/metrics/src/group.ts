import { type ErrorCode, OUTCOME_KINDS, type OutcomeKind, type RequestRecord, type ServerTimings, type Target } from "@lens/core";
import type { PriceBook } from "./cost.ts";
import { effectiveTokensPerSecond, isAnswered, lastAttempt, outputTokensPerSecond } from "./derive.ts";
import { type Distribution, recordRate, toDistribution, toRateDistribution } from "./distribution.ts";
import { findDrift } from "./drift.ts";
import { DURATION_NAMES, figuresOf, type RequestFigures } from "./figures.ts";
import { createGoodputTally } from "./goodput.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { GroupSummary } from "./report.ts";
import { createSeriesTally } from "./series.ts";
import type { Slo } from "./slo.ts";
import { createCostTally, createThroughputTally, createTokenTally } from "./tally.ts";
import type { TimeWindow } from "./time-window.ts";
import { createTurnsTally } from "./turn-summary.ts";
import { createCacheTally, createWorkloadTally } from "./workload-summary.ts";

const SERVER_FIELDS = {
  queue: "queueMs",
  load: "loadMs",
  prompt: "promptMs",
  generation: "generationMs",
  total: "totalMs",
  perToken: "perTokenMs",
  ttft: "ttftMs",
  processing: "processingMs",
} as const satisfies Readonly<Record<string, keyof ServerTimings>>;

/** More chunks than this with several tokens, and a gap is no longer the time between tokens. */
const HIGHEST_TOKENS_PER_CHUNK_FOR_ITL = 1.05;
/** A server that answers under ever new model names must not fill the memory. */
const MOST_MODEL_NAMES = 20;
const OTHER_MODELS = "(others)";
const NS_PER_MS = 1e6;

/** What a group is made with. */
export interface GroupOptions {
  readonly target: Target;
  /** Null prices nothing. */
  readonly priceBook: PriceBook | null;
  /** Null takes the window from the requests themselves. */
  readonly window: TimeWindow | null;
  /** What a good request is; null counts no goodput. */
  readonly slo?: Slo | null;
  /** The width of the bins of the series; null, or none given, lets it follow from the length of the run. */
  readonly binNs?: number | null;
}

/** The requests of one target, as they come. */
export interface Group {
  add(record: RequestRecord): void;
  summary(): GroupSummary;
}

/** One value for each key. */
function each<K extends string, V>(keys: readonly K[], value: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, V>;
}

function keysOf<K extends string>(table: Readonly<Record<K, unknown>>): readonly K[] {
  return Object.keys(table) as K[];
}

function distributionsOf<K extends string>(histograms: Readonly<Record<K, Histogram>>): Record<K, Distribution> {
  return each(keysOf(histograms), (key) => toDistribution(histograms[key]));
}

/** The gaps between chunks, where a chunk is a token; null where chunks carry several tokens, or that is not known. */
export function interTokenGaps(gaps: Distribution, tokensPerChunk: number | null): Distribution | null {
  return tokensPerChunk !== null && tokensPerChunk <= HIGHEST_TOKENS_PER_CHUNK_FOR_ITL ? gaps : null;
}

/** The name under which an answer of one more model is counted. */
export function boundedName(name: string, known: ReadonlyMap<string, number>): string {
  return known.has(name) || known.size < MOST_MODEL_NAMES ? name : OTHER_MODELS;
}

function createLatencyTally() {
  const durations = each(DURATION_NAMES, createHistogram);
  const server = each(keysOf(SERVER_FIELDS), createHistogram);
  const outputRate = createHistogram();
  const effectiveRate = createHistogram();
  // Requests with gaps, since those of one request depend on one another.
  let gapped = 0;
  let scheduled = false;
  let serverSpoke = false;

  function addServer(timings: ServerTimings): void {
    for (const key of keysOf(SERVER_FIELDS)) {
      const durationNs = Math.round((timings[SERVER_FIELDS[key]] ?? Number.NaN) * NS_PER_MS);
      // Whatever a server says, only a duration is one.
      if (!Number.isSafeInteger(durationNs) || durationNs < 0) continue;
      server[key].record(durationNs);
      serverSpoke = true;
    }
  }

  return {
    add(record: RequestRecord, figures: RequestFigures): void {
      for (const name of DURATION_NAMES) {
        const durationNs = figures.durationsNs[name];
        if (durationNs !== null) durations[name].record(durationNs);
      }
      if (figures.chunkGapsNs.length > 0) gapped += 1;
      const output = outputTokensPerSecond(record);
      if (output !== null) recordRate(outputRate, output);
      const effective = effectiveTokensPerSecond(record);
      if (effective !== null) recordRate(effectiveRate, effective);
      if (record.queuedNs !== null) scheduled = true;
      if (record.server !== null) addServer(record.server);
    },
    summary(chunkGap: Histogram, tokensPerChunk: number | null) {
      const { dns, connect, tls, responseTtft, responseTtfo, responseE2e, ...latencies } = distributionsOf(durations);
      const gaps = toDistribution(chunkGap, { independent: gapped });
      return {
        phases: { dns, connect, tls },
        ...latencies,
        chunkGap: gaps,
        requestsWithGaps: gapped,
        itl: interTokenGaps(gaps, tokensPerChunk),
        response: scheduled ? { ttft: responseTtft, ttfo: responseTtfo, e2e: responseE2e } : null,
        outputTokensPerSecond: toRateDistribution(outputRate),
        effectiveTokensPerSecond: toRateDistribution(effectiveRate),
        server: serverSpoke ? distributionsOf(server) : null,
      };
    },
  };
}

/** Gathers the requests of one target, in memory that does not grow with their number. */
export function createGroup({ target, priceBook, window, slo = null, binNs = null }: GroupOptions): Group {
  const outcomes = each<OutcomeKind, number>(OUTCOME_KINDS, () => 0);
  const excluded = { warmup: 0, drain: 0 };
  const attempts = { total: 0, retriedRequests: 0 };
  const connections = { fresh: 0, reused: 0 };
  const errors: Partial<Record<ErrorCode, number>> = {};
  const models = new Map<string, number>();
  const latencies = createLatencyTally();
  const throughput = createThroughputTally(window);
  const goodput = slo === null ? null : createGoodputTally(slo);
  const series = createSeriesTally(binNs);
  const tokens = createTokenTally();
  const workload = createWorkloadTally();
  const cache = createCacheTally();
  const turns = createTurnsTally();
  const cost = createCostTally(priceBook);
  let requests = 0;
  let rateLimits: Readonly<Record<string, string>> = {};

  function count(record: RequestRecord): void {
    requests += 1;
    outcomes[record.outcome.kind] += 1;
    const code = record.outcome.error?.code;
    if (code !== undefined) errors[code] = (errors[code] ?? 0) + 1;
    attempts.total += record.attempts.length;
    if (record.attempts.length > 1) attempts.retriedRequests += 1;
    const reused = lastAttempt(record)?.reused ?? null;
    if (reused !== null) connections[reused ? "reused" : "fresh"] += 1;
    if (Object.keys(record.reply.rateLimit).length > 0) rateLimits = record.reply.rateLimit;
    if (record.reply.model !== null) {
      const name = boundedName(record.reply.model, models);
      models.set(name, (models.get(name) ?? 0) + 1);
    }
  }

  return {
    add(record) {
      if (record.phase !== "measured") {
        excluded[record.phase] += 1;
        return;
      }
      const figures = isAnswered(record) ? figuresOf(record) : null;
      const met = goodput === null ? null : goodput.add(figures);
      count(record);
      throughput.add(record, met === true);
      tokens.add(record);
      workload.add(record);
      turns.add(record);
      cost.add(record);
      series.add(record, figures, met);
      if (figures === null) return;
      latencies.add(record, figures);
      cache.add(record);
    },
    summary() {
      const tokenSummary = tokens.summary();
      const course = series.summary();
      return {
        target,
        level: null,
        requests,
        excluded: { ...excluded },
        outcomes: { ...outcomes },
        errors: { ...errors },
        attempts: { ...attempts },
        connections: { ...connections },
        ...latencies.summary(series.chunkGaps(), tokenSummary.perChunk),
        throughput: throughput.summary(),
        goodput: goodput?.summary(throughput.goodputPerSecond()) ?? null,
        tokens: tokenSummary,
        workload: workload.summary(),
        cache: cache.summary(),
        turns: turns.summary(),
        costUsd: cost.summary(),
        models: Object.fromEntries(models),
        rateLimits,
        load: null,
        series: course,
        drift: course === null ? null : findDrift(course),
      };
    },
  };
}
