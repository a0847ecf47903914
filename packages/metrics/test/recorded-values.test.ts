import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHistogram, cumulativeCounts, type Histogram, recordedValues } from "../src/index.ts";

function histogramOf(samples: readonly number[]): Histogram {
  const histogram = createHistogram();
  for (const sample of samples) histogram.record(sample);
  return histogram;
}

describe("counting the samples up to bounds", () => {
  test("counts those that do not exceed each bound", () => {
    expect(cumulativeCounts(histogramOf([1, 5, 5, 10, 2000]), [1, 4, 5, 10, 100, 5000])).toEqual([1, 1, 3, 4, 4, 5]);
  });

  test("counts nothing where there are no samples, and holds nothing where there are no bounds", () => {
    expect(cumulativeCounts(createHistogram(), [1, 2])).toEqual([0, 0]);
    expect(cumulativeCounts(histogramOf([1]), [])).toEqual([]);
  });

  test("takes the true maximum for the largest sample, not the end of its bucket", () => {
    expect(cumulativeCounts(histogramOf([200_000_000]), [199_999_999, 200_000_000])).toEqual([0, 1]);
  });

  test("takes a sample for the largest value of its bucket, as percentiles do", () => {
    const histogram = histogramOf([1_000_000, 2_000_000, 3_000_000]);
    const median = histogram.percentile(50) ?? 0;
    expect(median).toBeGreaterThan(2_000_000);
    expect(cumulativeCounts(histogram, [median - 1, median])).toEqual([1, 2]);
  });

  test("agrees with counting one by one, to the resolution of the histogram", () => {
    const sample = fc.integer({ min: 0, max: 1e12 });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 200 }), fc.uniqueArray(sample, { maxLength: 20 }), (samples, unordered) => {
        const bounds = unordered.toSorted((left, right) => left - right);
        const counts = cumulativeCounts(histogramOf(samples), bounds);
        const upTo = (bound: number): number => samples.filter((value) => value <= bound).length;
        expect(counts).toHaveLength(bounds.length);
        bounds.forEach((bound, index) => {
          expect(counts[index]).toBeLessThanOrEqual(upTo(bound));
          expect(counts[index]).toBeGreaterThanOrEqual(upTo(bound - bound / 1000 - 1));
        });
      }),
    );
  });
});

describe("what a histogram recorded", () => {
  test("is each sample as a percentile would say it, from the smallest up", () => {
    expect(recordedValues(histogramOf([30, 10, 30]))).toEqual([
      { value: 10, count: 1 },
      { value: 30, count: 2 },
    ]);
    // A bucket of 2,048 values, of which none lies above the largest sample.
    expect(recordedValues(histogramOf([3_000_000, 3_000_100]))).toEqual([{ value: 3_000_100, count: 2 }]);
    expect(recordedValues(createHistogram())).toEqual([]);
  });
});
