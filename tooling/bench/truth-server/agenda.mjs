// @ts-check
/** @typedef {{ readonly atNs: bigint, readonly work: () => void }} Entry */

/** A timer comes up to this much late, so the rest of a wait is spent turning the event loop. */
const TIMER_SLACK_NS = 1_500_000n;
const NS_PER_MS = 1_000_000n;

/**
 * Calls back at absolute instants, in their order and to a few microseconds: a timer for the whole milliseconds of a wait, and turns of the
 * event loop for the rest. It has a core to itself, so it may turn.
 */
export function createAgenda() {
  /** A binary heap, the earliest first. @type {Entry[]} */
  const heap = [];
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  let turning = false;

  /** @param {number} index */
  const at = (index) => /** @type {Entry} */ (heap[index]);

  /** @param {number} one @param {number} other */
  function swap(one, other) {
    const entry = at(one);
    heap[one] = at(other);
    heap[other] = entry;
  }

  /** @param {Entry} entry */
  function push(entry) {
    let index = heap.push(entry) - 1;
    for (let parent = (index - 1) >> 1; index > 0 && at(parent).atNs > at(index).atNs; parent = (index - 1) >> 1) {
      swap(index, parent);
      index = parent;
    }
  }

  function pop() {
    const first = at(0);
    const last = /** @type {Entry} */ (heap.pop());
    if (heap.length > 0) heap[0] = last;
    for (let index = 0; ;) {
      const left = 2 * index + 1;
      if (left >= heap.length) return first;
      const least = left + 1 < heap.length && at(left + 1).atNs < at(left).atNs ? left + 1 : left;
      if (at(least).atNs >= at(index).atNs) return first;
      swap(index, least);
      index = least;
    }
  }

  function turn() {
    turning = false;
    while (heap.length > 0 && at(0).atNs <= process.hrtime.bigint()) pop().work();
    wait();
  }

  function wait() {
    if (turning || heap.length === 0) return;
    clearTimeout(timer);
    const waitNs = at(0).atNs - process.hrtime.bigint() - TIMER_SLACK_NS;
    if (waitNs >= NS_PER_MS) {
      timer = setTimeout(wait, Number(waitNs / NS_PER_MS));
    } else {
      turning = true;
      setImmediate(turn);
    }
  }

  return {
    /** @param {bigint} atNs @param {() => void} work */
    add(atNs, work) {
      push({ atNs, work });
      if (at(0).work === work) wait();
    },
  };
}
