import { LensError } from "@lens/core";
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from "hdr-histogram-js";
import { supportsPercentile } from "./sample-size.ts";

/** The largest value that has a bucket of its own: 24 h in nanoseconds. */
const HIGHEST_VALUE = 24 * 3600 * 1e9;
const SIGNIFICANT_DIGITS = 3;
/** Values below 2,048 are exact; above, each power of two is cut into 1,024 buckets: HdrHistogram's layout for 3 digits. */
const BUCKETS_PER_OCTAVE = 1024;
const OCTAVE_WIDTHS = Array.from({ length: 64 }, (_, exponent) => 2 ** exponent);
const TWO_TO_32 = 2 ** 32;

/** What is kept of the samples, exactly, beside the buckets. */
export interface SampleMoments {
  readonly count: number;
  /** Exact up to 2^53, which is 104 days of nanoseconds. */
  readonly sum: number;
  /** Sum of the squared differences from the mean. */
  readonly squares: number;
  /** Infinity and −Infinity where there is no sample. */
  readonly min: number;
  readonly max: number;
}

/**
 * Counts whole numbers, such as nanoseconds, in a few kilobytes whatever their number. A percentile is right to 1 in 1,024
 * (to 1 below 2,048); count, minimum, maximum, mean and deviation are exact.
 */
export interface Histogram {
  /** Takes in one sample. Throws `INVALID_ARGUMENT` for what is not a whole number from 0 up, NaN included. */
  record(value: number): void;
  /** Takes in all samples of another, as if they had been recorded here. */
  merge(other: Histogram): void;
  moments(): SampleMoments;
  /** Arithmetic mean; null without samples. */
  mean(): number | null;
  /** Sample standard deviation (n − 1); null for fewer than two samples. */
  standardDeviation(): number | null;
  /**
   * The smallest recorded value, to the histogram's resolution, that at least `percentile` percent of the samples do not exceed;
   * never outside the true minimum and maximum. Null where fewer than one sample lies beyond it. Samples above 24 h
   * count as 24 h here. Throws `INVALID_ARGUMENT` unless 0 < percentile < 100.
   */
  percentile(percentile: number): number | null;
  /** The sample of that rank, counted from the smallest (1) up, as `percentile` would give it. Throws `INVALID_ARGUMENT` for a rank that no sample has. */
  valueAtRank(rank: number): number;
  /** How many samples each bucket holds; a view that the next `record` may replace. */
  counts(): Uint32Array;
}

/** Where HdrHistogram keeps a value: octave by octave. The logarithm comes from the integer's own bits, which is exact and fast. */
function bucketOf(value: number): number {
  const exponent = value < TWO_TO_32 ? 31 - Math.clz32(value) : 63 - Math.clz32(value / TWO_TO_32);
  const octave = exponent > 10 ? exponent - 10 : 0;
  return octave * BUCKETS_PER_OCTAVE + Math.floor(value / (OCTAVE_WIDTHS[octave] ?? 1));
}

const HIGHEST_BUCKET = bucketOf(HIGHEST_VALUE);

function lowestOf(bucket: number): number {
  const octave = Math.max(0, Math.floor(bucket / BUCKETS_PER_OCTAVE) - 1);
  return (bucket - octave * BUCKETS_PER_OCTAVE) * (OCTAVE_WIDTHS[octave] ?? 1);
}

const highestOf = (bucket: number): number => lowestOf(bucket + 1) - 1;

/** The rank, counted from 1, of the sample that is a percentile of so many. The subtraction undoes a rounding error upward, which would skip a sample. */
export function nearestRank(count: number, percentile: number): number {
  const exact = (count * percentile) / 100;
  return Math.max(1, Math.ceil(exact - exact * 1e-12));
}

function fail(expected: string, value: number): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${value}\`.`);
}

/** A histogram without samples, or with those of `start`. */
function create(start: SampleMoments, startCounts: Uint32Array): Histogram {
  let counts = startCounts;
  let { count, sum, squares, min, max } = start;

  function reserve(length: number): void {
    if (length <= counts.length) return;
    const grown = new Uint32Array(Math.ceil(length / BUCKETS_PER_OCTAVE) * BUCKETS_PER_OCTAVE);
    grown.set(counts);
    counts = grown;
  }

  function valueAtRank(rank: number): number {
    if (!Number.isSafeInteger(rank) || rank < 1 || rank > count) fail(`a rank from 1 to ${count}`, rank);
    let seen = 0;
    let bucket = -1;
    while (seen < rank) {
      bucket += 1;
      seen += counts[bucket] ?? 0;
    }
    return Math.min(max, Math.max(min, highestOf(bucket)));
  }

  return {
    record(value) {
      if (!Number.isSafeInteger(value) || value < 0) fail("a sample to be a whole number from 0 up", value);
      const bucket = value < HIGHEST_VALUE ? bucketOf(value) : HIGHEST_BUCKET;
      if (bucket >= counts.length) reserve(bucket + 1);
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      // Welford's update, with a mean that cannot drift because the sum is exact.
      const meanBefore = count === 0 ? value : sum / count;
      count += 1;
      sum += value;
      squares += (value - meanBefore) * (value - sum / count);
      if (value < min) min = value;
      if (value > max) max = value;
    },
    merge(other) {
      const added = other.moments();
      if (added.count === 0) return;
      const addedCounts = other.counts();
      reserve(addedCounts.length);
      for (let bucket = 0; bucket < addedCounts.length; bucket += 1) counts[bucket] = (counts[bucket] ?? 0) + (addedCounts[bucket] ?? 0);
      // Chan, Golub and LeVeque (1979): the squares of two samples about their common mean.
      const apart = count === 0 ? 0 : added.sum / added.count - sum / count;
      squares += added.squares + (apart * apart * count * added.count) / (count + added.count);
      count += added.count;
      sum += added.sum;
      min = Math.min(min, added.min);
      max = Math.max(max, added.max);
    },
    moments: () => ({ count, sum, squares, min, max }),
    mean: () => (count === 0 ? null : sum / count),
    standardDeviation: () => (count < 2 ? null : Math.sqrt(squares / (count - 1))),
    percentile(percentile) {
      if (!(percentile > 0 && percentile < 100)) fail("a percentile between 0 and 100", percentile);
      if (!supportsPercentile(count, percentile)) return null;
      return valueAtRank(nearestRank(count, percentile));
    },
    valueAtRank,
    counts: () => counts,
  };
}

/**
 * A histogram without samples. The buckets are kept here because the library's own `recordValue` takes 0.2 µs and its
 * maximum drifts when histograms are added; `encodeHistogram` and `decodeHistogram` are the library's.
 */
export function createHistogram(): Histogram {
  return create({ count: 0, sum: 0, squares: 0, min: Infinity, max: -Infinity }, new Uint32Array(0));
}

/** The buckets in HdrHistogram's compressed V2 encoding, base64. The same samples give the same text, in whatever order they came. */
export function encodeHistogram(histogram: Histogram): string {
  // 64 bits, lest the library's 32-bit counts wrap.
  const encoded = build({
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_VALUE,
    numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
    useWebAssembly: false,
  });
  histogram.counts().forEach((count, bucket) => {
    if (count > 0) encoded.recordValueWithCount(lowestOf(bucket), count);
  });
  return encodeIntoCompressedBase64(encoded);
}

/**
 * The histogram that `encodeHistogram` gave, with the exact moments that stood beside it. Throws `INVALID_ARGUMENT` for a text that is
 * no such histogram, or that holds another number of samples.
 */
export function decodeHistogram(hdr: string, moments: SampleMoments): Histogram {
  const counts = new Uint32Array(HIGHEST_BUCKET + 1);
  let total = 0;
  try {
    const decoded = decodeFromCompressedBase64(hdr, 64, false);
    if (
      !(decoded instanceof JsHistogram) ||
      decoded.numberOfSignificantValueDigits !== SIGNIFICANT_DIGITS ||
      decoded.lowestDiscernibleValue !== 1
    ) {
      throw new Error("other resolution");
    }
    for (let bucket = 0; bucket <= HIGHEST_BUCKET; bucket += 1) {
      const count = decoded.getCountAtIndex(bucket);
      counts[bucket] = count;
      total += count;
    }
  } catch (cause) {
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected an HdrHistogram (V2, base64) of 3 digits from 1 up, got another text; was it written by another tool?",
      { cause },
    );
  }
  if (total !== moments.count) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the histogram to hold ${moments.count} samples, as its distribution says, got ${total}.`,
    );
  }
  return create(moments, counts);
}
