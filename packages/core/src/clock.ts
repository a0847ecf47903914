/** Stops a pending callback; calling it again, or after the callback ran, does nothing. */
export type Cancel = () => void;

/**
 * The only source of time. Everything that measures or waits is given one, so that a test can
 * hand over a virtual clock (`@lens/core/testing`) and assert exact nanoseconds.
 */
export interface Clock {
  /** Monotonic instant in nanoseconds: one time line for all threads and processes of a machine. */
  nowNs(): bigint;
  /**
   * Wall time in milliseconds, with a fraction, that never jumps: the wall time at which the process started plus the
   * monotonic time since. Two values of one process differ by true elapsed time; the label drifts from a corrected system clock.
   */
  epochMs(): number;
  /** Resolves at `atNs`, to well under a millisecond, or as soon as `signal` aborts, whichever is first. Never rejects. */
  sleepUntil(atNs: bigint, signal?: AbortSignal): Promise<void>;
  /** Calls back after at least `delayNs`, to the millisecond: for time-outs, which need no precision but must cost little. */
  after(delayNs: number, callback: () => void): Cancel;
}

const NS_PER_MS = 1_000_000;
/** `setTimeout` fires up to this much late, so the rest of a sleep is spent turning the event loop. */
const TIMER_SLACK_MS = 2;
/** A larger delay overflows `setTimeout` and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const nowNs = (): bigint => process.hrtime.bigint();

function sleepUntil(atNs: bigint, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const finish = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const wait = (): void => {
      const remainingMs = Number(atNs - nowNs()) / NS_PER_MS;
      if (remainingMs <= 0 || signal?.aborted === true) finish();
      else if (remainingMs <= TIMER_SLACK_MS) setImmediate(wait);
      else timer = setTimeout(wait, Math.min(remainingMs - TIMER_SLACK_MS, LONGEST_TIMER_MS));
    };
    signal?.addEventListener("abort", finish, { once: true });
    wait();
  });
}

function after(delayNs: number, callback: () => void): Cancel {
  const dueNs = nowNs() + BigInt(Math.ceil(delayNs));
  let timer: NodeJS.Timeout;
  const wait = (): void => {
    const remainingMs = Math.ceil(Number(dueNs - nowNs()) / NS_PER_MS);
    if (remainingMs <= 0) callback();
    else timer = setTimeout(wait, Math.min(remainingMs, LONGEST_TIMER_MS));
  };
  timer = setTimeout(wait, Math.min(Math.ceil(delayNs / NS_PER_MS), LONGEST_TIMER_MS));
  return () => clearTimeout(timer);
}

/** The machine's own clock: CLOCK_MONOTONIC on Linux, through `process.hrtime`. */
export const systemClock: Clock = {
  nowNs,
  epochMs: () => performance.timeOrigin + performance.now(),
  sleepUntil,
  after,
};
