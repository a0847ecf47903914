import { LensError, type RequestPhase } from "@lens/core";
import type { Shard } from "./plan.ts";

/** What was sent of one phase. */
export interface SentPhase {
  readonly phase: RequestPhase;
  /** When its first request was sent, after the start of the run. */
  readonly startedNs: number;
  /** Every turn before this one was sent, save those in `missing`. */
  readonly nextTurn: number;
  /** Turns before `nextTurn` that were not sent, in ascending order. */
  readonly missing: readonly number[];
}

/** Where a run that was broken off goes on. Plain JSON. */
export interface Resumption {
  /** How long it had gone on, pauses left out: stages, durations and due times go on from there. */
  readonly elapsedNs: number;
  /** One more than the highest index that was sent. */
  readonly nextIndex: number;
  /** A phase that is left out has sent nothing. */
  readonly phases: readonly SentPhase[];
}

function checkWhole(value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new LensError("INVALID_ARGUMENT", `Expected ${name} of what is resumed to be a whole number from 0 up, got \`${value}\`.`);
}

/** Throws `INVALID_ARGUMENT` for what no run can have left behind, and for a run that is shared: its turns do not tell what was sent. */
export function checkResumption({ elapsedNs, nextIndex, phases }: Resumption, targets: number, shard: Shard): void {
  if (targets > 1 || shard.of > 1)
    throw new LensError("INVALID_ARGUMENT", `Expected a run of one target and one shard to resume, got ${targets} and ${shard.of}.`);
  checkWhole(elapsedNs, "elapsedNs");
  checkWhole(nextIndex, "nextIndex");
  for (const { startedNs, nextTurn, missing } of phases) {
    checkWhole(startedNs, "startedNs");
    checkWhole(nextTurn, "nextTurn");
    missing.forEach((turn, place) => {
      checkWhole(turn, "each missing turn");
      if (turn >= nextTurn || turn <= (missing[place - 1] ?? -1))
        throw new LensError("INVALID_ARGUMENT", `Expected missing turns below ${nextTurn} in ascending order, got \`${turn}\`.`);
    });
  }
}

/** What was sent of a phase; null where that is nothing. */
export function sentOf(resumption: Resumption | null, phase: RequestPhase): SentPhase | null {
  return resumption?.phases.find((sent) => sent.phase === phase) ?? null;
}

/** How many requests of a phase were sent. */
export const countSentOf = ({ nextTurn, missing }: SentPhase): number => nextTurn - missing.length;

/** The place of the request that is sent as the `count`-th of its phase, from 0: what is missing comes first. */
export function placeOf(sent: SentPhase | null, count: number): number {
  return sent?.missing[count - countSentOf(sent)] ?? count;
}

/** Says for each place of a phase whether its request was sent before. */
export function createSentTest(resumption: Resumption | null): (phase: RequestPhase, place: number) => boolean {
  const missing = new Map(resumption?.phases.map((sent) => [sent.phase, new Set(sent.missing)]));
  return (phase, place) => place < (sentOf(resumption, phase)?.nextTurn ?? 0) && missing.get(phase)?.has(place) !== true;
}
