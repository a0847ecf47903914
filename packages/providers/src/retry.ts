import type { LensError } from "@lens/core";

/** When and how often a failed request is sent again. Nothing is once a byte of the body of a good answer has come. */
export interface RetryPolicy {
  /** Tries after the first. */
  readonly maxRetries: number;
  /** The first wait; each further one is twice as long. */
  readonly baseDelayMs: number;
  /** The longest wait of our own choosing. */
  readonly maxDelayMs: number;
  /** The longest wait that a server may ask for. */
  readonly maxRetryAfterMs: number;
  /** A number from 0 up to 1, for the jitter. */
  readonly random: () => number;
}

/** The official SDKs' habit: 0.5 s, doubled up to 8 s, a quarter of jitter, a server's wish up to a minute. */
export const DEFAULT_RETRY_POLICY: Omit<RetryPolicy, "maxRetries"> = {
  baseDelayMs: 500,
  maxDelayMs: 8000,
  maxRetryAfterMs: 60_000,
  random: Math.random,
};

/** How long to wait before try number `retry` (from 1), in milliseconds; null when there should be none. */
export function retryDelayMs(policy: RetryPolicy, retry: number, error: LensError): number | null {
  if (retry > policy.maxRetries || !error.retryable) return null;
  if (error.retryAfterMs !== null) return Math.min(error.retryAfterMs, policy.maxRetryAfterMs);
  const backoffMs = Math.min(policy.baseDelayMs * 2 ** (retry - 1), policy.maxDelayMs);
  return backoffMs * (1 - policy.random() * 0.25);
}
