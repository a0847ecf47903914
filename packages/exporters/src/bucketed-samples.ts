import {
  cumulativeCounts,
  type Distribution,
  fromDistribution,
  fromTokenDistribution,
  type Histogram,
  type TokenDistribution,
} from "@lens/metrics";

/** Samples in buckets of somebody else's choice. All but the counts are in the unit of the bounds. */
export interface BucketedSamples {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** How many did not exceed each bound. */
  readonly cumulative: readonly number[];
}

const NS_PER_SECOND = 1e9;

function bucketSamples(histogram: Histogram, bounds: readonly number[], scale: number): BucketedSamples | null {
  const { count, sum, min, max } = histogram.moments();
  if (count === 0) return null;
  const cumulative = cumulativeCounts(
    histogram,
    bounds.map((bound) => Math.round(bound * scale)),
  );
  return { count, sum: sum / scale, min: min / scale, max: max / scale, cumulative };
}

/**
 * Durations in buckets of those upper bounds, in seconds, which ascend; null without samples. Count, sum and extremes are exact; a bound acts as if it
 * lay up to 1/1,024 lower. Throws `INVALID_ARGUMENT` for a histogram that cannot be read.
 */
export function bucketDurations(distribution: Distribution, boundsSeconds: readonly number[]): BucketedSamples | null {
  return bucketSamples(fromDistribution(distribution), boundsSeconds, NS_PER_SECOND);
}

/** As `bucketDurations`, of tokens. */
export function bucketTokens(distribution: TokenDistribution, bounds: readonly number[]): BucketedSamples | null {
  return bucketSamples(fromTokenDistribution(distribution), bounds, 1);
}
