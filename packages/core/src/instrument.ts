/** Watches the turns of the event loop in which sockets are read. One per thread that reads sockets. */
export interface LatenessProbe {
  /**
   * The number of the present turn, counted from 1. What one socket delivers within a turn came in one read, however many
   * callbacks HTTP chunks or TLS records make of it (a read that fills libuv's 64 kB buffer is the exception).
   */
  turn(): number;
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
  let turns = 0;
  let lastTurnNs = process.hrtime.bigint();
  let floorNs = lastTurnNs;
  let lastIdleMs = performance.nodeTiming.idleTime;
  const endTurn = (): void => {
    inTurn = false;
  };
  const beginTurn = (): void => {
    inTurn = true;
    turns += 1;
    const idleMs = performance.nodeTiming.idleTime;
    const nowNs = process.hrtime.bigint();
    floorNs = idleMs > lastIdleMs ? nowNs : lastTurnNs;
    lastIdleMs = idleMs;
    lastTurnNs = nowNs;
    // Immediates run right after the poll phase, so this marks the end of the turn.
    setImmediate(endTurn);
  };
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
