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
  after(delayNs: number, callback: () => void, options?: AfterOptions): Cancel;
}

/** How to wait for a callback. */
export interface AfterOptions {
  /** Whether the process may end before; false unless given. */
  readonly unref?: boolean;
}

const NS_PER_MS = 1_000_000;
/** `setTimeout` fires up to this much late, so the rest of a sleep is watched turn by turn of the event loop. */
const TIMER_SLACK_MS = 2;
/** While nothing comes in, a watched turn is drawn out to this by a nap, lest it be two microseconds of pure CPU. */
const NAP_MS = 0.05;
/** A nap may take this long, so closer to the instant there is none. */
const LONGEST_NAP_MS = 0.2;
/** A turn that took longer had sockets to read: there may be more of them. */
const IDLE_TURN_NS = 25_000n;
/** A larger delay overflows `setTimeout` and would fire at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const nowNs = (): bigint => process.hrtime.bigint();

/** What waits for an instant that is near. */
interface Watcher {
  readonly atNs: bigint;
  readonly wake: () => void;
}

const watchers = new Set<Watcher>();
const neverNotified = new Int32Array(new SharedArrayBuffer(4));
let watching = false;
let nappedNs = 0n;

/** Wakes whom it is time for, once in each turn of the event loop for as long as there is one to be woken. */
function watch(): void {
  const turnNs = nowNs();
  let nearestMs = Number.POSITIVE_INFINITY;
  for (const watcher of watchers) {
    const remainingMs = Number(watcher.atNs - turnNs) / NS_PER_MS;
    if (remainingMs > 0) nearestMs = Math.min(nearestMs, remainingMs);
    else {
      watchers.delete(watcher);
      watcher.wake();
    }
  }
  watching = watchers.size > 0;
  if (!watching) return;
  if (nearestMs > LONGEST_NAP_MS && turnNs - nappedNs < IDLE_TURN_NS) Atomics.wait(neverNotified, 0, 0, NAP_MS);
  nappedNs = nowNs();
  setImmediate(watch);
}

/** Calls back at the instant, to the length of a turn. */
function watchFor(watcher: Watcher): Cancel {
  watchers.add(watcher);
  if (!watching) setImmediate(watch);
  watching = true;
  return () => void watchers.delete(watcher);
}

function sleepUntil(atNs: bigint, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let cancel: Cancel = () => undefined;
    const finish = (): void => {
      cancel();
      signal?.removeEventListener("abort", finish);
      resolve();
    };
    const wait = (): void => {
      const remainingMs = Number(atNs - nowNs()) / NS_PER_MS;
      if (remainingMs <= 0 || signal?.aborted === true) return finish();
      if (remainingMs <= TIMER_SLACK_MS) {
        cancel = watchFor({ atNs, wake: finish });
        return;
      }
      const timer = setTimeout(wait, Math.min(remainingMs - TIMER_SLACK_MS, LONGEST_TIMER_MS));
      cancel = () => clearTimeout(timer);
    };
    signal?.addEventListener("abort", finish, { once: true });
    wait();
  });
}

function after(delayNs: number, callback: () => void, { unref = false }: AfterOptions = {}): Cancel {
  const dueNs = nowNs() + BigInt(Math.ceil(delayNs));
  const start = (delayMs: number): NodeJS.Timeout => {
    const started = setTimeout(wait, Math.min(delayMs, LONGEST_TIMER_MS));
    return unref ? started.unref() : started;
  };
  const wait = (): void => {
    const remainingMs = Math.ceil(Number(dueNs - nowNs()) / NS_PER_MS);
    if (remainingMs <= 0) callback();
    else timer = start(remainingMs);
  };
  let timer = start(Math.ceil(delayNs / NS_PER_MS));
  return () => clearTimeout(timer);
}

/** The machine's own clock: CLOCK_MONOTONIC on Linux, through `process.hrtime`. */
export const systemClock: Clock = {
  nowNs,
  epochMs: () => performance.timeOrigin + performance.now(),
  sleepUntil,
  after,
};
