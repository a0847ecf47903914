import type { Attempt, RequestRecord } from "@lens/core";
import { lastAttempt, type PriceBook, tokenCount, ttftNs } from "@lens/metrics";
import { version } from "../package.json";
import { type HrTime, hrTime } from "./hr-time.ts";
import { genAiAttributes } from "./otel-attributes.ts";
import type { SemanticConvention } from "./otel-metrics.ts";

type SpanAttributes = Record<string, string | number | boolean | string[]>;

interface OtelSpan {
  addEvent(name: string, attributes: SpanAttributes, time: HrTime): unknown;
  setStatus(status: { code: number; message: string }): unknown;
  end(time: HrTime): void;
}

interface OtelTracer {
  startSpan(name: string, options: { kind: number; startTime: HrTime; attributes: SpanAttributes }): OtelSpan;
}

/** What is needed of OpenTelemetry's `TracerProvider`. Said here, so that its packages are needed by nobody who does without. */
export interface OtelTracerProvider {
  getTracer(name: string, version: string): OtelTracer;
}

/** What spans say. */
export interface OtelSpansOptions {
  /** The names of the GenAI conventions: `latest` unless given. In spans they differ for tokens that were written to a cache. */
  readonly semconv?: SemanticConvention;
  /** Prices the requests (`loadPriceBook`); no span has a cost without it. */
  readonly priceBook?: PriceBook | null;
}

/** Spans of a process. Its function can be handed over by itself, as in `onRecord: spans.add`. */
export interface OtelSpans {
  /** Makes a span of one request that has ended, as a child of the span that is active in the context of the call. */
  add(record: RequestRecord): void;
}

/** `SpanKind.CLIENT` and `SpanStatusCode.ERROR` of `@opentelemetry/api`. */
const CLIENT = 2;
const ERROR = 2;
const NS_PER_SECOND = 1e9;
const CACHE_WRITE = {
  latest: ["gen_ai.usage.cache_write.input_tokens"],
  "v1.41": ["gen_ai.usage.cache_creation.input_tokens"],
  both: ["gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"],
} as const satisfies Readonly<Record<SemanticConvention, readonly string[]>>;

/** What is known, by its name. */
function known(values: Readonly<Record<string, SpanAttributes[string] | null | undefined>>): SpanAttributes {
  const entries = Object.entries(values).filter((entry): entry is [string, SpanAttributes[string]] => entry[1] != null);
  return Object.fromEntries(entries);
}

function attributesOf(record: RequestRecord, priceBook: PriceBook | null, semconv: SemanticConvention): SpanAttributes {
  const { target, reply, usage, outcome, labels } = record;
  const firstChunkNs = ttftNs(record);
  return {
    ...genAiAttributes(target, reply.model),
    ...known({
      "gen_ai.response.finish_reasons": outcome.finishReason === null ? null : [outcome.finishReason],
      "gen_ai.response.time_to_first_chunk": firstChunkNs === null ? null : firstChunkNs / NS_PER_SECOND,
      "gen_ai.usage.input_tokens": tokenCount(usage?.inputTokens),
      "gen_ai.usage.output_tokens": tokenCount(usage?.outputTokens),
      "gen_ai.usage.cache_read.input_tokens": tokenCount(usage?.cacheReadTokens),
      ...Object.fromEntries(CACHE_WRITE[semconv].map((name) => [name, tokenCount(usage?.cacheWriteTokens)])),
      "gen_ai.usage.reasoning.output_tokens": tokenCount(usage?.reasoningTokens),
      "http.response.status_code": lastAttempt(record)?.status,
      "error.type": outcome.error?.code,
      "lens.outcome": outcome.kind,
      "lens.request_id": reply.requestId,
      "lens.cost_usd": priceBook?.price(record)?.totalUsd,
    }),
    ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`lens.label.${name}`, value])),
  };
}

/** Why there was another try. */
const failureOf = ({ error, status }: Attempt): SpanAttributes => known({ "error.type": error?.code, "http.response.status_code": status });

/**
 * Makes a span of each request: `chat gpt-6-luna`, of the kind client, with the attributes of the GenAI conventions, from when the request began to when
 * its answer ended. The event `lens.first_chunk` stands where the first content came, `lens.retry` where the request was tried again, with what had gone
 * wrong before. Spans join the trace that is active where `add` is called, which for `onRecord` of `observeFetch` is that of the caller of fetch.
 */
export function createOtelSpans(tracerProvider: OtelTracerProvider, options: OtelSpansOptions = {}): OtelSpans {
  const { semconv = "latest", priceBook = null } = options;
  const tracer = tracerProvider.getTracer("@lens/exporters", version);
  return {
    add(record) {
      const at = (ns: number): HrTime => hrTime(record.startedAtMs, ns);
      const attributes = attributesOf(record, priceBook, semconv);
      const name = `${String(attributes["gen_ai.operation.name"])} ${record.target.model}`;
      const span = tracer.startSpan(name, { kind: CLIENT, startTime: at(0), attributes });
      record.attempts.forEach((attempt, index) => {
        const before = record.attempts[index - 1];
        if (before !== undefined)
          span.addEvent("lens.retry", { "http.request.resend_count": index, ...failureOf(before) }, at(attempt.startedNs));
      });
      const [firstNs] = record.arrivals.atNs;
      if (firstNs !== undefined) span.addEvent("lens.first_chunk", known({ "lens.chunk.kind": record.arrivals.kind[0] }), at(firstNs));
      const { error } = record.outcome;
      if (error !== null) span.setStatus({ code: ERROR, message: error.message });
      span.end(at(record.endNs));
    },
  };
}
