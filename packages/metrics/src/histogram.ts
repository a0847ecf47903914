import { LensError } from "@lens/core";
import { build, decodeFromCompressedBase64, encodeIntoCompressedBase64, JsHistogram } from "hdr-histogram-js";
import { supportsPercentile } from "./sample-size.ts";

/** The largest value that has a bucket of its own: 24 h in nanoseconds. */
const HIGHEST_VALUE = 24 * 3600 * 1e9;
const SIGNIFICANT_DIGITS = 3;
/** Values below 2,048 are exact; above, each power of two is cut into 1,024 buckets: HdrHistogram's layout for 3 digits. */
const BUCKETS_PER_OCTAVE = 1024;
/** Counts are kept in pages of so many buckets, made when the first sample falls into one: most histograms span few octaves. */
const PAGE_SHIFT = 8;
const PAGE_SIZE = 1 << PAGE_SHIFT;
const PAGE_MASK = PAGE_SIZE - 1;
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
  /** Goes through the buckets that hold samples, from the lowest up. */
  eachBucket(visit: (bucket: number, count: number) => void): void;
  /** How many samples each bucket holds, up to the last that holds any. */
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

/** The largest value that counts into a bucket: what a percentile says for all of them. */
export const highestOf = (bucket: number): number => lowestOf(bucket + 1) - 1;

/** The rank, counted from 1, of the sample that is a percentile of so many. The subtraction undoes a rounding error upward, which would skip a sample. */
export function nearestRank(count: number, percentile: number): number {
  const exact = (count * percentile) / 100;
  return Math.max(1, Math.ceil(exact - exact * 1e-12));
}

function fail(expected: string, value: number): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${value}\`.`);
}

const NO_SAMPLES: SampleMoments = { count: 0, sum: 0, squares: 0, min: Infinity, max: -Infinity };

/** Counts by bucket, most of which are 0. */
interface Buckets {
  add(bucket: number, count: number): void;
  each(visit: (bucket: number, count: number) => void): void;
  /** The bucket of the sample of that rank, counted from 1. */
  find(rank: number): number;
}

function createBuckets(): Buckets {
  const pages: (Uint32Array | undefined)[] = [];
  return {
    add(bucket, count) {
      const page = (pages[bucket >> PAGE_SHIFT] ??= new Uint32Array(PAGE_SIZE));
      const offset = bucket & PAGE_MASK;
      page[offset] = (page[offset] ?? 0) + count;
    },
    each(visit) {
      for (const [index, page] of pages.entries()) {
        if (page === undefined) continue;
        for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
          const count = page[offset] ?? 0;
          if (count > 0) visit((index << PAGE_SHIFT) + offset, count);
        }
      }
    },
    find(rank) {
      let seen = 0;
      for (const [index, page] of pages.entries()) {
        if (page === undefined) continue;
        for (let offset = 0; offset < PAGE_SIZE; offset += 1) {
          seen += page[offset] ?? 0;
          if (seen >= rank) return (index << PAGE_SHIFT) + offset;
        }
      }
      return HIGHEST_BUCKET;
    },
  };
}

/** A histogram of the samples in `buckets`, of which `start` is known. */
function create(start: SampleMoments, buckets: Buckets): Histogram {
  let { count, sum, squares, min, max } = start;

  function valueAtRank(rank: number): number {
    if (!Number.isSafeInteger(rank) || rank < 1 || rank > count) fail(`a rank from 1 to ${count}`, rank);
    return Math.min(max, Math.max(min, highestOf(buckets.find(rank))));
  }

  return {
    record(value) {
      if (!Number.isSafeInteger(value) || value < 0) fail("a sample to be a whole number from 0 up", value);
      buckets.add(value < HIGHEST_VALUE ? bucketOf(value) : HIGHEST_BUCKET, 1);
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
      other.eachBucket(buckets.add);
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
    eachBucket: buckets.each,
    counts() {
      const counts = new Uint32Array(count === 0 ? 0 : buckets.find(count) + 1);
      buckets.each((bucket, samples) => {
        counts[bucket] = samples;
      });
      return counts;
    },
  };
}

/**
 * A histogram without samples. The buckets are kept here because the library's own `recordValue` takes 0.2 µs and its
 * maximum drifts when histograms are added; `encodeHistogram` and `decodeHistogram` are the library's.
 */
export function createHistogram(): Histogram {
  return create(NO_SAMPLES, createBuckets());
}

/** The library's histogram for encoding: it is 300 KB large, hence one for all. */
const encoder = build({
  // 64 bits, lest the library's 32-bit counts wrap.
  bitBucketSize: 64,
  autoResize: false,
  lowestDiscernibleValue: 1,
  highestTrackableValue: HIGHEST_VALUE,
  numberOfSignificantValueDigits: SIGNIFICANT_DIGITS,
  useWebAssembly: false,
});

/** The buckets in HdrHistogram's compressed V2 encoding, base64. The same samples give the same text, in whatever order they came. */
export function encodeHistogram(histogram: Histogram): string {
  encoder.reset();
  histogram.eachBucket((bucket, count) => encoder.recordValueWithCount(lowestOf(bucket), count));
  return encodeIntoCompressedBase64(encoder);
}

/**
 * The histogram that `encodeHistogram` gave, with the exact moments that stood beside it. Throws `INVALID_ARGUMENT` for a text that is
 * no such histogram, or that holds another number of samples.
 */
export function decodeHistogram(hdr: string, moments: SampleMoments): Histogram {
  const buckets = createBuckets();
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
    const last = bucketOf(Math.min(decoded.maxValue, HIGHEST_VALUE));
    for (let bucket = 0; bucket <= last; bucket += 1) {
      const count = decoded.getCountAtIndex(bucket);
      if (count === 0) continue;
      buckets.add(bucket, count);
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
  return create(moments, buckets);
}
