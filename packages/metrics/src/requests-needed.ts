import { criticalValue } from "./student.ts";

/** What is known of a difference that is not decided yet. All differences are logarithms of ratios, or points for shares. */
export interface OpenQuestion {
  /** Requests of the group that has fewer. */
  readonly requests: number;
  readonly difference: number;
  readonly standardError: number;
  /** Of Student's distribution, for the standard error. */
  readonly degrees: number;
  /** The size below which a difference does not matter. */
  readonly margin: number;
  /** Up to what p-value the difference is called: 1 − confidence, shared out among all that is tested. */
  readonly tail: number;
  /** How many requests the figure needs to have an interval at all. */
  readonly fewest: number;
}

const POWER = 0.9;
/** What a standard error must be exceeded by so that chance hides a difference in no more than 1 in 10 runs. */
const REACH_OF_POWER = criticalValue(2 * (1 - POWER));
/** How sure the size that is planned for should be exceeded by the true one. */
const CERTAINTY_OF_SIZE = 0.8;

/** Rounded up to two digits: it is an estimate, and a longer number would say more than it knows. */
function roundUp(value: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1);
  return Math.ceil(value / unit) * unit;
}

/**
 * About how many more requests each group needs so that a run of all of them decides with a probability of 90 %. Planned for is not the difference as
 * measured, since a first run that overstates it would ask for too few, but what the true one exceeds with 80 % certainty; and never less than
 * the margin. Where as many have been sent already, the difference lies about at the margin, and as many again are asked for. Null where the
 * margin is 0 and nothing is left to plan for.
 */
export function requestsNeeded(question: OpenQuestion): number | null {
  const { requests, difference, standardError, degrees, margin, tail, fewest } = question;
  const size = Math.max(margin, Math.abs(difference) - criticalValue(2 * (1 - CERTAINTY_OF_SIZE), degrees) * standardError);
  if (size <= 0) return null;
  const reach = criticalValue(tail, degrees) + REACH_OF_POWER;
  const total = Math.max(fewest, requests * ((reach * standardError) / size) ** 2);
  return roundUp(total > requests ? total - requests : requests);
}
