import { createRandom } from "@lens/core";

/** When a target is probed: slots on a fixed grid, each put off by a chance of its own, so that no delay adds up to another. */
export interface Schedule {
  readonly intervalNs: number;
  /** When the round of a slot, counted from 0, is to be sent. */
  dueNs(slot: number): bigint;
  /** The last slot that has begun. */
  slotAt(nowNs: bigint): number;
}

export interface ScheduleOptions {
  /** When the first slot begins. Its round is not put off. */
  readonly startNs: bigint;
  readonly intervalNs: number;
  /** Share of the interval, below 1, that a round is put off by at most. */
  readonly jitter: number;
  readonly seed: number;
}

/** Lays out the schedule of one target. */
export function createSchedule({ startNs, intervalNs, jitter, seed }: ScheduleOptions): Schedule {
  const putOffNs = (slot: number): number => (slot === 0 ? 0 : Math.floor(createRandom(seed, slot).uniform() * jitter * intervalNs));
  return {
    intervalNs,
    dueNs: (slot) => startNs + BigInt(slot * intervalNs + putOffNs(slot)),
    slotAt: (nowNs) => Number((nowNs - startNs) / BigInt(intervalNs)),
  };
}

/** Beyond this, nobody wants to wait for the first round of the last target. */
const LONGEST_SPREAD_NS = 60e9;

/** How long after the first of so many targets this one begins, so that they are not all probed at once. */
export function spreadNs(index: number, count: number, intervalNs: number): number {
  return Math.floor((index / count) * Math.min(intervalNs, LONGEST_SPREAD_NS));
}
