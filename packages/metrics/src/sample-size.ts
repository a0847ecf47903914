/** Fewer samples than this beyond a percentile make it a figure to be careful with. */
const COMFORTABLE_SAMPLES = 10;
/** Keeps 100 − 99.9 = 0.09999999999999432 from losing the sample that it stands for. */
const ROUNDING = 1e-9;

/** How many of `count` samples are expected to lie beyond a percentile (0 to 100), on the side of its tail; may be a fraction. */
export function samplesBeyond(count: number, percentile: number): number {
  return (count * Math.min(percentile, 100 - percentile)) / 100;
}

/** The fewest samples that support a percentile, which lies strictly between 0 and 100: p95 needs 20, p99 100. */
export function samplesNeeded(percentile: number): number {
  return Math.ceil(100 / Math.min(percentile, 100 - percentile) - ROUNDING);
}

/** Whether a sample can support a percentile at all: at least one sample lies beyond it (p99 needs 100, p99.9 needs 1,000). */
export function supportsPercentile(count: number, percentile: number): boolean {
  return samplesBeyond(count, percentile) >= 1 - ROUNDING;
}

/** Whether a percentile wants a caution mark: fewer than 10 samples lie beyond it (p99 is free of it from 1,000, p99.9 from 10,000). */
export function needsCaution(count: number, percentile: number): boolean {
  return samplesBeyond(count, percentile) < COMFORTABLE_SAMPLES - ROUNDING;
}
