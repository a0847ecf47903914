import type { Reader } from "./line-reader.ts";
import type { TraceEntry } from "./trace-format.ts";

/** A line of a trace, read. */
export interface TraceLine {
  readonly entry: TraceEntry;
  /** Counted from 1. */
  readonly number: number;
}

/** No request of ours lasts longer, unless its time-out was raised. */
const LONGEST_REQUEST_NS = 600_000_000_000n;

/** Keeps the earliest on top. Of those sent at one time, the one that stood first in the file. */
function createHeap() {
  const lines: TraceLine[] = [];
  const before = (a: TraceLine, b: TraceLine): boolean =>
    a.entry.atNs < b.entry.atNs || (a.entry.atNs === b.entry.atNs && a.number < b.number);

  function swap(one: number, other: number): boolean {
    const [a, b] = [lines[one], lines[other]];
    if (a === undefined || b === undefined || !before(b, a)) return false;
    lines[one] = b;
    lines[other] = a;
    return true;
  }

  function sink(): void {
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const [a, b] = [lines[left], lines[left + 1]];
      const child = a !== undefined && b !== undefined && before(b, a) ? left + 1 : left;
      if (!swap(at, child)) return;
      at = child;
    }
  }

  return {
    top: (): TraceLine | undefined => lines[0],
    push(line: TraceLine): void {
      lines.push(line);
      for (let at = lines.length - 1; at > 0;) {
        const parent = Math.floor((at - 1) / 2);
        if (!swap(parent, at)) return;
        at = parent;
      }
    },
    pop(): TraceLine | undefined {
      const top = lines[0];
      const last = lines.pop();
      if (lines.length > 0 && last !== undefined) {
        lines[0] = last;
        sink();
      }
      return top;
    },
  };
}

/**
 * Puts lines that stand in the order of ends into the order of starts. What is still to come ended later than what has come, and lasted no longer than
 * ten minutes: so much of the file is held in memory, and no more.
 */
export function inOrderOfStarts(lines: Reader<TraceLine>): Reader<TraceLine> {
  const held = createHeap();
  let latestEndNs: bigint | null = null;
  let ended = false;

  return {
    next() {
      for (;;) {
        const first = held.top();
        if (first !== undefined && (ended || (latestEndNs !== null && first.entry.atNs <= latestEndNs - LONGEST_REQUEST_NS)))
          return held.pop();
        if (ended) return null;
        const line = lines.next();
        if (line === undefined) return undefined;
        if (line === null) {
          ended = true;
          continue;
        }
        held.push(line);
        const endNs = line.entry.endNs ?? line.entry.atNs;
        if (latestEndNs === null || endNs > latestEndNs) latestEndNs = endNs;
      }
    },
    ready: lines.ready,
    close: lines.close,
  };
}
