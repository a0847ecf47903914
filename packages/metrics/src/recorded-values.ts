import { highestOf, type Histogram } from "./histogram.ts";

/** Samples that a histogram does not tell apart. */
export interface RecordedValue {
  /** The largest value of their bucket, but no more than the true maximum: what a percentile says for them. */
  readonly value: number;
  readonly count: number;
}

/** The samples of a histogram, from the smallest up. */
export function recordedValues(histogram: Histogram): readonly RecordedValue[] {
  const { max } = histogram.moments();
  const values: RecordedValue[] = [];
  histogram.eachBucket((bucket, count) => values.push({ value: Math.min(highestOf(bucket), max), count }));
  return values;
}

/**
 * How many samples do not exceed each of `bounds`, which ascend. A bound in the midst of a bucket, which is at most 1/1,024 of it wide, leaves that bucket
 * out.
 */
export function cumulativeCounts(histogram: Histogram, bounds: readonly number[]): readonly number[] {
  const counts: number[] = [];
  let seen = 0;
  for (const { value, count } of recordedValues(histogram)) {
    while (counts.length < bounds.length && value > (bounds[counts.length] ?? Infinity)) counts.push(seen);
    seen += count;
  }
  return [...counts, ...bounds.slice(counts.length).map(() => seen)];
}
