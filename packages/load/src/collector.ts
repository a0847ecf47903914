import type { RequestRecord } from "@lens/core";
import type { LoadProgress } from "./result.ts";

/** What the records of a run say of its course. */
export interface Course {
  /** Of measured requests; null where there was none. */
  readonly firstStartMs: number | null;
  readonly lastStartMs: number | null;
  /** Of all requests. */
  readonly lastEndMs: number | null;
}

/** Takes in all records of a run, in the thread that asked for it. */
export interface Collector {
  /** Hands a record on; returns what its receiver returns. */
  take(record: RequestRecord): void | Promise<void>;
  done(): number;
  failedByCode(): LoadProgress["failedByCode"];
  course(): Course;
}

const NS_PER_MS = 1e6;

/** Why a request counts as failed; null where it does not. */
function failureOf({ outcome }: RequestRecord): keyof LoadProgress["failedByCode"] | null {
  switch (outcome.kind) {
    case "ok":
    case "truncated":
      return null;
    case "filtered":
    case "refused":
      return outcome.kind;
    case "error":
    case "incomplete":
    case "aborted":
      return outcome.error?.code ?? "INTERNAL";
  }
}

/** A collector that hands each record to `ledger`, where there is one, and then to `onRecord`. */
export function createCollector(
  ledger: ((record: RequestRecord) => void) | null,
  onRecord: (record: RequestRecord) => void | Promise<void>,
): Collector {
  const failed: Partial<Record<keyof LoadProgress["failedByCode"], number>> = {};
  let done = 0;
  let firstStartMs: number | null = null;
  let lastStartMs: number | null = null;
  let lastEndMs: number | null = null;
  return {
    take(record) {
      done += 1;
      ledger?.(record);
      const { startedAtMs, endNs, phase } = record;
      const endMs = startedAtMs + endNs / NS_PER_MS;
      lastEndMs = Math.max(lastEndMs ?? endMs, endMs);
      if (phase === "measured") {
        firstStartMs = Math.min(firstStartMs ?? startedAtMs, startedAtMs);
        lastStartMs = Math.max(lastStartMs ?? startedAtMs, startedAtMs);
      }
      const failure = failureOf(record);
      if (failure !== null) failed[failure] = (failed[failure] ?? 0) + 1;
      return onRecord(record);
    },
    done: () => done,
    failedByCode: () => ({ ...failed }),
    course: () => ({ firstStartMs, lastStartMs, lastEndMs }),
  };
}
