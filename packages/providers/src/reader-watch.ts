import type { Cancel, Clock } from "@lens/core";
import { DEFAULT_TIMEOUTS } from "./watchdog.ts";

/** So long a caller may ask for nothing of an answer before it counts as left: as long as a server may send nothing. */
export const LEFT_AFTER_NS = DEFAULT_TIMEOUTS.idleNs;

/** Told of the reads of a body or stream, knows whether anybody still wants it. */
export interface ReaderWatch {
  /** A read begins. */
  asked(): void;
  /** A read came to something. */
  took(atNs: bigint): void;
  /** No read is under way any more, whatever became of it. */
  released(): void;
  /** Nobody will ask any more. */
  lost(): void;
  stop(): void;
}

/**
 * Calls back once nobody has asked for anything for `limitNs`, with the instant up to which somebody did: a reader can be left without a word, and its
 * garbage is not collected as long as the server would send more. A read that waits for a slow server is no such case. It keeps neither the stream in
 * memory nor the process alive.
 */
export function watchReader(clock: Clock, limitNs: number, left: (atNs: bigint) => void): ReaderWatch {
  let underWay = 0;
  let tookNs = clock.nowNs();
  let cancel: Cancel;

  function checkAfter(waitNs: number): void {
    cancel = clock.after(waitNs, check, { unref: true });
  }

  function check(): void {
    const idleNs = underWay > 0 ? 0 : Number(clock.nowNs() - tookNs);
    if (idleNs >= limitNs) left(tookNs);
    else checkAfter(limitNs - idleNs);
  }

  checkAfter(limitNs);
  return {
    asked() {
      underWay += 1;
    },
    took(atNs) {
      underWay -= 1;
      tookNs = atNs;
    },
    released() {
      underWay = 0;
    },
    lost: () => left(tookNs),
    stop: () => cancel(),
  };
}
