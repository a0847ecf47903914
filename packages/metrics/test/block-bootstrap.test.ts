import { createRandom } from "@lens/core";
import { describe, expect, test } from "vitest";
import { resampleBlocks, resampleIndependent } from "../src/block-bootstrap.ts";
import { pairBlocks } from "../src/blocks.ts";
import { nearestRank } from "../src/histogram.ts";
import { inBins, seriesOf } from "./sample-series.ts";
import { uniform } from "./seeded.ts";

function values(count: number, seed: number): readonly number[] {
  const next = uniform(seed);
  return Array.from({ length: count }, () => 1 + Math.floor(next() * 2000));
}

/** A percentile of the samples of the drawn bins, sorted one by one. */
function quantileOf(bins: readonly (readonly number[])[], drawn: readonly number[], percentile: number): number {
  const samples = drawn.flatMap((bin) => bins[bin] ?? []).toSorted((left, right) => left - right);
  return samples[nearestRank(samples.length, percentile) - 1] ?? Number.NaN;
}

describe("a resample of blocks", () => {
  test.each([true, false])("is what drawing bins and sorting their samples gives (paired: %s)", (paired) => {
    const [base, candidate] = [inBins(values(80, 1), 12), inBins(values(130, 2), 12)];
    const pair = pairBlocks(seriesOf(base), seriesOf(candidate), paired);
    const draws = resampleBlocks(pair, { percentiles: [50, 90], resamples: 300, random: createRandom(9, 0) });
    const random = createRandom(9, 0);
    const drawBins = (): readonly number[] => Array.from({ length: 12 }, () => Math.floor(random.uniform() * 12));
    const naive: [number[], number[]] = [[], []];
    for (let resample = 0; resample < 300; resample += 1) {
      const ofBase = drawBins();
      const ofCandidate = paired ? ofBase : drawBins();
      naive.forEach((ratios, index) => {
        const percentile = index === 0 ? 50 : 90;
        ratios.push(Math.log(quantileOf(candidate, ofCandidate, percentile)) - Math.log(quantileOf(base, ofBase, percentile)));
      });
    }
    expect(draws.map(({ ratios }) => [...ratios])).toEqual(naive.map((ratios) => ratios.toSorted((left, right) => left - right)));
  });

  test("is drawn again where it holds no sample of one of the groups", () => {
    const base = Array.from({ length: 10 }, () => [5]);
    const candidate = base.map((_, index) => (index < 8 ? [10] : []));
    const pair = pairBlocks(seriesOf(base), seriesOf(candidate), true);
    expect(pair.paired).toBe(true);
    const [draws] = resampleBlocks(pair, { percentiles: [50], resamples: 2000, random: createRandom(1, 0) });
    expect(new Set(draws?.ratios)).toEqual(new Set([Math.log(10) - Math.log(5)]));
  });

  test("counts a time of 0 as a nanosecond", () => {
    const pair = pairBlocks(seriesOf(bins(0)), seriesOf(bins(7)), false);
    const [draws] = resampleBlocks(pair, { percentiles: [50], resamples: 10, random: createRandom(1, 0) });
    expect(draws?.ratios[0]).toBe(Math.log(7));
  });
});

const bins = (value: number): readonly (readonly number[])[] => Array.from({ length: 9 }, () => [value, value]);

describe("a resample of independent samples", () => {
  test("has the quantiles that resampling one by one has", () => {
    const [base, candidate] = [values(40, 3), values(60, 4)];
    const pair = pairBlocks(seriesOf([base]), seriesOf([candidate]), false);
    const resampling = { percentiles: [25, 50, 90], resamples: 20_000, random: createRandom(5, 0) };
    const draws = resampleIndependent(pair, { base: 40, candidate: 60 }, resampling);
    const random = createRandom(6, 0);
    const draw = (samples: readonly number[], percentile: number): number => {
      const drawn = samples.map(() => samples[Math.floor(random.uniform() * samples.length)] ?? 0);
      return Math.log(drawn.toSorted((left, right) => left - right)[nearestRank(drawn.length, percentile) - 1] ?? 0);
    };
    for (const { percentile, ratios } of draws) {
      const naive = Float64Array.from({ length: 4000 }, () => draw(candidate, percentile) - draw(base, percentile)).toSorted();
      for (const share of [0.1, 0.5, 0.9]) {
        const below = (sorted: Float64Array, limit: number): number => sorted.filter((ratio) => ratio <= limit).length / sorted.length;
        const limit = naive[Math.floor(share * naive.length)] ?? 0;
        // Four standard deviations of the share of 4,000 draws.
        expect(Math.abs(below(ratios, limit) - below(naive, limit))).toBeLessThan(0.035);
      }
    }
  });

  test("spreads more where samples are worth fewer", () => {
    const pair = pairBlocks(seriesOf([values(400, 7)]), seriesOf([values(400, 8)]), false);
    const spread = (worth: number): number => {
      const resampling = { percentiles: [50], resamples: 2000, random: createRandom(5, 0) };
      const [draws] = resampleIndependent(pair, { base: worth, candidate: worth }, resampling);
      return (draws?.ratios[1900] ?? 0) - (draws?.ratios[100] ?? 0);
    };
    expect(spread(25) / spread(400)).toBeGreaterThan(2.5);
  });
});
