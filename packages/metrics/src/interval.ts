import { LensError } from "@lens/core";
import type { Histogram } from "./histogram.ts";

/** A confidence interval. An end is null where the sample bounds the figure on that side no further. */
export interface Interval {
  readonly lower: number | null;
  readonly upper: number | null;
}

/** Which samples, counted from the smallest (1) up, are the ends of an interval; null where no sample is. */
export interface RankInterval {
  readonly lowerRank: number | null;
  readonly upperRank: number | null;
}

/** Which quantile, and how sure. */
export interface QuantileQuestion {
  /** Strictly between 0 and 100. */
  readonly percentile: number;
  /** How often, at least, the interval holds the true quantile: strictly between 0 and 1; 0.95 unless given. */
  readonly confidence?: number;
  /** How many independent samples these are worth, where they depend on one another; all of them unless given. */
  readonly independent?: number;
}

/** How sure intervals are unless said otherwise. */
export const DEFAULT_CONFIDENCE = 0.95;
/** Halving [0, 1] this often comes to the last digit of a share. */
const HALVINGS = 60;
/** A probability this much smaller than the likeliest one's changes no digit of a sum. */
const NEGLIGIBLE = 1e-30;
/** By Bernstein's inequality no number of successes farther than this from the likeliest is more than negligible. */
const reachOf = (deviation: number): number => Math.ceil(12.5 * deviation) + 60;

/** How many of some independent trials succeed: `first` times with a probability of `weights[0] / total`, and so on; other numbers are negligible. */
interface Binomial {
  readonly first: number;
  readonly weights: Float64Array;
  readonly total: number;
}

/**
 * The distribution of the number of successes in `count` trials, from the likeliest number outward by the ratio of neighbours: no
 * logarithm of a factorial, hence no error that grows with `count`, and at most some 12 √count steps.
 */
function binomial(count: number, probability: number): Binomial {
  const mode = Math.min(count, Math.floor((count + 1) * probability));
  const odds = probability / (1 - probability);
  const reach = reachOf(Math.sqrt(count * probability * (1 - probability)));
  const first = Math.max(0, mode - reach);
  const last = Math.min(count, mode + reach);
  const weights = new Float64Array(last - first + 1);
  let total = 1;
  weights[mode - first] = 1;
  for (let successes = mode, weight = 1; successes > first && weight > NEGLIGIBLE; successes -= 1) {
    weight *= successes / ((count - successes + 1) * odds);
    weights[successes - 1 - first] = weight;
    total += weight;
  }
  for (let successes = mode, weight = 1; successes < last && weight > NEGLIGIBLE; successes += 1) {
    weight *= ((count - successes) * odds) / (successes + 1);
    weights[successes + 1 - first] = weight;
    total += weight;
  }
  return { first, weights, total };
}

/** The probability of at most `successes`. */
function atMost({ first, weights, total }: Binomial, successes: number): number {
  let sum = 0;
  for (let index = Math.min(successes - first, weights.length - 1); index >= 0; index -= 1) sum += weights[index] ?? 0;
  return sum / total;
}

/** Half of what `confidence` leaves to err by. */
function tailOf(confidence: number): number {
  if (!(confidence > 0 && confidence < 1))
    throw new LensError("INVALID_ARGUMENT", `Expected a confidence between 0 and 1, got \`${confidence}\`.`);
  return (1 - confidence) / 2;
}

/**
 * The ranks between which a quantile lies, whatever the distribution: how many of `count` independent samples lie below a quantile is binomial, so
 * X(l) and X(u) hold it with a probability of P(l ≤ B < u). Each end errs with at most half of `1 − confidence` (David and Nagaraja, Order
 * Statistics, 7.1), so each is also a one-sided bound. Dependent samples stand in for fewer independent ones: each of these for as many of
 * them, the outer ones being taken. Throws `INVALID_ARGUMENT` for a percentile or confidence out of its range.
 */
export function quantileRanks(count: number, question: QuantileQuestion): RankInterval {
  const { percentile, confidence = DEFAULT_CONFIDENCE, independent = count } = question;
  if (!(percentile > 0 && percentile < 100))
    throw new LensError("INVALID_ARGUMENT", `Expected a percentile between 0 and 100, got \`${percentile}\`.`);
  const trials = Math.min(count, Math.floor(independent));
  const { first, weights, total } = binomial(trials, percentile / 100);
  const tail = tailOf(confidence) * total;
  const weightOf = (successes: number): number => weights[successes - first] ?? total;
  let lower = first;
  for (let below = weightOf(first); below <= tail; below += weightOf(lower)) lower += 1;
  let upper = first + weights.length;
  for (let above = weightOf(upper - 1); above <= tail; above += weightOf(upper - 1)) upper -= 1;
  return {
    lowerRank: lower < 1 ? null : Math.floor(((lower - 1) * count) / trials) + 1,
    upperRank: upper > trials ? null : Math.ceil((upper * count) / trials),
  };
}

/** Where a quantile lies, from samples in ascending order. See `quantileRanks`; the ends are samples. */
export function quantileInterval(ascending: ArrayLike<number>, question: QuantileQuestion): Interval {
  const { lowerRank, upperRank } = quantileRanks(ascending.length, question);
  const at = (rank: number | null): number | null => (rank === null ? null : (ascending[rank - 1] ?? null));
  return { lower: at(lowerRank), upper: at(upperRank) };
}

/** As `quantileInterval`, from a histogram and to its resolution. */
export function histogramInterval(histogram: Histogram, question: QuantileQuestion): Interval {
  const { lowerRank, upperRank } = quantileRanks(histogram.moments().count, question);
  const at = (rank: number | null): number | null => (rank === null ? null : histogram.valueAtRank(rank));
  return { lower: at(lowerRank), upper: at(upperRank) };
}

/** The share at which `tooMany` turns from false to true. */
function turningPoint(tooMany: (share: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (let halving = 0; halving < HALVINGS; halving += 1) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (tooMany(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/**
 * The share (0 to 1) behind `hits` of `count` independent trials: Clopper and Pearson's exact interval, which also bounds a share of which there was
 * no hit. Both ends are null without trials.
 */
export function shareInterval(hits: number, count: number, confidence = DEFAULT_CONFIDENCE): Interval {
  const tail = tailOf(confidence);
  if (count === 0) return { lower: null, upper: null };
  const lower = hits === 0 ? 0 : turningPoint((share) => 1 - atMost(binomial(count, share), hits - 1) > tail);
  const upper = hits === count ? 1 : turningPoint((share) => atMost(binomial(count, share), hits) <= tail);
  return { lower, upper };
}
