import * as fc from "fast-check";
import { build } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import {
  createHistogram,
  fromDistribution,
  fromRateDistribution,
  type Histogram,
  recordRate,
  supportsPercentile,
  toDistribution,
  toRateDistribution,
} from "../src/index.ts";

const DAY_NS = 24 * 3600 * 1e9;

function of(values: Iterable<number>): Histogram {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Nearest rank in a sorted list: obviously right, and slow. */
function oracle(values: readonly number[], percentile: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((values.length * percentile) / 100 - 1e-9) - 1)] ?? Number.NaN;
}

const duration = fc.oneof(
  fc.integer({ min: 0, max: 5_000 }),
  fc.integer({ min: 0, max: 1e9 }),
  fc.maxSafeInteger().map((value) => Math.abs(value) % DAY_NS),
);
const durations = fc.array(duration, { minLength: 1, maxLength: 400 });

describe("a histogram", () => {
  test("without samples says nothing, everywhere", () => {
    expect(toDistribution(createHistogram())).toMatchObject({
      count: 0,
      minNs: null,
      maxNs: null,
      meanNs: null,
      stdDevNs: null,
      p50Ns: null,
      p90Ns: null,
      p95Ns: null,
      p99Ns: null,
      p999Ns: null,
    });
    expect(Object.values(toRateDistribution(createHistogram())).filter((value) => value !== null)).toHaveLength(2);
  });

  test("of one sample knows it exactly, and gives no percentile", () => {
    expect(toDistribution(of([123_456_789]))).toMatchObject({
      count: 1,
      minNs: 123_456_789,
      maxNs: 123_456_789,
      meanNs: 123_456_789,
      stdDevNs: null,
      p50Ns: null,
    });
  });

  test("of equal samples is exact in every figure", () => {
    const figures = toDistribution(of(Array<number>(1000).fill(200_000_001)));
    expect(figures).toMatchObject({
      minNs: 200_000_001,
      maxNs: 200_000_001,
      meanNs: 200_000_001,
      stdDevNs: 0,
      p50Ns: 200_000_001,
      p999Ns: 200_000_001,
    });
  });

  test.each([Number.NaN, -1, 0.5, Infinity])("refuses %s", (value) => {
    expect(() => createHistogram().record(value)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test.each([0, 100, -5, Number.NaN])("refuses percentile %s", (percentile) => {
    expect(() => of([1, 2]).percentile(percentile)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("keeps the true maximum of a sample above 24 h, and counts it at the top", () => {
    const histogram = of([1, 2, 3, 5 * DAY_NS]);
    expect(histogram.moments()).toMatchObject({ count: 4, max: 5 * DAY_NS });
    expect(histogram.percentile(75)).toBe(3);
    const top = of([5 * DAY_NS, 6 * DAY_NS]).percentile(50);
    expect(top).toBe(5 * DAY_NS);
  });

  test("counts in the buckets in which HdrHistogram itself does", () => {
    fc.assert(
      fc.property(durations, (values) => {
        const theirs = build({
          bitBucketSize: 64,
          autoResize: false,
          lowestDiscernibleValue: 1,
          highestTrackableValue: DAY_NS,
          numberOfSignificantValueDigits: 3,
        });
        for (const value of values) theirs.recordValue(value);
        const ours = of(values);
        for (const percentile of [1, 10, 50, 75, 90, 99]) {
          if (!supportsPercentile(values.length, percentile)) continue;
          const { min, max } = ours.moments();
          expect(ours.percentile(percentile)).toBe(Math.min(max, Math.max(min, theirs.getValueAtPercentile(percentile))));
        }
      }),
    );
  });

  test("gives percentiles that are the nearest rank's, to 1 in 1,024 and never below it", () => {
    fc.assert(
      fc.property(durations, fc.constantFrom(1, 5, 10, 50, 90, 95, 99), (values, percentile) => {
        const found = of(values).percentile(percentile);
        const exact = oracle(values, percentile);
        if (!supportsPercentile(values.length, percentile)) expect(found).toBeNull();
        else {
          expect(found).toBeGreaterThanOrEqual(exact);
          expect(found).toBeLessThanOrEqual(exact + exact / 1024);
        }
      }),
    );
  });

  test("gives minimum, maximum, mean and deviation as a plain computation does", () => {
    fc.assert(
      fc.property(durations, (values) => {
        const figures = toDistribution(of(values));
        const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
        const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
        expect(figures.minNs).toBe(Math.min(...values));
        expect(figures.maxNs).toBe(Math.max(...values));
        expect(figures.meanNs).toBeCloseTo(mean, 2);
        if (values.length > 1)
          expect(Math.abs((figures.stdDevNs ?? 0) - Math.sqrt(variance))).toBeLessThanOrEqual(1e-9 * Math.sqrt(variance) + 1e-6);
      }),
    );
  });

  test("that took in others is the one that recorded all", () => {
    fc.assert(
      fc.property(fc.array(fc.array(duration, { maxLength: 80 }), { maxLength: 6 }), (parts) => {
        const merged = createHistogram();
        for (const part of parts) merged.merge(of(part));
        const whole = toDistribution(of(parts.flat()));
        const { stdDevNs, ...figures } = toDistribution(merged);
        expect(figures).toEqual({ ...whole, stdDevNs: undefined });
        expect(Math.abs((stdDevNs ?? 0) - (whole.stdDevNs ?? 0))).toBeLessThanOrEqual(1e-9 * (whole.stdDevNs ?? 0));
      }),
    );
  });

  test("comes back from its distribution, and merges as before", () => {
    fc.assert(
      fc.property(fc.array(duration, { maxLength: 200 }), fc.array(duration, { maxLength: 200 }), (first, second) => {
        const stored = JSON.parse(JSON.stringify(toDistribution(of(first)))) as ReturnType<typeof toDistribution>;
        const restored = fromDistribution(stored);
        restored.merge(of(second));
        const { stdDevNs: _deviation, ...figures } = toDistribution(restored);
        expect(figures).toEqual({ ...toDistribution(of([...first, ...second])), stdDevNs: undefined });
      }),
    );
  });

  test("refuses an encoding of something else, or of another number of samples", () => {
    const figures = toDistribution(of([1, 2, 3]));
    for (const damaged of [
      { ...figures, hdr: "no" },
      { ...figures, hdr: "" },
      { ...figures, count: 4 },
      { ...figures, hdr: figures.hdr.slice(0, -12) },
    ]) {
      expect(() => fromDistribution(damaged)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    }
  });
});

describe("rates", () => {
  test("are kept to a millionth, and come back", () => {
    const histogram = createHistogram();
    for (const rate of [49.5, 50, 50.5]) recordRate(histogram, rate);
    const figures = toRateDistribution(histogram);
    expect(figures).toMatchObject({
      count: 3,
      minPerSecond: 49.5,
      maxPerSecond: 50.5,
      meanPerSecond: 50,
      stdDevPerSecond: 0.5,
      p10PerSecond: null,
    });
    expect(figures.p50PerSecond).toBeCloseTo(50, 1);
    expect(toRateDistribution(fromRateDistribution(figures))).toEqual(figures);
  });

  test("beyond all bounds do not stop a run", () => {
    const histogram = createHistogram();
    recordRate(histogram, 1e300);
    expect(toRateDistribution(histogram).count).toBe(1);
  });
});
