import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { placeOfQuantile } from "../src/block-bootstrap.ts";
import { pairBlocks } from "../src/blocks.ts";
import { blockVariance, differenceVariance, effectiveSamples, shareDeviations, shareUpTo } from "../src/effective-sample.ts";
import { nearestRank } from "../src/histogram.ts";
import { inBins, seriesOf } from "./sample-series.ts";
import { normal } from "./seeded.ts";

/** So many bins of `size` samples each, all 1 to 10. */
const bins = (count: number, size = 3): readonly (readonly number[])[] =>
  Array.from({ length: count }, (_, index) => Array.from({ length: size }, (__, sample) => 1 + ((index + sample) % 10)));

describe("blocks", () => {
  test("are the bins where these are few", () => {
    const { base, candidate, paired, timed } = pairBlocks(seriesOf(bins(10)), seriesOf(bins(12, 2)), false);
    expect([base.blocks, candidate.blocks, paired, timed]).toEqual([10, 12, false, true]);
    expect([...candidate.sizes]).toEqual(Array.from({ length: 12 }, () => 2));
  });

  test("are joined neighbours of about equal size where bins are many", () => {
    const { base } = pairBlocks(seriesOf(bins(96, 5)), seriesOf(bins(96, 5)), false);
    expect([...base.sizes]).toEqual(Array.from({ length: 24 }, () => 20));
  });

  test("are of the same time for both where paired, at the width of the wider bins", () => {
    const narrow = seriesOf(bins(20), 100);
    const wide = { ...seriesOf(bins(10, 4), 50), binNs: 2e9 };
    const { base, candidate, paired } = pairBlocks(narrow, wide, true);
    expect([base.blocks, candidate.blocks, paired]).toEqual([10, 10, true]);
    expect(base.sizes[0]).toBe(6);
    expect(candidate.sizes[0]).toBe(4);
  });

  test("are each group's own where the two did not run at the same time, or widths do not fit", () => {
    expect(pairBlocks(seriesOf(bins(20)), seriesOf(bins(20), 1000), true)).toMatchObject({ paired: false, timed: true });
    expect(pairBlocks(seriesOf(bins(20)), { ...seriesOf(bins(20)), binNs: 1.5e9 }, true)).toMatchObject({ paired: false, timed: true });
  });

  test.each([
    ["fewer than eight bins", seriesOf(bins(7))],
    ["most samples in one of them", seriesOf([...bins(20, 1), ...bins(1, 50)])],
    ["no bins at all", { ...seriesOf(bins(20)), bins: [] }],
  ])("say nothing of time for a group with %s", (_, series) => {
    const pair = pairBlocks(series, seriesOf(bins(20)), true);
    expect(pair).toMatchObject({ timed: false, paired: false });
    expect(pair.base).toMatchObject({ blocks: 1, samples: series.histogram.moments().count });
  });

  test("hold every sample, and find the quantile that sorting finds", () => {
    const values = fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 20, maxLength: 200 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 999 }), (left, right, permille) => {
        const pair = pairBlocks(seriesOf(inBins(left, 10)), seriesOf(inBins(right, 40)), false);
        for (const [group, samples] of [
          [pair.base, left],
          [pair.candidate, right],
        ] as const) {
          const sorted = samples.toSorted((a, b) => a - b);
          const place = placeOfQuantile(group, permille / 10);
          expect(pair.values[place]).toBe(sorted[nearestRank(sorted.length, permille / 10) - 1]);
          const below = sorted.filter((value) => value <= (pair.values[place] ?? 0)).length;
          expect(shareUpTo(group, place)).toBeCloseTo(below / sorted.length, 12);
          expect(shareDeviations(group, place).reduce((sum, value) => sum + value, 0)).toBeCloseTo(0, 12);
        }
      }),
    );
  });
});

describe("the variance between blocks", () => {
  test("is that of a sum of independent deviations where neighbours are unlike", () => {
    const deviations = Float64Array.from([1, -1, 1, -1, 1, -1, 1, -1]);
    expect(blockVariance(deviations)).toEqual({ variance: (8 * 8) / 7, degrees: 7, inflation: 8 / 7 });
  });

  test("grows by (1 + r) / (1 − r) where neighbours are alike", () => {
    const deviations = Float64Array.from([1, 1, 1, 1, -1, -1, -1, -1]);
    const likeness = 5 / 8 + 1 / 8;
    const { variance, degrees, inflation } = blockVariance(deviations);
    expect(inflation).toBeCloseTo(((1 + likeness) / (1 - likeness)) * (8 / 7), 12);
    expect(variance).toBeCloseTo(8 * inflation, 12);
    expect(degrees).toBe(3);
  });

  test("of no deviations is none", () => {
    const none = new Float64Array(9);
    expect(blockVariance(none)).toMatchObject({ variance: 0, degrees: 8 });
    expect(differenceVariance(none, none, false).variance).toBe(0);
  });

  test("of two groups adds up, unless blocks of one time have deviations in common", () => {
    const next = normal(5);
    const common = Float64Array.from({ length: 24 }, next);
    expect(differenceVariance(common, common, true).variance).toBe(0);
    const apart = differenceVariance(common, common, false);
    expect(apart.variance).toBeCloseTo(2 * blockVariance(common).variance, 12);
    expect(apart.degrees).toBeCloseTo(2 * blockVariance(common).degrees, 12);
    expect(apart.inflation).toBeCloseTo(blockVariance(common).inflation, 12);
  });
});

describe("effective samples", () => {
  const worthOf = (values: readonly number[], paired = false) => {
    const series = seriesOf(inBins(values, 48));
    const pair = pairBlocks(series, series, paired);
    const place = placeOfQuantile(pair.base, 50);
    return effectiveSamples(pair, { base: place, candidate: place });
  };
  const draw = (count: number, likeness: number, seed: number): readonly number[] =>
    Array.from(
      { length: count },
      (
        (next) => () =>
          Math.round(1000 + 200 * next())
      )(normal(seed, likeness)),
    );
  const mean = (likeness: number): number => {
    let sum = 0;
    for (let seed = 0; seed < 60; seed += 1) sum += worthOf(draw(960, likeness, seed)).base / 60;
    return sum;
  };

  test("are nearly as many as there are where samples are independent", () => {
    expect(mean(0) / 960).toBeGreaterThan(0.75);
    expect(mean(0) / 960).toBeLessThanOrEqual(1);
  });

  test("are about as few as theory says where each is like the one before", () => {
    // Of signs of an AR(1) series of 0.8: correlations 2/π asin(0.8^k), of which 1 + 2 Σ is 6.1.
    let sum = 1;
    for (let lag = 1; lag < 100; lag += 1) sum += (4 / Math.PI) * Math.asin(0.8 ** lag);
    expect(mean(0.8)).toBeGreaterThan(0.6 * (960 / sum));
    expect(mean(0.8)).toBeLessThan(1.4 * (960 / sum));
  });

  test("are all of them where both groups share what moves them", () => {
    expect(worthOf(draw(960, 0.95, 1), true)).toEqual({ base: 960, candidate: 960 });
    expect(worthOf(draw(960, 0.95, 1)).base).toBeLessThan(200);
  });
});
