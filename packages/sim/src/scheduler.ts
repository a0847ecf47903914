import { setMaxListeners } from "node:events";
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

/**
 * A scheduler on `clock`: a heap of all that is due, and a sleep until the earliest of it. A sleep is never called off when something
 * earlier comes up, since that costs ten times what it saves: it is left to wake for nothing. `defer` calls back after sockets were read.
 */
export function createScheduler(clock: Clock, defer: (task: () => void) => void): Scheduler {
  const originNs = clock.nowNs();
  const heap: Entry[] = [];
  /** When the sleeps that run will end: each earlier than the one before it. */
  const wakesNs: number[] = [];
  const stopping = new AbortController();
  // Each sleep listens to it, and it is no leak that there are many.
  setMaxListeners(0, stopping.signal);
  let order = 0;
  /** While it runs, and while it has put off running, it looks at the heap by itself. */
  let awake = false;

  function arm(): void {
    const first = heap[0];
    const nextWakeNs = wakesNs.at(-1);
    if (first === undefined || (nextWakeNs !== undefined && nextWakeNs <= first.atNs)) return;
    wakesNs.push(first.atNs);
    void clock.sleepUntil(originNs + BigInt(first.atNs), stopping.signal).then(() => {
      wakesNs.pop();
      if (!awake) run();
    });
  }

  function run(): void {
    if (stopping.signal.aborted) return;
    awake = true;
    const nowNs = Number(clock.nowNs() - originNs);
    let first = heap[0];
    for (; first !== undefined && first.atNs <= nowNs; first = heap[0]) {
      pop(heap);
      first.task();
    }
    // What fell due meanwhile waits until sockets have been read, so that a busy simulator still hears its clients.
    if (first !== undefined && originNs + BigInt(first.atNs) <= clock.nowNs()) return defer(run);
    awake = false;
    arm();
  }

  return {
    at(atNs, task) {
      push(heap, { atNs: Number(atNs - originNs), order: order++, task });
      if (!awake) arm();
    },
    stop() {
      stopping.abort();
      heap.length = 0;
    },
  };
}
