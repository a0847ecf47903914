import { createRandom } from "@lens/core";
import { type Draws, logarithm, placeOfQuantile, type Resampling, resampleBlocks, resampleIndependent } from "./block-bootstrap.ts";
import { blockRankTest, independentQuantileTest, quantileTest } from "./block-test.ts";
import { type BlockPair, pairBlocks, type SampleSeries } from "./blocks.ts";
import { differenceVariance, type EffectiveSamples, effectiveSamples, shareDeviations } from "./effective-sample.ts";
import { nearestRank } from "./histogram.ts";
import { type Interval, quantileRanks } from "./interval.ts";
import { histogramRankTest } from "./rank-test.ts";
import { supportsPercentile } from "./sample-size.ts";
import { criticalValue } from "./student.ts";

/** What to compare of two series of samples, and how. */
export interface SampleQuestion {
  /** Each strictly between 0 and 100. */
  readonly percentiles: readonly number[];
  /** Of intervals, strictly between 0 and 1. */
  readonly confidence: number;
  readonly resamples: number;
  readonly seed: number;
  /** Whether both were measured at the same time, so that what both share cancels. */
  readonly paired: boolean;
}

/** How a percentile of the candidate differs from the base's. */
export interface PercentileDifference {
  readonly percentile: number;
  /** In nanoseconds. */
  readonly base: number;
  readonly candidate: number;
  /** The logarithm of candidate / base. */
  readonly logRatio: number;
  /** Of candidate / base − 1. An end is null where a sample does not bound its percentile on that side. */
  readonly interval: Interval;
  /** Of `logRatio`. */
  readonly standardError: number;
  readonly degrees: number;
  /** Of the test of this percentile. */
  readonly pValue: number;
  readonly effectiveSamples: EffectiveSamples;
}

/** How the candidate's samples differ from the base's. */
export interface SampleDifference {
  /** Cliff's delta: how much likelier a sample of the candidate is to be the larger of a pair than to be the smaller. */
  readonly effectSize: number;
  /** Of Mann and Whitney's test. */
  readonly rankPValue: number;
  /** Of those asked for that both series support. */
  readonly percentiles: readonly PercentileDifference[];
  /** Whether blocks of the same time were compared. */
  readonly paired: boolean;
  /** Whether it is known from the bins how far samples depend on one another. */
  readonly timed: boolean;
}

/** How far a percentile's draws tell of its error. */
interface Uncertainty {
  readonly effective: EffectiveSamples;
  readonly pValue: number;
  readonly degrees: number;
  /** By what factor the variance of the draws is too small. */
  readonly inflation: number;
}

function uncertaintyOfBlocks(pair: BlockPair, percentile: number): Uncertainty {
  const places = { base: placeOfQuantile(pair.base, percentile), candidate: placeOfQuantile(pair.candidate, percentile) };
  const variance = differenceVariance(
    shareDeviations(pair.base, places.base),
    shareDeviations(pair.candidate, places.candidate),
    pair.paired,
  );
  return { ...variance, effective: effectiveSamples(pair, places), pValue: quantileTest(pair, percentile, variance) };
}

const uncertaintyOfIndependent = (pair: BlockPair, percentile: number, independent: EffectiveSamples): Uncertainty => ({
  effective: independent,
  pValue: independentQuantileTest(pair, percentile, independent),
  degrees: Infinity,
  inflation: 1,
});

/** Which ends of the ratio's interval the samples bound at all: a percentile has no upper end where hardly a sample lies beyond it. */
function boundsOf(percentile: number, { base, candidate }: EffectiveSamples, confidence: number) {
  const ranks = (samples: number) => quantileRanks(Math.floor(samples), { percentile, confidence });
  const [ofBase, ofCandidate] = [ranks(base), ranks(candidate)];
  return {
    lower: ofBase.upperRank !== null && ofCandidate.lowerRank !== null,
    upper: ofBase.lowerRank !== null && ofCandidate.upperRank !== null,
  };
}

/**
 * The interval and the error of a ratio from its draws. Draws of few blocks spread too little, so each end is moved away from the ratio
 * by what Student's distribution is wider than the normal one, and by what the likeness of blocks hides.
 */
function describe(logRatio: number, { percentile, ratios }: Draws, confidence: number, uncertainty: Uncertainty) {
  const { effective, pValue, degrees, inflation } = uncertainty;
  const place = Math.floor((ratios.length * (1 - confidence)) / 2);
  const lowest = Math.min(logRatio, ratios[place] ?? logRatio);
  const highest = Math.max(logRatio, ratios[ratios.length - 1 - place] ?? logRatio);
  const z = criticalValue(1 - confidence);
  const stretch = (criticalValue(1 - confidence, degrees) / z) * Math.sqrt(inflation);
  const bounds = boundsOf(percentile, effective, confidence);
  return {
    interval: {
      lower: bounds.lower ? Math.expm1(logRatio - (logRatio - lowest) * stretch) : null,
      upper: bounds.upper ? Math.expm1(logRatio + (highest - logRatio) * stretch) : null,
    },
    standardError: ((highest - lowest) / (2 * z)) * Math.sqrt(inflation),
    degrees,
    pValue,
    effectiveSamples: effective,
  };
}

const worthOf = ({ histogram, independent }: SampleSeries): number => Math.min(histogram.moments().count, Math.floor(independent));

/**
 * Compares two series of durations percentile by percentile. Where it is known when the samples came, stretches of time are resampled and not samples,
 * because requests of one stretch are alike; else samples are, as many as they are worth. Null where either has none.
 */
export function compareSamples(base: SampleSeries, candidate: SampleSeries, question: SampleQuestion): SampleDifference | null {
  const independent = { base: worthOf(base), candidate: worthOf(candidate) };
  const [bases, candidates] = [base.histogram.moments().count, candidate.histogram.moments().count];
  const share = Math.min(independent.base / bases, independent.candidate / candidates);
  const test = histogramRankTest(base.histogram, candidate.histogram, share);
  if (test === null) return null;
  const { resamples, seed, confidence } = question;
  const pair = pairBlocks(base, candidate, question.paired);
  const { paired, timed } = pair;
  const percentiles = question.percentiles.filter((percentile) => supportsPercentile(Math.min(bases, candidates), percentile));
  const resampling: Resampling = { percentiles, resamples, random: createRandom(seed, 0) };
  const draws = timed ? resampleBlocks(pair, resampling) : resampleIndependent(pair, independent, resampling);
  const uncertaintyOf = (percentile: number): Uncertainty =>
    timed ? uncertaintyOfBlocks(pair, percentile) : uncertaintyOfIndependent(pair, percentile, independent);
  return {
    effectSize: test.delta,
    rankPValue: timed ? blockRankTest(pair) : test.pValue,
    percentiles: draws.map((drawn) => {
      const { percentile } = drawn;
      const from = base.histogram.valueAtRank(nearestRank(bases, percentile));
      const to = candidate.histogram.valueAtRank(nearestRank(candidates, percentile));
      const logRatio = logarithm(to) - logarithm(from);
      return { percentile, base: from, candidate: to, logRatio, ...describe(logRatio, drawn, confidence, uncertaintyOf(percentile)) };
    }),
    paired,
    timed,
  };
}
