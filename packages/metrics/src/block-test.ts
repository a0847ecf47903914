import { placeOfQuantile } from "./block-bootstrap.ts";
import { type BlockPair, type GroupBlocks, samplesUpTo } from "./blocks.ts";
import { type BlockVariance, differenceVariance, type EffectiveSamples, shareUpTo } from "./effective-sample.ts";
import { nearestRank } from "./histogram.ts";
import { fisherExact } from "./share-difference.ts";
import { twoSidedTail } from "./student.ts";

/** The two-sided p-value of a difference whose variance is known from blocks. */
function pValueOf(difference: number, { variance, degrees }: BlockVariance, { base, candidate }: BlockPair): number {
  if (difference === 0) return 1;
  // Without any spread, blocks that all agree tell as much as so many coins that fall alike.
  return variance === 0 ? 2 ** (1 - Math.min(base.blocks, candidate.blocks)) : twoSidedTail(difference / Math.sqrt(variance), degrees);
}

/** The place of the quantile of both groups' samples together, which lies between theirs. */
function pooledPlace({ base, candidate }: BlockPair, percentile: number): number {
  const rank = nearestRank(base.samples + candidate.samples, percentile);
  let place = Math.min(placeOfQuantile(base, percentile), placeOfQuantile(candidate, percentile));
  while (samplesUpTo(base, place) + samplesUpTo(candidate, place) < rank) place += 1;
  return place;
}

/**
 * Whether both groups have as many samples beyond the quantile of all samples together: the rank test of one quantile (Mood's, of any quantile
 * in place of the median). Its variance is that between blocks, each group about its own quantile, so that it is right also where they differ.
 */
export function quantileTest(pair: BlockPair, percentile: number, variance: BlockVariance): number {
  const place = pooledPlace(pair, percentile);
  return pValueOf(shareUpTo(pair.base, place) - shareUpTo(pair.candidate, place), variance, pair);
}

/** The same test where samples are worth a known number of independent ones: Fisher's, exact. */
export function independentQuantileTest(pair: BlockPair, percentile: number, independent: EffectiveSamples): number {
  const place = pooledPlace(pair, percentile);
  const trials = (group: GroupBlocks, count: number) => ({ hits: Math.round(count * (1 - shareUpTo(group, place))), count });
  return fisherExact(trials(pair.base, independent.base), trials(pair.candidate, independent.candidate));
}

/** By how much each block moves the mean of its group's scores away from what it is; and that mean. */
function scoreDeviations({ blocks, samples, sizes, cumulative }: GroupBlocks, scores: Float64Array) {
  const sums = new Float64Array(blocks);
  scores.forEach((score, place) => {
    for (let block = 0; block < blocks; block += 1) {
      const at = place * blocks + block;
      sums[block] = (sums[block] ?? 0) + score * ((cumulative[at] ?? 0) - (cumulative[at - blocks] ?? 0));
    }
  });
  const mean = sums.reduce((sum, value) => sum + value, 0) / samples;
  return { mean, deviations: sums.map((sum, block) => (sum - (sizes[block] ?? 0) * mean) / samples) };
}

/** Mann and Whitney's test of samples in blocks: the difference of the mean ranks, by the variance between blocks. */
export function blockRankTest(pair: BlockPair): number {
  const { values, base, candidate, paired } = pair;
  let below = 0;
  const middleRanks = values.map((_, place) => {
    const upTo = samplesUpTo(base, place) + samplesUpTo(candidate, place);
    const rank = (below + upTo + 1) / 2;
    below = upTo;
    return rank;
  });
  const [ofBase, ofCandidate] = [scoreDeviations(base, middleRanks), scoreDeviations(candidate, middleRanks)];
  return pValueOf(ofCandidate.mean - ofBase.mean, differenceVariance(ofBase.deviations, ofCandidate.deviations, paired), pair);
}
