import { type BlockPair, type GroupBlocks, samplesUpTo } from "./blocks.ts";

/** How far a sum over blocks would be off in another run. */
export interface BlockVariance {
  readonly variance: number;
  /** How many independent deviations the variance stands on; Student's distribution has so many degrees of freedom. */
  readonly degrees: number;
  /** By what factor it exceeds the variance of a resample of single blocks, which knows of no likeness of neighbours. */
  readonly inflation: number;
}

/** Both groups' samples, as many as they are worth where samples depend on one another; fractions of samples are possible. */
export interface EffectiveSamples {
  readonly base: number;
  readonly candidate: number;
}

/** A likeness beyond this cannot be told from a drift that never ends. */
const HIGHEST_CORRELATION = 0.9;
const FEWEST_DEGREES = 3;

/**
 * The variance of a sum of deviations, one a block, that come to 0. Where neighbours are alike, as when one congestion outlasts a block, the
 * blocks are taken for a series in which that likeness r fades by r each block (AR(1)): the sum of such a one varies by
 * (1 + r) / (1 − r) more. r is that of lag one, plus 1/n, by which n deviations from their own mean understate it.
 */
export function blockVariance(deviations: Float64Array): BlockVariance {
  const blocks = deviations.length;
  let squares = 0;
  let products = 0;
  deviations.forEach((deviation, block) => {
    squares += deviation * deviation;
    products += deviation * (deviations[block + 1] ?? 0);
  });
  const likeness = squares === 0 ? 0 : Math.min(HIGHEST_CORRELATION, Math.max(0, products / squares + 1 / blocks));
  const persistence = (1 + likeness) / (1 - likeness);
  const inflation = (persistence * blocks) / (blocks - 1);
  return { variance: squares * inflation, degrees: Math.max(FEWEST_DEGREES, (blocks - 1) / persistence), inflation };
}

/** The share of a group's samples that do not exceed a value, by its place among the values. */
export const shareUpTo = (group: GroupBlocks, place: number): number => samplesUpTo(group, place) / group.samples;

/** By how much each block moves its group's share of samples up to a value away from what it is. */
export function shareDeviations(group: GroupBlocks, place: number): Float64Array {
  const share = shareUpTo(group, place);
  return group.sizes.map((size, block) => ((group.cumulative[place * group.blocks + block] ?? 0) - size * share) / group.samples);
}

/** The variance of the difference of two groups' sums of deviations. Deviations that blocks of one time have in common cancel. */
export function differenceVariance(base: Float64Array, candidate: Float64Array, paired: boolean): BlockVariance {
  if (paired) return blockVariance(base.map((deviation, block) => (candidate[block] ?? 0) - deviation));
  const [from, to] = [blockVariance(base), blockVariance(candidate)];
  const variance = from.variance + to.variance;
  if (variance === 0) return from;
  return {
    variance,
    // Welch and Satterthwaite's.
    degrees: variance ** 2 / (from.variance ** 2 / from.degrees + to.variance ** 2 / to.degrees),
    inflation: variance / (from.variance / from.inflation + to.variance / to.inflation),
  };
}

/** How many independent samples would leave a share as uncertain as these do; never more than there are. */
function worth(samples: number, independentVariance: number, variance: number): number {
  return variance <= independentVariance ? samples : (samples * independentVariance) / variance;
}

/**
 * How many independent samples each group's are worth for its quantile at a place: the variance between blocks against that of independent
 * samples. Where blocks are paired it is the difference's, so that a drift which both share costs neither.
 */
export function effectiveSamples(pair: BlockPair, places: { readonly base: number; readonly candidate: number }): EffectiveSamples {
  const { base, candidate, paired } = pair;
  const spread = (group: GroupBlocks, place: number): number => {
    const share = shareUpTo(group, place);
    return (share * (1 - share)) / group.samples;
  };
  const [ofBase, ofCandidate] = [spread(base, places.base), spread(candidate, places.candidate)];
  const deviations = [shareDeviations(base, places.base), shareDeviations(candidate, places.candidate)] as const;
  if (paired) {
    const { variance } = differenceVariance(...deviations, true);
    return {
      base: worth(base.samples, ofBase + ofCandidate, variance),
      candidate: worth(candidate.samples, ofBase + ofCandidate, variance),
    };
  }
  return {
    base: worth(base.samples, ofBase, blockVariance(deviations[0]).variance),
    candidate: worth(candidate.samples, ofCandidate, blockVariance(deviations[1]).variance),
  };
}
