import { highestOf, type Histogram } from "./histogram.ts";

/**
 * How many samples do not exceed each of `bounds`, which ascend. A sample counts as the largest value of its bucket, as it does in a percentile: a bound in
 * the midst of a bucket, which is at most 1/1,024 of it wide, leaves that bucket out.
 */
export function cumulativeCounts(histogram: Histogram, bounds: readonly number[]): readonly number[] {
  const { max } = histogram.moments();
  const counts: number[] = [];
  let seen = 0;
  histogram.eachBucket((bucket, count) => {
    const value = Math.min(highestOf(bucket), max);
    while (counts.length < bounds.length && value > (bounds[counts.length] ?? Infinity)) counts.push(seen);
    seen += count;
  });
  return [...counts, ...bounds.slice(counts.length).map(() => seen)];
}
