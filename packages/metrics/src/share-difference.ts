import type { Interval } from "./interval.ts";
import { criticalValue } from "./student.ts";

/** How many of some trials came out so. */
export interface Hits {
  readonly hits: number;
  readonly count: number;
}

/** Tables as likely as the one at hand count as no likelier in spite of the last digits. */
const ROUNDING = 1e-7;

/**
 * Fisher's exact test of whether two shares are one: the probability, given all hits together, of a table no likelier than this one. Takes
 * whole numbers; 1 where there is nothing to tell them apart by.
 */
export function fisherExact(base: Hits, candidate: Hits): number {
  const hits = base.hits + candidate.hits;
  const first = Math.max(0, hits - candidate.count);
  const last = Math.min(base.count, hits);
  const mode = Math.min(last, Math.max(first, Math.floor(((base.count + 1) * (hits + 1)) / (base.count + candidate.count + 2))));
  const weights = new Float64Array(last - first + 1);
  weights[mode - first] = 1;
  // By the ratio of neighbours, outward from the likeliest: no factorial, hence no error that grows with the counts.
  const ratio = (at: number): number => ((base.count - at) * (hits - at)) / ((at + 1) * (candidate.count - hits + at + 1));
  for (let at = mode; at < last; at += 1) weights[at + 1 - first] = (weights[at - first] ?? 0) * ratio(at);
  for (let at = mode; at > first; at -= 1) weights[at - 1 - first] = (weights[at - first] ?? 0) / ratio(at - 1);
  const limit = (weights[base.hits - first] ?? 0) * (1 + ROUNDING);
  let total = 0;
  let tail = 0;
  for (const weight of weights) {
    total += weight;
    if (weight <= limit) tail += weight;
  }
  return tail / total;
}

/** Wilson's score interval (1927), which stays within 0 and 1. */
function wilson({ hits, count }: Hits, z: number): { readonly share: number; readonly lower: number; readonly upper: number } {
  const share = hits / count;
  const centre = (hits + (z * z) / 2) / (count + z * z);
  const reach = (z / (count + z * z)) * Math.sqrt(count * share * (1 - share) + (z * z) / 4);
  return { share, lower: Math.max(0, centre - reach), upper: Math.min(1, centre + reach) };
}

/** The candidate's share less the base's: Newcombe's hybrid score interval (1998, method 10). Both ends are null without trials. */
export function shareDifferenceInterval(base: Hits, candidate: Hits, confidence: number): Interval {
  if (base.count === 0 || candidate.count === 0) return { lower: null, upper: null };
  const z = criticalValue(1 - confidence);
  const from = wilson(base, z);
  const to = wilson(candidate, z);
  const difference = to.share - from.share;
  return {
    lower: difference - Math.hypot(to.share - to.lower, from.upper - from.share),
    upper: difference + Math.hypot(to.upper - to.share, from.share - from.lower),
  };
}
