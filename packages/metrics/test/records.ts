import type { ArrivalKind, Attempt, RequestRecord, TokenUsage } from "@lens/core";

/** 2026-11-23, 10:00 UTC. */
export const STARTED_AT_MS = 1_795_428_000_000;

/** A try on a fresh connection: sent at 10 ms, first byte at 150 ms. */
export const ATTEMPT: Attempt = {
  startedNs: 0,
  sentNs: 10_000_000,
  reused: false,
  dnsNs: 1_000_000,
  connectNs: 2_000_000,
  tlsNs: 3_000_000,
  headersNs: 140_000_000,
  firstByteNs: 150_000_000,
  status: 200,
  error: null,
};

export function usage(counts: Partial<TokenUsage>): TokenUsage {
  return {
    inputTokens: null,
    cacheReadTokens: null,
    cacheWriteTokens: null,
    outputTokens: null,
    reasoningTokens: null,
    raw: null,
    ...counts,
  };
}

/** Arrivals as `[milliseconds, kind]`. */
export function arrivals(...list: readonly (readonly [number, ArrivalKind])[]): RequestRecord["arrivals"] {
  return {
    atNs: list.map(([ms]) => ms * 1_000_000),
    kind: list.map(([, kind]) => kind),
    events: list.map(() => 1),
    chars: list.map(() => 4),
  };
}

/** A request that was answered in five chunks of text, at 210, 230, 250, 270 and 290 ms, and ended at 300 ms. */
export function record(changes: Partial<RequestRecord> = {}): RequestRecord {
  return {
    schema: 1,
    id: "r1",
    target: { provider: "openai", model: "gpt-6-sol", label: "openai:gpt-6-sol", origin: "https://api.openai.com" },
    phase: "measured",
    labels: {},
    startedAtMs: STARTED_AT_MS,
    queuedNs: null,
    attempts: [ATTEMPT],
    arrivals: arrivals([210, "text"], [230, "text"], [250, "text"], [270, "text"], [290, "text"]),
    reasoningForm: "none",
    endNs: 300_000_000,
    usage: usage({ inputTokens: 100, outputTokens: 5 }),
    usageSource: "reported",
    server: null,
    reply: { model: null, requestId: null, serviceTier: null, costUsd: null, rateLimit: {} },
    outcome: { kind: "ok", finishReason: "stop", error: null },
    latenessNs: null,
    ...changes,
  };
}

/** A request that failed with `code`. */
export function failed(code: "RATE_LIMITED" | "SERVER_ERROR", changes: Partial<RequestRecord> = {}): RequestRecord {
  const error = {
    code,
    message: "no",
    status: code === "RATE_LIMITED" ? 429 : 500,
    providerType: null,
    retryable: true,
    retryAfterMs: null,
  };
  return record({
    arrivals: arrivals(),
    usage: null,
    usageSource: "none",
    attempts: [{ ...ATTEMPT, status: error.status, error }],
    outcome: { kind: "error", finishReason: null, error },
    ...changes,
  });
}
