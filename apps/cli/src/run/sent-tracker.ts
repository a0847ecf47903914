import type { RequestPhase } from "@lens/core";
import type { Resumption, SentNote } from "@lens/load";

/** Whole numbers that come nearly in order, in memory that grows with their gaps only. */
export interface NumberSet {
  add(value: number): void;
  has(value: number): boolean;
  /** One more than the highest. */
  readonly next: () => number;
  /** Those below `next` that are not in it, in ascending order. */
  missing(): readonly number[];
}

/** An empty set. */
export function createNumberSet(): NumberSet {
  const missing = new Set<number>();
  let next = 0;
  return {
    add(value) {
      for (; next <= value; next += 1) missing.add(next);
      missing.delete(value);
    },
    has: (value) => value < next && !missing.has(value),
    next: () => next,
    missing: () => [...missing].toSorted((one, other) => one - other),
  };
}

/** What one process sent of a load. */
export interface SentSpan {
  sent: number;
  /** Wall times of the first and the last request. */
  readonly firstMs: number;
  lastMs: number;
}

/** What was sent of a load. */
export interface SentTracker {
  add(note: SentNote, session: number): void;
  /** Where the load goes on. */
  resumption(): Resumption;
  /** By the process that sent. */
  readonly spans: ReadonlyMap<number, SentSpan>;
}

interface Phase {
  readonly startedNs: number;
  readonly turns: NumberSet;
}

/** A tracker that has seen nothing. */
export function createSentTracker(): SentTracker {
  const phases = new Map<RequestPhase, Phase>();
  const indices = createNumberSet();
  const spans = new Map<number, SentSpan>();
  let elapsedNs = 0;

  function phaseOf({ phase, atNs }: SentNote): Phase {
    const known = phases.get(phase);
    if (known !== undefined) return known;
    const begun = { startedNs: atNs, turns: createNumberSet() };
    phases.set(phase, begun);
    return begun;
  }

  return {
    add(note, session) {
      const span = spans.get(session) ?? { sent: 0, firstMs: note.atMs, lastMs: note.atMs };
      spans.set(session, span);
      span.sent += 1;
      span.lastMs = Math.max(span.lastMs, note.atMs);
      phaseOf(note).turns.add(note.turn);
      indices.add(note.index);
      // After the last request nothing was sent, and so that time does not count.
      elapsedNs = Math.max(elapsedNs, note.atNs);
    },
    resumption: () => ({
      elapsedNs,
      nextIndex: indices.next(),
      phases: [...phases].map(([phase, { startedNs, turns }]) => ({ phase, startedNs, nextTurn: turns.next(), missing: turns.missing() })),
    }),
    spans,
  };
}
