import type { RequestRecord } from "@lens/core";
import { createPriceBook, type PriceBook, type Report, type Slo, summarize } from "@lens/metrics";
import { request } from "./reports.ts";

const MS = 1_000_000;
/** Half of the requests meet it. */
const SLO: Slo = { ttftNs: 250 * MS };
const PRICES: PriceBook = createPriceBook([
  {
    modelId: "gpt-6-sol",
    providers: null,
    rates: { inputPerMillionUsd: 2, cacheReadPerMillionUsd: 0.2, cacheWritePerMillionUsd: 2.5, outputPerMillionUsd: 10 },
    tiers: [],
    source: "a test",
    asOf: "2026-11-23",
  },
]);

const RATE_LIMITED = {
  code: "RATE_LIMITED",
  message: "slow down",
  status: 429,
  providerType: null,
  retryable: true,
  retryAfterMs: null,
} as const;

/** Requests of every kind: two targets, schedules, retries, failures, and what is not known. */
export const RECORDS: readonly RequestRecord[] = Array.from({ length: 300 }, (_, index) => {
  const plain = request(index);
  if (index % 50 === 0) return { ...plain, phase: "warmup" };
  if (index % 20 === 1)
    return request(index, {
      chunksMs: [],
      usage: null,
      usageSource: "none",
      outcome: { kind: "error", finishReason: null, error: RATE_LIMITED },
    });
  if (index % 30 === 2) return { ...plain, outcome: { kind: "truncated", finishReason: "length", error: null }, latenessNs: null };
  if (index % 7 === 3)
    return {
      ...plain,
      target: { ...plain.target, model: "other", label: "openai:other" },
      reply: { ...plain.reply, model: "other" },
      queuedNs: index * 1000,
      attempts: [...plain.attempts, ...plain.attempts],
      usage: { inputTokens: 50, cacheReadTokens: 20, cacheWriteTokens: null, outputTokens: 9, reasoningTokens: 3, raw: null },
    };
  return plain;
});

export const LIVE_OPTIONS = { priceBook: PRICES, slo: SLO } as const;

/** The report of the same requests, for which the same was wanted. */
export const reportOfLive = (records: readonly RequestRecord[]): Report =>
  summarize(records, { tool: { name: "a-test", version: "1" }, run: { startedAtMs: 0, durationNs: 0 }, ...LIVE_OPTIONS });
