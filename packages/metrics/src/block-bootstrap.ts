import type { Random } from "@lens/core";
import type { BlockPair, GroupBlocks } from "./blocks.ts";
import type { EffectiveSamples } from "./effective-sample.ts";
import { nearestRank } from "./histogram.ts";

/** How many of a group's samples do not exceed the value at a place, with each block taken `weights[block]` times. */
function countUpTo({ blocks, cumulative }: GroupBlocks, place: number, weights: Float64Array): number {
  let count = 0;
  const row = place * blocks;
  for (let block = 0; block < blocks; block += 1) count += (weights[block] ?? 0) * (cumulative[row + block] ?? 0);
  return count;
}

/** The place, among the values, of a group's sample of that rank, with each block taken `weights[block]` times. */
function placeOfRank(group: GroupBlocks, rank: number, weights: Float64Array): number {
  let low = 0;
  let high = group.cumulative.length / group.blocks - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (countUpTo(group, middle, weights) >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The place of a group's quantile among the values. */
export function placeOfQuantile(group: GroupBlocks, percentile: number): number {
  return placeOfRank(group, nearestRank(group.samples, percentile), new Float64Array(group.blocks).fill(1));
}

function drawWeights(weights: Float64Array, random: Random): void {
  weights.fill(0);
  for (let draw = 0; draw < weights.length; draw += 1) {
    const block = Math.floor(random.uniform() * weights.length);
    weights[block] = (weights[block] ?? 0) + 1;
  }
}

/** A group's size with each block taken so often. */
function sizeOf({ sizes }: GroupBlocks, weights: Float64Array): number {
  let size = 0;
  for (let block = 0; block < sizes.length; block += 1) size += (sizes[block] ?? 0) * (weights[block] ?? 0);
  return size;
}

/** Marsaglia and Tsang's method (2000), for shapes from 1 up. */
function drawGamma(shape: number, random: Random): number {
  const d = shape - 1 / 3;
  for (;;) {
    const x = random.normal();
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < (x * x) / 2 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** A quantile of order `rank` of `samples` uniform ones. */
function drawOrderStatistic(rank: number, samples: number, random: Random): number {
  const below = drawGamma(rank, random);
  return below / (below + drawGamma(samples - rank + 1, random));
}

/** What to draw. */
export interface Resampling {
  readonly percentiles: readonly number[];
  readonly resamples: number;
  readonly random: Random;
}

/** What was drawn of a percentile. */
export interface Draws {
  readonly percentile: number;
  /** The logarithms of candidate / base, in ascending order. */
  readonly ratios: Float64Array;
}

const prepare = ({ percentiles, resamples }: Resampling): readonly Draws[] =>
  percentiles.map((percentile) => ({ percentile, ratios: new Float64Array(resamples) }));

function sorted(draws: readonly Draws[]): readonly Draws[] {
  for (const { ratios } of draws) ratios.sort();
  return draws;
}

/** The logarithm of a value. A time of 0 counts as 1 ns, as there is no ratio to 0. */
export const logarithm = (value: number): number => Math.log(Math.max(1, value));

/**
 * Resamples whole blocks with replacement (Künsch 1989, of blocks that do not overlap), the same ones of both groups where they are paired,
 * and reads the percentiles of each such run.
 */
export function resampleBlocks({ values, base, candidate, paired }: BlockPair, resampling: Resampling): readonly Draws[] {
  const { resamples, random } = resampling;
  const logs = values.map(logarithm);
  const draws = prepare(resampling);
  const ofBase = new Float64Array(base.blocks);
  const ofCandidate = paired ? ofBase : new Float64Array(candidate.blocks);
  for (let at = 0; at < resamples; at += 1) {
    let [baseSize, candidateSize] = [0, 0];
    // A block may be empty in one of the groups: a draw of nothing else has no quantile.
    while (baseSize === 0 || candidateSize === 0) {
      drawWeights(ofBase, random);
      if (!paired) drawWeights(ofCandidate, random);
      [baseSize, candidateSize] = [sizeOf(base, ofBase), sizeOf(candidate, ofCandidate)];
    }
    for (const { percentile, ratios } of draws) {
      const from = placeOfRank(base, nearestRank(baseSize, percentile), ofBase);
      const to = placeOfRank(candidate, nearestRank(candidateSize, percentile), ofCandidate);
      ratios[at] = (logs[to] ?? 0) - (logs[from] ?? 0);
    }
  }
  return sorted(draws);
}

/**
 * As `resampleBlocks` for samples of which it is only known how many independent ones they are worth. A quantile of a resample of these is the sample
 * at the place of an order statistic of uniform ones, which is drawn in one go, however many samples there are.
 */
export function resampleIndependent(
  { values, base, candidate }: BlockPair,
  independent: EffectiveSamples,
  resampling: Resampling,
): readonly Draws[] {
  const { resamples, random } = resampling;
  const logs = values.map(logarithm);
  const once = new Float64Array([1]);
  const drawLog = (group: GroupBlocks, samples: number, percentile: number): number => {
    const share = drawOrderStatistic(nearestRank(samples, percentile), samples, random);
    return logs[placeOfRank(group, Math.max(1, Math.ceil(share * group.samples)), once)] ?? 0;
  };
  const draws = prepare(resampling);
  for (const { percentile, ratios } of draws)
    for (let at = 0; at < resamples; at += 1)
      ratios[at] = drawLog(candidate, independent.candidate, percentile) - drawLog(base, independent.base, percentile);
  return sorted(draws);
}
