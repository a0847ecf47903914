import { createRandom, type RequestPhase } from "@lens/core";
import { isClosed, type ResolvedPlan, shareOf } from "./resolve-plan.ts";

/** Whom a request asks. */
export interface Asked {
  /** Which of the run's targets, from 0. */
  readonly target: number;
  /** Which request of that target in its phase it is, from 0, counted over all shards. */
  readonly turn: number;
}

/** Whom the request at a place of a phase asks; places count from 0. */
export type Order = (phase: RequestPhase, place: number) => Asked;

/** Stream 0 of the seed is that of arrivals. */
const FIRST_STREAM = 1;

/**
 * So many requests to one target in a row. A closed loop warms up in blocks of its concurrency, so that each target gets as many connections
 * as it could ever need at once.
 */
function blockIn(plan: ResolvedPlan, phase: RequestPhase, perTarget: number): number {
  if (phase !== "warmup" || !isClosed(plan) || plan.load.stages.length > 0) return plan.block;
  return Math.max(1, Math.min(shareOf(plan.load.concurrency, plan.shard), perTarget));
}

/** The targets in an order that only the seed and the stream decide. */
function shuffled(targets: number, seed: number, stream: number): readonly number[] {
  const random = createRandom(seed, stream);
  const drawn = Array.from({ length: targets }, (_, target) => ({ target, lot: random.word() }));
  return drawn.toSorted((one, other) => one.lot - other.lot).map(({ target }) => target);
}

/**
 * Balanced random order, by permuted blocks: each round asks every target once, or `block` times in a row, in an order drawn anew. So drift
 * hits all alike, none is always asked after the same other, and at no time is one more than a block ahead. It depends on the seed and the place
 * alone, and is the same in every worker. The shards of a closed loop, which keep no common pace, are each balanced by themselves.
 */
export function createOrder(plan: ResolvedPlan): Order {
  const { targets, seed, phases } = plan;
  const { index, of } = isClosed(plan) ? plan.shard : { index: 0, of: 1 };
  if (targets === 1) return (_phase, place) => ({ target: 0, turn: place * of + index });
  let latest = -1;
  let round: readonly number[] = [];

  return (phase, place) => {
    const requests = phases.find((limit) => limit.phase === phase)?.requests ?? Number.POSITIVE_INFINITY;
    const perTarget = requests / targets;
    const block = blockIn(plan, phase, perTarget);
    const number = Math.floor(place / (block * targets));
    const within = place - number * block * targets;
    // The last round of a phase may be shorter, but not for one target only.
    const inRow = Math.min(block, perTarget - number * block);
    if (number !== latest) round = shuffled(targets, seed, FIRST_STREAM + number * of + index);
    latest = number;
    const turn = number * block + (within % inRow);
    return { target: round[Math.floor(within / inRow)] ?? 0, turn: turn * of + index };
  };
}
