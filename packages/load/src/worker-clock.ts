import { type Clock, systemClock } from "@lens/core";

/** One moment, on the monotonic and on the wall clock. */
export interface Moment {
  readonly nowNs: bigint;
  readonly epochMs: number;
}

const TRIES = 20;

/** Reads both clocks at one moment: of several tries the one in which least time went by, for a thread may be put to sleep between two reads. */
export function readMoment(clock: Clock): Moment {
  const reads = Array.from({ length: TRIES }, () => {
    const beforeNs = clock.nowNs();
    const epochMs = clock.epochMs();
    const spentNs = clock.nowNs() - beforeNs;
    return { nowNs: beforeNs + spentNs / 2n, epochMs, spentNs };
  });
  const { nowNs, epochMs } = reads.reduce((best, read) => (read.spentNs < best.spentNs ? read : best));
  return { nowNs, epochMs };
}

/** The clock of a worker. Monotonic time is one for all threads; wall time counts from a moment of the main thread's, since each thread has its own. */
export function createWorkerClock({ nowNs, epochMs }: Moment): Clock {
  return { ...systemClock, epochMs: () => epochMs + Number(systemClock.nowNs() - nowNs) / 1e6 };
}
