import type { RequestRecord } from "@lens/core";
import { createGroup, type GroupSummary } from "../src/index.ts";
import { ATTEMPT, failed, record, STARTED_AT_MS, usage } from "./records.ts";
import { normal } from "./seeded.ts";

const ATTEMPT_SENT_NS = ATTEMPT.sentNs ?? 0;

/** Requests of one target, one after the other. */
export interface Course {
  readonly requests: number;
  readonly seed: number;
  /** Of the median TTFT, in milliseconds; 200 unless given. */
  readonly medianMs?: number;
  /** Of the logarithm of each time; 0.2 unless given. */
  readonly spread?: number;
  /** How many times as long TTFT is at the end of the run as at its start; 1 unless given. */
  readonly drift?: number;
  /** Between two requests, in milliseconds; 100 unless given. */
  readonly everyMs?: number;
  /** When the first one starts, in milliseconds from the start of all; 0 unless given. */
  readonly afterMs?: number;
  /** Every so manieth request fails; none unless given. */
  readonly failEvery?: number;
  /** How long visible text comes after the first reasoning, in milliseconds; there is no reasoning unless given. */
  readonly reasonMs?: number;
  readonly changes?: Partial<RequestRecord>;
}

/** The group of such requests: each answers in ten chunks, one every 20 ms or so, of one token each. */
export function groupOf(label: string, course: Course): GroupSummary {
  const { requests, seed, medianMs = 200, spread = 0.2, drift = 1, everyMs = 100, afterMs = 0, failEvery = 0, reasonMs } = course;
  const target = { provider: "openai", model: label, label, origin: null };
  const group = createGroup({ target, priceBook: null, window: null });
  const next = normal(seed);
  for (let request = 0; request < requests; request += 1) {
    const startedAtMs = STARTED_AT_MS + afterMs + request * everyMs;
    if (failEvery > 0 && request % failEvery === failEvery - 1) {
      group.add(failed("SERVER_ERROR", { target, startedAtMs }));
      continue;
    }
    const ttftNs = medianMs * 1e6 * (1 + ((drift - 1) * request) / requests) * Math.exp(spread * next());
    const gapNs = 20e6 * Math.exp(spread * next());
    const firstNs = ATTEMPT_SENT_NS + Math.round(ttftNs);
    const textNs = Array.from({ length: 10 }, (_, chunk) => firstNs + (reasonMs ?? 0) * 1e6 + Math.round(chunk * gapNs));
    const atNs = reasonMs === undefined ? textNs : [firstNs, ...textNs];
    const kind = atNs.map((_, index) => (reasonMs !== undefined && index === 0 ? "reasoning" : "text"));
    group.add(
      record({
        target,
        startedAtMs,
        attempts: [{ ...ATTEMPT, reused: true, dnsNs: null, connectNs: null, tlsNs: null }],
        arrivals: { atNs, kind, events: atNs.map(() => 1), chars: atNs.map(() => 4) },
        usage: usage({ inputTokens: 10, outputTokens: 10 }),
        endNs: (atNs.at(-1) ?? 0) + 1_000_000,
        ...course.changes,
      }),
    );
  }
  return group.summary();
}
