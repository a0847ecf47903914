import { openSync, readSync } from "node:fs";

/** What a probe must know of the event loop that it watches, and of its thread. */
export interface EventLoop {
  /** Monotonic instant in nanoseconds. */
  nowNs(): bigint;
  /** How long the loop has slept in all, in nanoseconds. Up to date in a callback of a socket, where the sleep before it has just ended. */
  sleptNs(): number;
  /** How long the thread was ready to run in all, while others had the processor; 0 where the system does not say. */
  delayedNs(): number;
  /** Calls back once when the loop has worked off the sockets that were ready; keeps it neither awake nor alive. */
  afterReads(callback: () => void): void;
}

/** Watches the turns of the event loop in which sockets are read. */
export interface LatenessProbe {
  /**
   * The number of the present turn, counted from 1. What one socket delivers within a turn came in one read, however many
   * callbacks HTTP chunks or TLS records make of it (a read that fills libuv's 64 kB buffer is the exception).
   */
  turn(): number;
  /** Upper bound in nanoseconds on how long bytes stamped at `atNs`, in a read callback, may have waited before the stamp. */
  boundNs(atNs: bigint): number;
}

/** The delay is the second number of Linux's `schedstat`; to read it takes about 1.5 µs. */
function readDelays(): () => number {
  try {
    const file = openSync("/proc/thread-self/schedstat", "r");
    const text = Buffer.alloc(64);
    return () => Number(text.toString("latin1", 0, readSync(file, text, 0, text.length, 0)).split(" ")[1]) || 0;
  } catch {
    return () => 0;
  }
}

const watchThread = (): EventLoop => ({
  nowNs: () => process.hrtime.bigint(),
  sleptNs: () => performance.nodeTiming.idleTime * 1e6,
  delayedNs: readDelays(),
  // Immediates run right after the sockets; one without a reference does not keep the loop from sleeping.
  afterReads: (callback) => void setImmediate(callback).unref(),
});

/** A sleep shorter than this cannot hide a delay that matters. */
const SHORT_SLEEP_NS = 100_000;

/**
 * Bounds lateness from inside the event loop. In every turn the loop asks the system once which sockets are ready. If it has slept there, the
 * bytes that it finds have just woken it, late by as much as others had the processor meanwhile; else they came after it asked in the turn
 * before, or it would have found them then. When it asked is not seen, but it was no earlier than the end of the reads before, plus the
 * sleep. What is not seen at all is how long the processor itself takes to wake up: 0.1 to 0.2 ms on an idle machine.
 */
export function createLatenessProbe(loop: EventLoop = watchThread()): LatenessProbe {
  let inTurn = false;
  let turns = 0;
  /** When the reads of the turn before had been worked off, and how long the loop had slept by then. */
  let readsDoneNs = loop.nowNs();
  let sleptNs = loop.sleptNs();
  /** When, at the earliest, the loop was told which sockets were ready, in the turn before and in this one. */
  let askedBeforeNs = readsDoneNs;
  let askedNs = readsDoneNs;
  let floorNs = readsDoneNs;
  let delayedNs = loop.delayedNs();

  /** How late the thread can have woken from a sleep. Delays since the last such look count, but none was longer than the sleep. */
  const wokeLateNs = (sleepNs: number): number => {
    if (sleepNs < SHORT_SLEEP_NS) return 0;
    const beforeNs = delayedNs;
    delayedNs = loop.delayedNs();
    return Math.min(sleepNs, delayedNs - beforeNs);
  };

  const beginTurn = (): void => {
    inTurn = true;
    turns += 1;
    const sleepNs = Math.floor(loop.sleptNs() - sleptNs);
    askedNs = readsDoneNs + BigInt(sleepNs);
    floorNs = sleepNs > 0 ? askedNs - BigInt(wokeLateNs(sleepNs)) : askedBeforeNs;
  };
  const endTurn = (): void => {
    if (!inTurn) beginTurn();
    inTurn = false;
    askedBeforeNs = askedNs;
    readsDoneNs = loop.nowNs();
    sleptNs = loop.sleptNs();
    loop.afterReads(endTurn);
  };
  loop.afterReads(endTurn);
  return {
    turn() {
      if (!inTurn) beginTurn();
      return turns;
    },
    boundNs(atNs) {
      if (!inTurn) beginTurn();
      return Math.max(0, Number(atNs - floorNs));
    },
  };
}

let shared: LatenessProbe | null = null;

/** The probe of this thread: it has one event loop, and watching costs a little in each turn. */
export function threadLatenessProbe(): LatenessProbe {
  shared ??= createLatenessProbe();
  return shared;
}
