import { createHistogram, decodeHistogram, encodeHistogram, type Histogram } from "./histogram.ts";
import { histogramInterval, type Interval } from "./interval.ts";

const PERCENTILES = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 } as const;

/** The name of a percentile that a distribution states. */
export type PercentileName = keyof typeof PERCENTILES;

/** Where percentiles lie at 95 % confidence, by order statistics. Those that the sample bounds on neither side are absent. */
export type PercentileIntervals = Readonly<Partial<Record<PercentileName, Interval>>>;

/**
 * Durations of many samples, in nanoseconds. A percentile is null where the sample cannot support it (fewer than one
 * sample lies beyond it); all but `count` and `hdr` are null where there is no sample.
 */
export interface Distribution {
  readonly count: number;
  /** The true minimum and maximum, not those of a histogram's bucket. */
  readonly minNs: number | null;
  readonly maxNs: number | null;
  readonly meanNs: number | null;
  /** Sample standard deviation; null for fewer than two samples. */
  readonly stdDevNs: number | null;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  readonly p999Ns: number | null;
  /** An end is null where the sample bounds the percentile on that side no further. */
  readonly intervalsNs: PercentileIntervals;
  /** The whole histogram in HdrHistogram's compressed V2 encoding, base64; it merges without loss. */
  readonly hdr: string;
}

/** Rates of many samples, per second. The slow tail of a rate is its low end, hence the low percentiles. Nulls as in `Distribution`. */
export interface RateDistribution {
  readonly count: number;
  readonly minPerSecond: number | null;
  readonly maxPerSecond: number | null;
  readonly meanPerSecond: number | null;
  readonly stdDevPerSecond: number | null;
  readonly p1PerSecond: number | null;
  readonly p5PerSecond: number | null;
  readonly p10PerSecond: number | null;
  readonly p50PerSecond: number | null;
  readonly p90PerSecond: number | null;
  readonly p95PerSecond: number | null;
  readonly p99PerSecond: number | null;
  /** As in `Distribution`, in millionths per second. */
  readonly hdr: string;
}

/** Tokens of many requests. Nulls as in `Distribution`. */
export interface TokenDistribution {
  readonly count: number;
  readonly minTokens: number | null;
  readonly maxTokens: number | null;
  readonly meanTokens: number | null;
  readonly stdDevTokens: number | null;
  readonly p50Tokens: number | null;
  readonly p90Tokens: number | null;
  readonly p95Tokens: number | null;
  readonly p99Tokens: number | null;
  /** As in `Distribution`, in tokens. */
  readonly hdr: string;
}

/** Histograms hold whole numbers: rates are kept in millionths per second. */
export const RATE_SCALE = 1e6;

/** What the samples of a histogram are. */
export interface SampleOptions {
  /** How many independent ones they are worth, as the gaps of one request are not; 0 asks for no intervals. All of them unless given. */
  readonly independent?: number;
}

function intervalsOf(histogram: Histogram, independent: number): PercentileIntervals {
  const intervals: Partial<Record<PercentileName, Interval>> = {};
  if (independent < 1) return intervals;
  for (const [name, percentile] of Object.entries(PERCENTILES) as [PercentileName, number][]) {
    const interval = histogramInterval(histogram, { percentile, independent });
    if (interval.lower !== null || interval.upper !== null) intervals[name] = interval;
  }
  return intervals;
}

/** The figures of a histogram of nanoseconds. */
export function toDistribution(histogram: Histogram, { independent }: SampleOptions = {}): Distribution {
  const { count, min, max } = histogram.moments();
  return {
    count,
    minNs: count === 0 ? null : min,
    maxNs: count === 0 ? null : max,
    meanNs: histogram.mean(),
    stdDevNs: histogram.standardDeviation(),
    p50Ns: histogram.percentile(50),
    p90Ns: histogram.percentile(90),
    p95Ns: histogram.percentile(95),
    p99Ns: histogram.percentile(99),
    p999Ns: histogram.percentile(99.9),
    intervalsNs: intervalsOf(histogram, Math.min(count, independent ?? count)),
    hdr: encodeHistogram(histogram),
  };
}

/** The histogram behind a distribution, ready to be merged. Throws `INVALID_ARGUMENT` where `hdr` and `count` do not agree. */
export function fromDistribution(distribution: Distribution): Histogram {
  const { count, minNs, maxNs, meanNs, stdDevNs, hdr } = distribution;
  return restore(count, minNs, maxNs, meanNs, stdDevNs, hdr);
}

/** Adds a rate per second to a histogram that `toRateDistribution` will read. What a whole number cannot hold counts as 9 billion. */
export function recordRate(histogram: Histogram, ratePerSecond: number): void {
  histogram.record(Math.min(Math.round(ratePerSecond * RATE_SCALE), Number.MAX_SAFE_INTEGER));
}

/** The figures of a histogram that was filled by `recordRate`. */
export function toRateDistribution(histogram: Histogram): RateDistribution {
  const { count, min, max } = histogram.moments();
  const perSecond = (scaled: number | null): number | null => (scaled === null ? null : scaled / RATE_SCALE);
  return {
    count,
    minPerSecond: count === 0 ? null : min / RATE_SCALE,
    maxPerSecond: count === 0 ? null : max / RATE_SCALE,
    meanPerSecond: perSecond(histogram.mean()),
    stdDevPerSecond: perSecond(histogram.standardDeviation()),
    p1PerSecond: perSecond(histogram.percentile(1)),
    p5PerSecond: perSecond(histogram.percentile(5)),
    p10PerSecond: perSecond(histogram.percentile(10)),
    p50PerSecond: perSecond(histogram.percentile(50)),
    p90PerSecond: perSecond(histogram.percentile(90)),
    p95PerSecond: perSecond(histogram.percentile(95)),
    p99PerSecond: perSecond(histogram.percentile(99)),
    hdr: encodeHistogram(histogram),
  };
}

/** The histogram behind a distribution of rates. Throws as `fromDistribution` does. */
export function fromRateDistribution(distribution: RateDistribution): Histogram {
  const { count, minPerSecond, maxPerSecond, meanPerSecond, stdDevPerSecond, hdr } = distribution;
  const scaled = (ratePerSecond: number | null): number | null => (ratePerSecond === null ? null : ratePerSecond * RATE_SCALE);
  return restore(count, scaled(minPerSecond), scaled(maxPerSecond), scaled(meanPerSecond), scaled(stdDevPerSecond), hdr);
}

/** The figures of a histogram of tokens. */
export function toTokenDistribution(histogram: Histogram): TokenDistribution {
  const { count, min, max } = histogram.moments();
  return {
    count,
    minTokens: count === 0 ? null : min,
    maxTokens: count === 0 ? null : max,
    meanTokens: histogram.mean(),
    stdDevTokens: histogram.standardDeviation(),
    p50Tokens: histogram.percentile(50),
    p90Tokens: histogram.percentile(90),
    p95Tokens: histogram.percentile(95),
    p99Tokens: histogram.percentile(99),
    hdr: encodeHistogram(histogram),
  };
}

/** The histogram behind a distribution of tokens. Throws as `fromDistribution` does. */
export function fromTokenDistribution(distribution: TokenDistribution): Histogram {
  const { count, minTokens, maxTokens, meanTokens, stdDevTokens, hdr } = distribution;
  return restore(count, minTokens, maxTokens, meanTokens, stdDevTokens, hdr);
}

function restore(
  count: number,
  min: number | null,
  max: number | null,
  mean: number | null,
  deviation: number | null,
  hdr: string,
): Histogram {
  if (count === 0 || min === null || max === null || mean === null) return createHistogram();
  return decodeHistogram(hdr, {
    count,
    // The sum was a whole number, so rounding recovers it.
    sum: Math.round(mean * count),
    squares: deviation === null ? 0 : deviation * deviation * (count - 1),
    min: Math.round(min),
    max: Math.round(max),
  });
}
