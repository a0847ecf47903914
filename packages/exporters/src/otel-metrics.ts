import { DEFINITIONS, type MetricName } from "@lens/metrics";
import { BUCKETS_SECONDS } from "./prometheus-metrics.ts";

/** Which names the GenAI metrics have: those of the current conventions, those of version 1.41, or each metric under both. */
export type SemanticConvention = "latest" | "v1.41" | "both";

/** Every word for `SemanticConvention`. */
export const SEMANTIC_CONVENTIONS = ["latest", "v1.41", "both"] as const satisfies readonly SemanticConvention[];

/** A metric as OpenTelemetry is told of it. */
export interface OtelMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
}

/** A metric of amounts in buckets. */
export interface OtelHistogram extends OtelMetric {
  /** The upper bounds of the buckets, in the metric's unit and in ascending order. */
  readonly bounds: readonly number[];
}

/** The bounds that the GenAI conventions give: seconds, and tokens in powers of 4. */
const GENAI_SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const GENAI_TOKENS = Array.from({ length: 14 }, (_, exponent) => 4 ** exponent);

const genAiDuration = (name: string, metric: MetricName): OtelHistogram => ({
  name,
  description: DEFINITIONS[metric].definition,
  unit: "s",
  bounds: GENAI_SECONDS,
});

const genAiTokens = (name: string, description: string): OtelHistogram => ({ name, description, unit: "{token}", bounds: GENAI_TOKENS });

const tokens = (name: string, description: string): OtelMetric => ({ name, description, unit: "{token}" });

const INPUT = "Input tokens of an operation, cached ones included.";
const OUTPUT = "Output tokens of an operation, reasoning included.";

/** The metrics of the current GenAI conventions. */
export const GENAI_METRICS = {
  duration: genAiDuration("gen_ai.client.inference.duration", "e2e"),
  timeToFirstChunk: genAiDuration("gen_ai.client.inference.time_to_first_chunk", "ttft"),
  timePerOutputChunk: genAiDuration("gen_ai.client.inference.time_per_output_chunk", "chunkGap"),
  operationInputTokens: genAiTokens("gen_ai.client.inference.operation.input_tokens", INPUT),
  operationOutputTokens: genAiTokens("gen_ai.client.inference.operation.output_tokens", OUTPUT),
  inputTokens: tokens("gen_ai.client.inference.usage.input_tokens", "Input tokens, cached ones included."),
  outputTokens: tokens("gen_ai.client.inference.usage.output_tokens", "Output tokens, reasoning included."),
  cacheReadTokens: tokens("gen_ai.client.inference.usage.cache_read.input_tokens", "Input tokens that were read from a cache."),
  cacheWriteTokens: tokens("gen_ai.client.inference.usage.cache_write.input_tokens", "Input tokens that were written to a cache."),
  reasoningTokens: tokens("gen_ai.client.inference.usage.reasoning.output_tokens", "Output tokens that were reasoning."),
} as const satisfies Readonly<Record<string, OtelMetric>>;

/** The metrics of version 1.41 of the conventions, in which the attribute `gen_ai.token.type` tells input tokens from output tokens. */
export const GENAI_METRICS_V1_41 = {
  duration: genAiDuration("gen_ai.client.operation.duration", "e2e"),
  timeToFirstChunk: genAiDuration("gen_ai.client.operation.time_to_first_chunk", "ttft"),
  timePerOutputChunk: genAiDuration("gen_ai.client.operation.time_per_output_chunk", "chunkGap"),
  tokenUsage: genAiTokens("gen_ai.client.token.usage", "Tokens of an operation."),
} as const satisfies Readonly<Record<string, OtelMetric>>;

const ownDuration = (name: string, metric: MetricName, buckets: keyof typeof BUCKETS_SECONDS): OtelHistogram => ({
  name,
  description: DEFINITIONS[metric].definition,
  unit: "s",
  bounds: BUCKETS_SECONDS[buckets],
});

const own = (name: string, unit: string, description: string): OtelMetric => ({ name, description, unit });

/** Metrics of our own, for what the conventions have no name or no fit buckets: theirs begin at 10 ms, where most gaps end. */
export const LENS_METRICS = {
  chunkGap: ownDuration("lens.client.chunk_gap", "chunkGap", "gap"),
  tpot: ownDuration("lens.client.time_per_output_token", "tpot", "gap"),
  ttfo: ownDuration("lens.client.time_to_first_output", "ttfo", "firstToken"),
  responseTtft: ownDuration("lens.client.response.time_to_first_chunk", "response.ttft", "firstToken"),
  responseDuration: ownDuration("lens.client.response.duration", "response.e2e", "request"),
  requests: own("lens.client.requests", "{request}", DEFINITIONS.requests.definition),
  errors: own("lens.client.errors", "{request}", "Measured requests that an error ended, by its code."),
  sloRequests: own("lens.client.slo.requests", "{request}", "Measured requests by whether they met every SLO; failed ones did not."),
  cost: own("lens.client.cost", "USD", DEFINITIONS.costUsd.definition),
  lateness: ownDuration("lens.instrument.lateness", "instrument.lateness", "lateness"),
} as const satisfies Readonly<Record<string, OtelMetric>>;
