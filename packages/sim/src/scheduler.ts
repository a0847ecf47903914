import type { Clock } from "@lens/core";

/** Calls back at exact instants, for any number of streams, at the cost of one sleeper. */
export interface Scheduler {
  /** Calls `task` at `atNs`; those of one instant in the order in which they were asked for. */
  at(atNs: bigint, task: () => void): void;
  /** Forgets everything. */
  stop(): void;
}

interface Entry {
  readonly atNs: number;
  readonly order: number;
  readonly task: () => void;
}

const isBefore = (left: Entry, right: Entry): boolean => left.atNs < right.atNs || (left.atNs === right.atNs && left.order < right.order);

function push(heap: Entry[], entry: Entry): void {
  let at = heap.length;
  while (at > 0) {
    const up = (at - 1) >> 1;
    const parent = heap[up] as Entry;
    if (!isBefore(entry, parent)) break;
    heap[at] = parent;
    at = up;
  }
  heap[at] = entry;
}

function pop(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    const left = 2 * at + 1;
    if (left >= heap.length) break;
    const right = left + 1;
    const least = right < heap.length && isBefore(heap[right] as Entry, heap[left] as Entry) ? right : left;
    if (!isBefore(heap[least] as Entry, last)) break;
    heap[at] = heap[least] as Entry;
    at = least;
  }
  heap[at] = last;
}

/** A scheduler on `clock`: a heap of all that is due, and one sleep until the earliest of it. */
export function createScheduler(clock: Clock): Scheduler {
  const originNs = clock.nowNs();
  const heap: Entry[] = [];
  let order = 0;
  let running = false;
  let armed: { readonly atNs: number; readonly cancel: AbortController } | null = null;

  function arm(): void {
    const first = heap[0];
    if (running || first === undefined || (armed !== null && armed.atNs <= first.atNs)) return;
    armed?.cancel.abort();
    const cancel = new AbortController();
    armed = { atNs: first.atNs, cancel };
    void clock.sleepUntil(originNs + BigInt(first.atNs), cancel.signal).then(() => {
      if (!cancel.signal.aborted) run();
    });
  }

  function run(): void {
    armed = null;
    running = true;
    // One look at the clock a turn: what falls due meanwhile waits for sockets to be read, so that a busy simulator still hears its clients.
    const nowNs = Number(clock.nowNs() - originNs);
    for (let first = heap[0]; first !== undefined && first.atNs <= nowNs; first = heap[0]) {
      pop(heap);
      first.task();
    }
    running = false;
    arm();
  }

  return {
    at(atNs, task) {
      push(heap, { atNs: Number(atNs - originNs), order: order++, task });
      arm();
    },
    stop() {
      armed?.cancel.abort();
      armed = null;
      heap.length = 0;
    },
  };
}
