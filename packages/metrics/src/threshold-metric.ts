import { type Distribution, fromDistribution, fromRateDistribution, RATE_SCALE, type RateDistribution } from "./distribution.ts";
import type { Histogram } from "./histogram.ts";
import type { CostSummary, GroupSummary } from "./report.ts";

/** In what a threshold's limit is given: whole nanoseconds, a share from 0 to 1, US dollars, or plainly counted. */
export type ThresholdUnit = "ns" | "per second" | "share" | "USD" | "tokens" | "requests";

/** The samples of a metric. */
export interface Samples {
  /** In the metric's unit, times `scale`. */
  readonly histogram: Histogram;
  readonly scale: number;
  /** How many samples one failed request stands for. */
  readonly perFailure: number;
}

/** How many of some trials came out so. */
export interface Trials {
  readonly hits: number;
  readonly count: number;
}

/** A metric that a threshold can be on: of many samples, a share of trials, or a single figure. Each reading is null where the group cannot give it. */
export type MetricSource =
  | { readonly kind: "samples"; readonly unit: "ns" | "per second"; readonly read: (group: GroupSummary) => Samples | null }
  | { readonly kind: "share"; readonly unit: "share"; readonly read: (group: GroupSummary) => Trials | null }
  | { readonly kind: "figure"; readonly unit: ThresholdUnit; readonly read: (group: GroupSummary) => number | null };

const answered = ({ outcomes }: GroupSummary): number => outcomes.ok + outcomes.truncated;

/** Requests that were not answered, however they ended: each counts as worse than any that was. */
export const failedRequests = (group: GroupSummary): number => group.requests - answered(group);

function durations(
  read: (group: GroupSummary) => Distribution | null,
  perFailure: (group: GroupSummary, count: number) => number = () => 1,
): MetricSource {
  return {
    kind: "samples",
    unit: "ns",
    read: (group) => {
      const distribution = read(group);
      if (distribution === null) return null;
      return { histogram: fromDistribution(distribution), scale: 1, perFailure: perFailure(group, distribution.count) };
    },
  };
}

function rates(read: (group: GroupSummary) => RateDistribution): MetricSource {
  return {
    kind: "samples",
    unit: "per second",
    read: (group) => ({ histogram: fromRateDistribution(read(group)), scale: RATE_SCALE, perFailure: 1 }),
  };
}

const figure = (unit: ThresholdUnit, read: (group: GroupSummary) => number | null): MetricSource => ({ kind: "figure", unit, read });

/** Money is known only where every answer could be priced. */
function money(read: (cost: CostSummary) => number | null): MetricSource {
  return figure("USD", (group) => (group.costUsd.priced < answered(group) ? null : read(group.costUsd)));
}

/** Goodput, where it is known of every request; one of which it is not might have been either. */
const knownGoodput = ({ goodput, requests }: GroupSummary): GroupSummary["goodput"] => (goodput?.judged === requests ? goodput : null);

/** A failed request would have had as many gaps as the answered ones have. */
const gapsPerRequest = (group: GroupSummary, gaps: number): number => (answered(group) === 0 ? 1 : Math.ceil(gaps / answered(group)));
/** Few requests open a connection: a failed one is no sample of how long that takes. */
const none = (): number => 0;

/** What a threshold can be on, by its name in a report. */
export const THRESHOLD_METRICS = {
  ttft: durations((group) => group.ttft),
  ttfo: durations((group) => group.ttfo),
  ttfb: durations((group) => group.ttfb),
  tpot: durations((group) => group.tpot),
  itl: durations((group) => group.itl, gapsPerRequest),
  chunkGap: durations((group) => group.chunkGap, gapsPerRequest),
  e2e: durations((group) => group.e2e),
  "response.ttft": durations((group) => group.response?.ttft ?? null),
  "response.ttfo": durations((group) => group.response?.ttfo ?? null),
  "response.e2e": durations((group) => group.response?.e2e ?? null),
  "phases.dns": durations((group) => group.phases.dns, none),
  "phases.connect": durations((group) => group.phases.connect, none),
  "phases.tls": durations((group) => group.phases.tls, none),
  outputTokensPerSecond: rates((group) => group.outputTokensPerSecond),
  effectiveTokensPerSecond: rates((group) => group.effectiveTokensPerSecond),
  errorRate: { kind: "share", unit: "share", read: (group) => ({ hits: failedRequests(group), count: group.requests }) },
  goodput: {
    kind: "share",
    unit: "share",
    read: (group) => {
      const known = knownGoodput(group);
      return known === null ? null : { hits: known.met, count: known.judged };
    },
  },
  "goodput.ratePerSecond": figure("per second", (group) => knownGoodput(group)?.ratePerSecond ?? null),
  requests: figure("requests", (group) => group.requests),
  "throughput.requestsPerSecond": figure("per second", (group) => group.throughput.requestsPerSecond),
  "throughput.systemTokensPerSecond": figure("per second", (group) => group.throughput.systemTokensPerSecond),
  "tokens.perChunk": figure("tokens", (group) => group.tokens.perChunk),
  "costUsd.total": money((cost) => cost.total),
  "costUsd.perRequest": money((cost) => cost.perRequest),
  "costUsd.per1000Requests": money((cost) => cost.per1000Requests),
  "costUsd.perMillionOutputTokens": money((cost) => cost.perMillionOutputTokens),
} as const satisfies Readonly<Record<string, MetricSource>>;

/** The name of a metric that a threshold can be on. */
export type ThresholdMetric = keyof typeof THRESHOLD_METRICS;

/** What people also call them. Case, blanks, dots, hyphens and underscores make no difference. */
const ALIASES: Readonly<Record<string, ThresholdMetric>> = {
  "time to first token": "ttft",
  "time to first output": "ttfo",
  "time to first byte": "ttfb",
  "time per output token": "tpot",
  "inter-token latency": "itl",
  "end to end": "e2e",
  dns: "phases.dns",
  connect: "phases.connect",
  tls: "phases.tls",
  errors: "errorRate",
  "goodput share": "goodput",
  "goodput rate": "goodput.ratePerSecond",
  "requests per second": "throughput.requestsPerSecond",
  rps: "throughput.requestsPerSecond",
  "system tokens per second": "throughput.systemTokensPerSecond",
  "tokens per chunk": "tokens.perChunk",
  cost: "costUsd.total",
  "total cost": "costUsd.total",
  "cost per request": "costUsd.perRequest",
  "cost per 1000 requests": "costUsd.per1000Requests",
  "cost per million output tokens": "costUsd.perMillionOutputTokens",
};

const bare = (name: string): string => name.toLowerCase().replace(/[\s._-]/g, "");

const names = Object.keys(THRESHOLD_METRICS) as ThresholdMetric[];
const byBareName = new Map<string, ThresholdMetric>([
  ...names.map((name) => [bare(name), name] as const),
  ...Object.entries(ALIASES).map(([alias, name]) => [bare(alias), name] as const),
]);

/** The names of all metrics, as in a report. */
export const THRESHOLD_METRIC_NAMES: readonly ThresholdMetric[] = names;

/** All that may be typed for a metric, the names of reports first. */
export const METRIC_WORDS: readonly string[] = [...names, ...Object.keys(ALIASES)];

/** The metric of that name, in whatever case and spacing; null for none. */
export function findMetric(name: string): ThresholdMetric | null {
  return byBareName.get(bare(name)) ?? null;
}
