import type { RequestRecord } from "@lens/core";
import { arrivals, record, STARTED_AT_MS, usage } from "./records.ts";

export const THREADS = 2;
const PORTIONS = 2;
const RECORDS_A_PORTION = 100;

/** What a thread is told to do. */
export interface ThreadOrder {
  readonly thread: number;
  /** What it posts of each portion of its requests: the report of a collector, which is reset then, or the records themselves. */
  readonly posts: "report" | "records";
}

/** The requests of a thread, in portions: three models, no two requests alike, and every seventh of them failed. */
export function portionsOf(thread: number): readonly (readonly RequestRecord[])[] {
  return Array.from({ length: PORTIONS }, (_, portion) =>
    Array.from({ length: RECORDS_A_PORTION }, (__, place) => {
      const index = (thread * PORTIONS + portion) * RECORDS_A_PORTION + place;
      const model = `m${index % 3}`;
      const error = { code: "OVERLOADED", message: "busy", status: 529, providerType: null, retryable: true, retryAfterMs: null } as const;
      return record({
        id: `r${index}`,
        target: { provider: "openai", model, label: `openai:${model}`, origin: null },
        startedAtMs: STARTED_AT_MS + index * 2,
        arrivals: arrivals([200 + (index % 97), "text"], [240 + index, "text"], [250 + index * 2, "text"]),
        endNs: (260 + index * 2) * 1e6,
        usage: usage({ inputTokens: 50 + index, outputTokens: 3 + (index % 5) }),
        latenessNs: index * 1000,
        ...(index % 7 === 0 ? { outcome: { kind: "error", finishReason: null, error } } : {}),
      });
    }),
  );
}
