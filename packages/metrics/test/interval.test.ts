import { createRandom } from "@lens/core";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHistogram, histogramInterval, quantileInterval, quantileRanks, shareInterval } from "../src/index.ts";

/** n over k in whole numbers: obviously right, and slow. */
function choose(n: number, k: number): bigint {
  let ways = 1n;
  for (let i = 1n; i <= BigInt(k); i += 1n) ways = (ways * (BigInt(n) - i + 1n)) / i;
  return ways;
}

const SCALE = 10n ** 60n;

/** P(B ≤ k) for B of n trials with a success chance of `permille` in 1,000, times 10^60 and exact but for the last digits. */
function cumulative(n: number, k: number, permille: number): bigint {
  let sum = 0n;
  for (let i = 0; i <= k; i += 1) sum += choose(n, i) * BigInt(permille) ** BigInt(i) * BigInt(1000 - permille) ** BigInt(n - i);
  return (sum * SCALE) / 1000n ** BigInt(n);
}

describe("the ranks that hold a quantile", () => {
  // Of the median: the critical values of the two-sided sign test at 5 %, plus one (Conover, Practical Nonparametric Statistics).
  test.each([
    [6, 1],
    [8, 1],
    [9, 2],
    [12, 3],
    [15, 4],
    [17, 5],
    [20, 6],
    [25, 8],
    [30, 10],
    [35, 12],
    [40, 14],
    [45, 16],
    [50, 18],
    [100, 40],
  ])("of the median of %s samples are %s from either end", (count, rank) => {
    expect(quantileRanks(count, { percentile: 50 })).toEqual({ lowerRank: rank, upperRank: count + 1 - rank });
  });

  test("of the median of 5 samples do not exist: both ends may be missed with 1 in 32", () => {
    expect(quantileRanks(5, { percentile: 50 })).toEqual({ lowerRank: null, upperRank: null });
  });

  // How many samples a one-sided 95 % bound needs so that its largest, second largest, … may be taken (Wilks 1941, 1942).
  test.each([
    [90, 29, 1],
    [95, 59, 1],
    [95, 93, 2],
    [95, 124, 3],
    [95, 153, 4],
    [95, 181, 5],
    [99, 299, 1],
    [99, 473, 2],
  ])("bound p%s from above with %s samples by the %s. largest, and not with one fewer", (percentile, count, place) => {
    expect(quantileRanks(count, { percentile, confidence: 0.9 }).upperRank).toBe(count + 1 - place);
    const before = quantileRanks(count - 1, { percentile, confidence: 0.9 }).upperRank;
    expect(before).toBe(place === 1 ? null : count + 1 - place);
  });

  test("are those of the binomial distribution, summed in whole numbers", () => {
    const tail = SCALE / 40n;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 1, max: 999 }), (count, permille) => {
        let lower = 0;
        while (cumulative(count, lower, permille) <= tail) lower += 1;
        let upper = count + 1;
        while (SCALE - cumulative(count, upper - 2, permille) <= tail) upper -= 1;
        expect(quantileRanks(count, { percentile: permille / 10 })).toEqual({
          lowerRank: lower < 1 ? null : lower,
          upperRank: upper > count ? null : upper,
        });
      }),
      { numRuns: 60 },
    );
  });

  test("mirror each other", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e6 }), fc.constantFrom(1, 5, 12.5, 25), (count, percentile) => {
        const low = quantileRanks(count, { percentile });
        const high = quantileRanks(count, { percentile: 100 - percentile });
        expect(high.upperRank).toBe(low.lowerRank === null ? null : count + 1 - low.lowerRank);
        expect(high.lowerRank).toBe(low.upperRank === null ? null : count + 1 - low.upperRank);
      }),
    );
  });

  test("come near the normal approximation for a million samples, where that is good", () => {
    const { lowerRank, upperRank } = quantileRanks(1e6, { percentile: 50 });
    expect(lowerRank).toBe(499_020);
    expect(upperRank).toBe(500_981);
    expect(Math.abs((lowerRank ?? 0) - (5e5 - 1.959964 * 500))).toBeLessThan(1.5);
  });

  test("lie farther out where samples are worth fewer independent ones", () => {
    expect(quantileRanks(1000, { percentile: 50, independent: 100 })).toEqual({ lowerRank: 391, upperRank: 610 });
    expect(quantileRanks(1000, { percentile: 50, independent: 5000 })).toEqual(quantileRanks(1000, { percentile: 50 }));
  });

  test.each([
    { percentile: 0 },
    { percentile: 100 },
    { percentile: Number.NaN },
    { percentile: 50, confidence: 0 },
    { percentile: 50, confidence: 1 },
  ])("are refused for %j", (question) => {
    expect(() => quantileRanks(10, question)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("do not exist without samples", () => {
    expect(quantileRanks(0, { percentile: 50 })).toEqual({ lowerRank: null, upperRank: null });
  });
});

describe("the interval of a quantile", () => {
  test("of samples and of their histogram is the same where buckets are exact", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2000 }), { maxLength: 300 }),
        fc.constantFrom(10, 50, 95, 99),
        (values, percentile) => {
          const histogram = createHistogram();
          for (const value of values) histogram.record(value);
          expect(histogramInterval(histogram, { percentile })).toEqual(
            quantileInterval(
              values.toSorted((a, b) => a - b),
              { percentile },
            ),
          );
        },
      ),
    );
  });

  test("has no upper end for p99 of 200 samples, and a lower one", () => {
    const values = Array.from({ length: 200 }, (_, index) => index + 1);
    expect(quantileInterval(values, { percentile: 99 })).toEqual({ lower: 195, upper: null });
  });

  test.each([
    [50, 40],
    [95, 200],
    [99, 1000],
    [5, 150],
  ])("holds the true p%s of %s samples at least as often as it says", (percentile, count) => {
    const random = createRandom(7, percentile);
    const truth = { 5: -1.6448536, 50: 0, 95: 1.6448536, 99: 2.3263479 }[percentile] ?? Number.NaN;
    const trials = 1000;
    let below = 0;
    let above = 0;
    for (let trial = 0; trial < trials; trial += 1) {
      const sample = Array.from({ length: count }, () => random.normal()).toSorted((a, b) => a - b);
      const { lower, upper } = quantileInterval(sample, { percentile, confidence: 0.9 });
      if (lower !== null && truth < lower) below += 1;
      if (upper !== null && truth > upper) above += 1;
    }
    // Each end errs in at most 5 %; three standard deviations of a thousand trials are 2.1 %.
    expect(below / trials).toBeLessThan(0.05 + 0.021);
    expect(above / trials).toBeLessThan(0.05 + 0.021);
    expect(below + above).toBeGreaterThan(0);
  });
});

describe("the interval of a share", () => {
  // Clopper and Pearson's, at 95 %: 3 of 10 and 0 of 10 by the tables of Documenta Geigy; 0 of n is 1 − 0.025^(1/n).
  test.each([
    [0, 10, 0, 0.3085],
    [3, 10, 0.0667, 0.6525],
    [10, 10, 0.6915, 1],
    [5, 100, 0.0164, 0.1128],
    [0, 369, 0, 0.00995],
  ])("%s of %s", (hits, count, lower, upper) => {
    const interval = shareInterval(hits, count);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });

  test("has ends at which the count just stops being a surprise", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 80 }), fc.nat(80), (count, wanted) => {
        const hits = Math.min(wanted, count);
        const { lower, upper } = shareInterval(hits, count);
        const at = (share: number | null): number => Math.round((share ?? Number.NaN) * 1000);
        const slack = SCALE / 40n + SCALE / 500n;
        if (hits > 0 && at(lower) > 1) expect(SCALE - cumulative(count, hits - 1, at(lower) - 1) < slack).toBe(true);
        if (hits < count && at(upper) < 999) expect(cumulative(count, hits, at(upper) + 1) < slack).toBe(true);
        expect(lower).toBeLessThanOrEqual(hits / count);
        expect(upper).toBeGreaterThanOrEqual(hits / count);
      }),
    );
  });

  test("of no trials says nothing", () => {
    expect(shareInterval(0, 0)).toEqual({ lower: null, upper: null });
  });
});
