import type { Distribution, PercentileIntervals, RateDistribution, TokenDistribution } from "./distribution.ts";
import type { Interval } from "./interval.ts";
import { count, finite, nullable, object, type Reader, table, text } from "./shape.ts";

/** A number, or null where there is none. */
export const maybe = nullable(finite);

/** See `Interval`. */
export const interval = object<Interval>({ lower: maybe, upper: maybe });

/** See `Distribution`. */
export const distribution = object<Distribution>({
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

/** See `RateDistribution`. */
export const rates = object<RateDistribution>({
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

/** See `TokenDistribution`. */
export const tokenCounts = object<TokenDistribution>({
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
