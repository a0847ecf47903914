import type { Cancel, Clock, RequestRecord } from "@lens/core";

/** Collects records and sends them in batches, as fast as they are taken. */
export interface Outbox {
  /** Returns a promise where so much is under way that sending should wait. */
  add(record: RequestRecord): Promise<void> | undefined;
  /** The other side has taken a batch. */
  taken(): void;
  /** Sends what is left; resolves when all was taken. */
  flush(): Promise<void>;
}

const FLUSH_EVERY_NS = 50e6;
const MOST_PER_BATCH = 256;
/** Batches under way: more would fill the memory when the main thread cannot keep up. */
const MOST_UNDER_WAY = 8;

/** An outbox that hands batches to `post`, each record as a line of JSON. */
export function createOutbox(clock: Clock, post: (lines: readonly string[]) => void): Outbox {
  let lines: string[] = [];
  let underWay = 0;
  let cancel: Cancel | null = null;
  let waiting: (() => void)[] = [];

  function send(): void {
    cancel?.();
    cancel = null;
    if (lines.length === 0) return;
    post(lines);
    lines = [];
    underWay += 1;
  }

  const untilTaken = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });

  async function untilBelow(limit: number): Promise<void> {
    while (underWay >= limit) await untilTaken();
  }

  return {
    add(record) {
      lines.push(JSON.stringify(record));
      if (lines.length >= MOST_PER_BATCH) send();
      else cancel ??= clock.after(FLUSH_EVERY_NS, send);
      return underWay >= MOST_UNDER_WAY ? untilBelow(MOST_UNDER_WAY) : undefined;
    },
    taken() {
      underWay -= 1;
      const woken = waiting;
      waiting = [];
      for (const wake of woken) wake();
    },
    flush() {
      send();
      return untilBelow(1);
    },
  };
}
