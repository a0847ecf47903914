import type { ErrorInfo, OutcomeKind, RequestRecord } from "@lens/core";
import { isAnswered } from "@lens/metrics";
import { oneLine } from "./printable.ts";

/** Counts what failed, with one example of each kind, to be said in words at the end. */
export interface FailureTally {
  add(record: RequestRecord): void;
  /** Measured requests that were answered. */
  answered(): number;
  /** One line for each kind of failure, the most frequent first. */
  lines(): readonly string[];
  /** The share of failed requests of one target; 0 where nothing was measured. */
  shareOf(label: string): number;
  /** The largest share of failed requests that any target had; 0 where nothing was measured. */
  worstShare(): number;
}

interface Kind {
  readonly name: string;
  readonly example: string;
  count: number;
}

const shareFailed = (counts: { readonly sent: number; readonly failed: number } | undefined): number =>
  counts === undefined || counts.sent === 0 ? 0 : counts.failed / counts.sent;

/** Starts a tally. Failed is every measured request that was not answered: outcomes other than `ok` and `truncated`, and `aborted`, which does not count. */
export function createFailureTally(): FailureTally {
  const kinds = new Map<string, Kind>();
  const targets = new Map<string, { sent: number; failed: number }>();

  const countsOf = (label: string): { sent: number; failed: number } => {
    const known = targets.get(label) ?? { sent: 0, failed: 0 };
    targets.set(label, known);
    return known;
  };

  return {
    add(record) {
      // What we broke off ourselves says nothing of the target.
      if (record.phase !== "measured" || record.outcome.kind === "aborted") return;
      const counts = countsOf(record.target.label);
      counts.sent += 1;
      if (isAnswered(record)) return;
      counts.failed += 1;
      const { kind, error } = record.outcome;
      const name = error?.code ?? kind;
      const known = kinds.get(name) ?? { name, example: describeFailure(kind, error), count: 0 };
      known.count += 1;
      kinds.set(name, known);
    },
    answered: () => [...targets.values()].reduce((sum, { sent, failed }) => sum + sent - failed, 0),
    lines: () =>
      [...kinds.values()]
        .toSorted((a, b) => b.count - a.count)
        .map(({ count, example }) => (count === 1 ? example : `${count} × ${example}`)),
    shareOf: (label) => shareFailed(targets.get(label)),
    worstShare: () => Math.max(0, ...[...targets.values()].map(shareFailed)),
  };
}

const WORDS: Readonly<Record<OutcomeKind, string>> = {
  ok: "answered",
  truncated: "ended at a length limit",
  filtered: "filtered: the provider blocked the prompt or the answer.",
  refused: "refused: the model declined to answer.",
  error: "failed",
  incomplete: "incomplete: the stream ended before the answer did.",
  aborted: "aborted by us.",
};

/** A failure in one line: its code and what is known of it. */
export function describeFailure(kind: OutcomeKind, error: ErrorInfo | null): string {
  return error === null ? WORDS[kind] : `${error.code}: ${oneLine(error.message)}`;
}
