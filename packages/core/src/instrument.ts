/** Says how late a stamp may be, because the bytes waited while the thread was busy. One per thread that reads sockets. */
export interface LatenessProbe {
  /** Upper bound in nanoseconds on how long bytes stamped at `atNs`, in a read callback, may have waited before the stamp. */
  boundNs(atNs: bigint): number;
}

/**
 * Bounds lateness from inside the event loop. Bytes that are read in a turn of the loop arrived, at the earliest, when the loop
 * last came back from waiting: now, if the loop slept since its last turn with reads (its idle time grew); else when that turn began.
 * It cannot see the time the processor takes to wake up, about 0.2 ms on an idle machine.
 */
export function createLatenessProbe(): LatenessProbe {
  let inTurn = false;
  let floorNs: bigint | null = null;
  let lastTurnNs: bigint | null = null;
  let lastIdleMs = performance.nodeTiming.idleTime;
  const endTurn = (): void => {
    inTurn = false;
  };
  return {
    boundNs(atNs) {
      if (!inTurn) {
        inTurn = true;
        const idleMs = performance.nodeTiming.idleTime;
        floorNs = idleMs > lastIdleMs || lastTurnNs === null ? atNs : lastTurnNs;
        lastIdleMs = idleMs;
        lastTurnNs = atNs;
        // Immediates run right after the poll phase, so this marks the end of the turn.
        setImmediate(endTurn);
      }
      return floorNs === null ? 0 : Number(atNs - floorNs);
    },
  };
}
