import type { Clock, LatenessProbe } from "@lens/core";

/**
 * The instant of the read that one socket's callbacks belong to. All callbacks of one turn of the event loop are one read, and share
 * its first stamp: HTTP chunks and TLS records make several of it. Call it first thing in each callback.
 */
export function createReadStamp(clock: Clock, probe: LatenessProbe): () => bigint {
  let turn = 0;
  let readNs = 0n;
  return () => {
    const nowNs = clock.nowNs();
    const present = probe.turn();
    if (present !== turn) {
      turn = present;
      readNs = nowNs;
    }
    return readNs;
  };
}
