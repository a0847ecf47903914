import type { ServerTimings, TokenUsage } from "@lens/core";
import { asAmount, asObject, asText, type JsonObject, secondsToMs } from "./json.ts";

/**
 * Chat-completion usage in the common meaning. Most servers count reasoning inside `completion_tokens`; xAI counts it beside, which
 * its total gives away. Cached tokens are `prompt_tokens_details.cached_tokens`, at DeepSeek `prompt_cache_hit_tokens`; SGLang
 * has `reasoning_tokens` at the top.
 */
export function readChatUsage(usage: JsonObject): TokenUsage {
  const inputTokens = asAmount(usage.prompt_tokens);
  const completionTokens = asAmount(usage.completion_tokens);
  const input = asObject(usage.prompt_tokens_details);
  const reasoningTokens = asAmount(asObject(usage.completion_tokens_details)?.reasoning_tokens) ?? asAmount(usage.reasoning_tokens);
  const countedApart =
    reasoningTokens !== null &&
    reasoningTokens > 0 &&
    usage.total_tokens === (inputTokens ?? 0) + (completionTokens ?? 0) + reasoningTokens;
  return {
    inputTokens,
    cacheReadTokens: asAmount(input?.cached_tokens) ?? asAmount(usage.prompt_cache_hit_tokens),
    cacheWriteTokens: asAmount(input?.cache_write_tokens),
    outputTokens: countedApart ? (completionTokens ?? 0) + reasoningTokens : completionTokens,
    reasoningTokens,
    raw: usage,
  };
}

/** What the provider says the request cost, in USD: OpenRouter's `cost`, or xAI's ticks of 1e-10 USD. Null when it does not say. */
export function readChatCostUsd(usage: JsonObject): number | null {
  const ticks = asAmount(usage.cost_in_usd_ticks);
  return asAmount(usage.cost) ?? (ticks === null ? null : ticks / 1e10);
}

/** Fireworks sends numbers or numerals, in seconds. */
function numeral(value: unknown): unknown {
  return asText(value) === null ? value : Number(value);
}

/**
 * What a chunk tells of the server's own time: llama.cpp's `timings` (ms), the `…_time` fields of Groq and Cerebras and the
 * `perf_metrics` of Fireworks (s). Null when it tells nothing.
 */
export function readChatTimings(chunk: JsonObject): Partial<ServerTimings> | null {
  const timings = asObject(chunk.timings);
  if (timings !== null) {
    return {
      promptMs: asAmount(timings.prompt_ms),
      generationMs: asAmount(timings.predicted_ms),
      perTokenMs: asAmount(timings.predicted_per_token_ms),
    };
  }
  const times = asObject(asObject(chunk.x_groq)?.usage) ?? asObject(chunk.time_info);
  if (times !== null) {
    return {
      queueMs: secondsToMs(times.queue_time),
      promptMs: secondsToMs(times.prompt_time),
      generationMs: secondsToMs(times.completion_time),
      totalMs: secondsToMs(times.total_time),
    };
  }
  const metrics = asObject(chunk.perf_metrics);
  if (metrics === null) return null;
  return {
    ttftMs: secondsToMs(numeral(metrics["server-time-to-first-token"])),
    totalMs: secondsToMs(numeral(metrics["server-processing-time"])),
  };
}
