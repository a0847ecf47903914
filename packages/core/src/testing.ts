/**
 * A clock for tests, which jumps to the next sleeper.
 * @module
 */
import type { Clock } from "./clock.ts";

/** A clock that stands still until everything waits, and then jumps to the next sleeper. */
export interface VirtualClock extends Clock {
  /** Moves time by hand, waking whoever is due on the way. */
  advance(byNs: number): void;
}

interface Sleeper {
  readonly atNs: bigint;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A virtual clock for tests: hours pass in milliseconds, and every instant is exact. Time jumps to the earliest sleeper
 * each time the event loop has nothing else to do, so do not mix it with real sockets.
 */
export function createVirtualClock(options: { readonly startNs?: bigint; readonly epochMs?: number } = {}): VirtualClock {
  const { startNs = 0n, epochMs = 0 } = options;
  let nowNs = startNs;
  let order = 0;
  let pumping = false;
  const sleepers = new Set<Sleeper>();

  function earliest(): Sleeper | null {
    let first: Sleeper | null = null;
    for (const sleeper of sleepers) {
      if (first === null || sleeper.atNs < first.atNs || (sleeper.atNs === first.atNs && sleeper.order < first.order)) first = sleeper;
    }
    return first;
  }

  function wakeOne(untilNs: bigint | null): boolean {
    const next = earliest();
    if (next === null || (untilNs !== null && next.atNs > untilNs)) return false;
    sleepers.delete(next);
    if (next.atNs > nowNs) nowNs = next.atNs;
    next.wake();
    return true;
  }

  function pump(): void {
    if (pumping) return;
    pumping = true;
    setImmediate(() => {
      pumping = false;
      if (wakeOne(null) && sleepers.size > 0) pump();
    });
  }

  function add(atNs: bigint, wake: () => void): () => void {
    const sleeper: Sleeper = { atNs, order: order++, wake };
    sleepers.add(sleeper);
    pump();
    return () => sleepers.delete(sleeper);
  }

  return {
    nowNs: () => nowNs,
    epochMs: () => epochMs + Number(nowNs - startNs) / 1e6,
    sleepUntil: (atNs, signal) =>
      new Promise((resolve) => {
        if (signal?.aborted === true || atNs <= nowNs) return resolve();
        const finish = (): void => {
          remove();
          signal?.removeEventListener("abort", finish);
          resolve();
        };
        const remove = add(atNs, finish);
        signal?.addEventListener("abort", finish, { once: true });
      }),
    after: (delayNs, callback) => add(nowNs + BigInt(Math.ceil(delayNs)), callback),
    advance(byNs) {
      const untilNs = nowNs + BigInt(byNs);
      while (wakeOne(untilNs));
      nowNs = untilNs;
    },
  };
}
