import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createHistogram, type Histogram, histogramRankTest, rankTest } from "../src/index.ts";

const ascending = (values: readonly number[]): readonly number[] => values.toSorted((left, right) => left - right);

function histogramOf(values: readonly number[]): Histogram {
  const histogram = createHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

/** Samples without ties, so many of each, of whose pairs `u` have the larger one in the second. */
function samplesWithU(base: number, candidate: number, u: number): readonly [readonly number[], readonly number[]] {
  let left = u;
  const second = Array.from({ length: candidate }, (_, index) => {
    const below = Math.min(base, left);
    left -= below;
    return below + 0.5 + index / 1000;
  });
  return [Array.from({ length: base }, (_, index) => index + 1), ascending(second)];
}

/** U, pair by pair. */
function countPairs(base: readonly number[], candidate: readonly number[]): number {
  let u = 0;
  for (const from of base) for (const to of candidate) u += to > from ? 1 : to === from ? 0.5 : 0;
  return u;
}

/** All ways to choose `count` of the numbers from `from` up to `end`. */
function* choices(from: number, end: number, count: number): Generator<readonly number[]> {
  if (count === 0) yield [];
  else
    for (let first = from; first <= end - count + 1; first += 1)
      for (const rest of choices(first + 1, end, count - 1)) yield [first, ...rest];
}

describe("the rank test", () => {
  // The largest U that is significant at 5 %, two-sided, by the published tables (Mann and Whitney 1947, Milton 1964).
  test.each([
    [3, 5, 0],
    [4, 4, 0],
    [5, 5, 2],
    [5, 8, 6],
    [6, 6, 5],
    [7, 7, 8],
    [8, 8, 13],
    [8, 10, 17],
    [9, 9, 17],
    [10, 10, 23],
    [10, 15, 39],
    [12, 12, 37],
    [15, 15, 64],
    [20, 20, 127],
  ])("of %s and %s samples is significant at 5 %% up to a U of %s", (base, candidate, critical) => {
    const at = rankTest(...samplesWithU(base, candidate, critical));
    expect(at).toMatchObject({ u: critical, exact: true });
    expect(at?.pValue).toBeLessThanOrEqual(0.05);
    expect(rankTest(...samplesWithU(base, candidate, critical + 1))?.pValue).toBeGreaterThan(0.05);
    expect(rankTest(...samplesWithU(base, candidate, base * candidate - critical))?.pValue).toBeCloseTo(at?.pValue ?? 0, 12);
  });

  test.each([
    [5, 5, 0],
    [6, 6, 2],
    [8, 8, 7],
    [10, 10, 16],
    [20, 20, 105],
  ])("of %s and %s samples is significant at 1 %% up to a U of %s", (base, candidate, critical) => {
    expect(rankTest(...samplesWithU(base, candidate, critical))?.pValue).toBeLessThanOrEqual(0.01);
    expect(rankTest(...samplesWithU(base, candidate, critical + 1))?.pValue).toBeGreaterThan(0.01);
  });

  test("gives the exact p-value that going through all orders gives", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), fc.nat(), (base, candidate, some) => {
        const [first, second] = samplesWithU(base, candidate, some % (base * candidate + 1));
        const extreme = Math.abs(countPairs(first, second) - (base * candidate) / 2);
        let ways = 0;
        let asExtreme = 0;
        for (const ranks of choices(1, base + candidate, candidate)) {
          const u = ranks.reduce((sum, rank) => sum + rank, 0) - (candidate * (candidate + 1)) / 2;
          ways += 1;
          if (Math.abs(u - (base * candidate) / 2) >= extreme) asExtreme += 1;
        }
        expect(rankTest(first, second)?.pValue).toBeCloseTo(Math.min(1, asExtreme / ways), 12);
      }),
    );
  });

  test("counts pairs, ties by half, in samples and in histograms alike", () => {
    const samples = fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(samples, samples, (base, candidate) => {
        const found = rankTest(ascending(base), ascending(candidate));
        const u = countPairs(base, candidate);
        expect(found?.u).toBeCloseTo(u, 9);
        expect(found?.delta).toBeCloseTo((2 * u) / (base.length * candidate.length) - 1, 12);
        expect(histogramRankTest(histogramOf(base), histogramOf(candidate))).toEqual(found);
      }),
    );
  });

  test("has the variance of a permutation, ties included, in its approximation", () => {
    const samples = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 30, maxLength: 60 });
    fc.assert(
      fc.property(samples, samples, (base, candidate) => {
        const all = [...base, ...candidate];
        // The middle rank of each sample among all, one by one; the variance of a sum of so many drawn from them.
        const ranks = all.map((value) => all.reduce((rank, other) => rank + (other < value ? 1 : other === value ? 0.5 : 0), 0.5));
        const mean = ranks.reduce((sum, rank) => sum + rank, 0) / all.length;
        const squares = ranks.reduce((sum, rank) => sum + (rank - mean) ** 2, 0);
        const variance = (base.length * candidate.length * squares) / (all.length * (all.length - 1));
        const off = Math.max(0, Math.abs(countPairs(base, candidate) - (base.length * candidate.length) / 2) - 0.5);
        const found = rankTest(ascending(base), ascending(candidate));
        expect(found?.exact).toBe(false);
        if (variance > 0) expect(found?.pValue).toBeCloseTo(normalTail(off / Math.sqrt(variance)), 6);
        else expect(found?.pValue).toBe(1);
      }),
      { numRuns: 40 },
    );
  });

  test("is less sure of samples that are worth fewer independent ones", () => {
    const base = histogramOf(Array.from({ length: 200 }, (_, index) => 1000 + index));
    const candidate = histogramOf(Array.from({ length: 200 }, (_, index) => 1030 + index));
    expect(histogramRankTest(base, candidate)?.pValue).toBeLessThan(1e-5);
    expect(histogramRankTest(base, candidate, 0.05)?.pValue).toBeGreaterThan(0.2);
    expect(histogramRankTest(base, candidate, 0.05)?.delta).toBe(histogramRankTest(base, candidate)?.delta);
  });

  test("says nothing where either sample is empty", () => {
    expect(rankTest([], [1])).toBeNull();
    expect(histogramRankTest(histogramOf([1]), createHistogram())).toBeNull();
  });
});

/** Both tails beyond z, by Simpson's rule on the density. */
function normalTail(z: number): number {
  const steps = 2000;
  const width = z / steps;
  let sum = 0;
  for (let index = 0; index <= steps; index += 1) {
    const weight = index === 0 || index === steps ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * Math.exp(-((index * width) ** 2) / 2);
  }
  return 1 - (2 * sum * width) / 3 / Math.sqrt(2 * Math.PI);
}
