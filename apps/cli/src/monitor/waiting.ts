import type { Clock } from "@lens/core";

/** Lets the event loop turn, so that what has come meanwhile is read and stamped. */
export function turn(clock: Pick<Clock, "after">): Promise<void> {
  return new Promise((resolve) => void clock.after(0, resolve));
}

/** Does something again and again, each time so long after the last was done, until the signal. Never rejects unless `action` does. */
export async function repeat(
  action: () => Promise<void>,
  periodNs: number,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  for (;;) {
    await clock.sleepUntil(clock.nowNs() + BigInt(periodNs), signal);
    if (signal.aborted) return;
    await action();
  }
}
