import type { Histogram } from "./histogram.ts";
import { twoSidedTail } from "./student.ts";

/** What the Mann-Whitney test says of two samples. */
export interface RankTest {
  /** Of all pairs of a base and a candidate sample, those in which the candidate's is the larger; ties count half. */
  readonly u: number;
  /** Cliff's delta: how much likelier a candidate sample is to be the larger of such a pair than to be the smaller, from −1 to 1. */
  readonly delta: number;
  /** Two-sided: how likely ranks at least so uneven are where both come from one distribution. */
  readonly pValue: number;
  /** Whether the p-value is exact, and not by the normal approximation. */
  readonly exact: boolean;
}

/** Up to so many samples together, and without ties, the p-value is exact. */
const MOST_EXACT = 50;

/** Takes in the samples of each value, in ascending order. */
interface RankTally {
  add(base: number, candidate: number): void;
  /** Null where either has no samples. The p-value is for samples that are worth `independentShare` (up to 1) of independent ones. */
  test(independentShare: number): RankTest | null;
}

/**
 * In how many of the ways to rank `base` and `candidate` samples without ties U is 0, 1, 2, …: the coefficients of a Gaussian binomial,
 * multiplied up and divided down factor by factor, all of them whole numbers.
 */
function waysByU(base: number, candidate: number): Float64Array {
  const ways = new Float64Array(base * candidate + 1);
  ways[0] = 1;
  for (let factor = 1; factor <= base; factor += 1) {
    const up = candidate + factor;
    for (let u = ways.length - 1; u >= up; u -= 1) ways[u] = (ways[u] ?? 0) - (ways[u - up] ?? 0);
    for (let u = factor; u < ways.length; u += 1) ways[u] = (ways[u] ?? 0) + (ways[u - factor] ?? 0);
  }
  return ways;
}

function exactPValue(base: number, candidate: number, u: number): number {
  const ways = waysByU(base, candidate);
  const extreme = Math.min(u, base * candidate - u);
  let tail = 0;
  let total = 0;
  ways.forEach((count, at) => {
    total += count;
    if (at <= extreme) tail += count;
  });
  return Math.min(1, (2 * tail) / total);
}

function createRankTally(): RankTally {
  let bases = 0;
  let candidates = 0;
  let u = 0;
  /** Σ (t³ − t) over the sizes of the ties. */
  let tied = 0;

  /** By the normal approximation, corrected for ties and by half a pair for continuity. */
  function approximatePValue(independentShare: number): number {
    const all = bases + candidates;
    const variance = ((bases * candidates) / 12) * (all + 1 - tied / (all * (all - 1)));
    if (!(variance > 0)) return 1;
    const off = Math.max(0, Math.abs(u - (bases * candidates) / 2) - 0.5);
    return twoSidedTail((off / Math.sqrt(variance)) * Math.sqrt(independentShare));
  }

  return {
    add(base, candidate) {
      u += candidate * (bases + base / 2);
      const together = base + candidate;
      tied += together * (together * together - 1);
      bases += base;
      candidates += candidate;
    },
    test(independentShare) {
      if (bases === 0 || candidates === 0) return null;
      const exact = tied === 0 && bases + candidates <= MOST_EXACT && independentShare === 1;
      return {
        u,
        delta: (2 * u) / (bases * candidates) - 1,
        pValue: exact ? exactPValue(bases, candidates, u) : approximatePValue(independentShare),
        exact,
      };
    },
  };
}

/**
 * Mann and Whitney's test (1947) of whether one of two samples, each in ascending order, tends to larger values. Exact for up to 50 samples
 * together without ties; else by the normal approximation. Null where either is empty.
 */
export function rankTest(base: ArrayLike<number>, candidate: ArrayLike<number>): RankTest | null {
  const tally = createRankTally();
  let atBase = 0;
  let atCandidate = 0;
  while (atBase < base.length || atCandidate < candidate.length) {
    const value = Math.min(base[atBase] ?? Infinity, candidate[atCandidate] ?? Infinity);
    const [baseBefore, candidateBefore] = [atBase, atCandidate];
    while (base[atBase] === value) atBase += 1;
    while (candidate[atCandidate] === value) atCandidate += 1;
    tally.add(atBase - baseBefore, atCandidate - candidateBefore);
  }
  return tally.test(1);
}

/**
 * As `rankTest`, where samples of one bucket are ties. Samples that depend on one another, as the gaps of one request do, are worth a
 * share of as many independent ones, which widens the p-value.
 */
export function histogramRankTest(base: Histogram, candidate: Histogram, independentShare = 1): RankTest | null {
  const tally = createRankTally();
  const [bases, candidates] = [base.counts(), candidate.counts()];
  for (let bucket = 0; bucket < Math.max(bases.length, candidates.length); bucket += 1) {
    const [ofBase, ofCandidate] = [bases[bucket] ?? 0, candidates[bucket] ?? 0];
    if (ofBase + ofCandidate > 0) tally.add(ofBase, ofCandidate);
  }
  return tally.test(independentShare);
}
