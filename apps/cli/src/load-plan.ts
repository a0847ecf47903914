import { parseDurationNs } from "@lens/core";
import type { Configuration } from "./config.ts";

/** What a closed loop is to do. */
export interface LoadPlan {
  readonly concurrency: number;
  /** Null where only the duration decides. */
  readonly requests: number | null;
  readonly durationNs: number | null;
  readonly warmupRequests: number;
}

/**
 * The load that the settings ask for. A duration alone puts the default number of requests out of force. Unless said otherwise, the warm-up is
 * one request for each connection, since the first ones find cold connections and cold code; but no more than a tenth of the
 * measured ones, since requests cost money.
 */
export function planLoad({ settings, sources }: Configuration): LoadPlan {
  const { concurrency, duration, warmup } = settings;
  const durationNs = duration === undefined ? null : parseDurationNs(duration);
  const requests = durationNs !== null && sources.requests === "default" ? null : settings.requests;
  const tenth = requests === null ? concurrency : Math.floor(requests / 10);
  return { concurrency, requests, durationNs, warmupRequests: warmup ?? Math.min(concurrency, tenth) };
}
