import type { Attempt, RequestRecord } from "@lens/core";
import { context, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createOtelSpans, type OtelSpansOptions } from "../src/index.ts";
import { LIVE_OPTIONS, RECORDS } from "./live-records.ts";
import { request } from "./reports.ts";

const MS = 1_000_000;
/** 2026-11-23, 10:00 UTC. */
const STARTED_AT_SECONDS = 1_795_428_000;

function traced(options: OtelSpansOptions = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return { provider, spans: createOtelSpans(provider, options), finished: () => exporter.getFinishedSpans() };
}

function spanOf(record: RequestRecord, options?: OtelSpansOptions): ReadableSpan {
  const { spans, finished } = traced(options);
  spans.add(record);
  const [span] = finished();
  if (span === undefined) throw new Error("Expected a span.");
  return span;
}

/** A first try that was turned away, and a second that began a second later. */
function retried(): RequestRecord {
  const plain = request(1, { chunksMs: [1200, 1220] });
  const [answered] = plain.attempts as readonly [Attempt];
  const error = {
    code: "RATE_LIMITED",
    message: "slow down",
    status: 429,
    providerType: null,
    retryable: true,
    retryAfterMs: 1000,
  } as const;
  const refused: Attempt = { ...answered, headersNs: 50 * MS, firstByteNs: null, status: 429, error };
  return { ...plain, attempts: [refused, { ...answered, startedNs: 1000 * MS, sentNs: 1001 * MS }] };
}

describe("the span of a request", () => {
  test("is a client's, named by operation and model, from the start of the request to the end of its answer", () => {
    const span = spanOf(request(0, { chunksMs: [250, 300.000_001] }));
    expect(span.name).toBe("chat gpt-6-sol");
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.instrumentationScope.name).toBe("@lens/exporters");
    expect(span.startTime).toEqual([STARTED_AT_SECONDS, 0]);
    expect(span.endTime).toEqual([STARTED_AT_SECONDS, 301 * MS + 1]);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.parentSpanContext).toBeUndefined();
    expect(spanOf(request(15, { chunksMs: [600] })).startTime).toEqual([STARTED_AT_SECONDS + 1, 500 * MS]);
  });

  test("has the attributes of the GenAI conventions, and says nothing of what is not known", () => {
    const usage = { inputTokens: 100, cacheReadTokens: 60, cacheWriteTokens: 5, outputTokens: 6, reasoningTokens: null, raw: null };
    const reply = { model: "gpt-6-sol", requestId: "req_1", serviceTier: null, costUsd: null, rateLimit: {} };
    const span = spanOf(request(3, { chunksMs: [250, 300], usage, reply, labels: { team: "search" } }), LIVE_OPTIONS);
    expect(span.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-6-sol",
      "gen_ai.response.model": "gpt-6-sol",
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.response.time_to_first_chunk": 0.25,
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 6,
      "gen_ai.usage.cache_read.input_tokens": 60,
      "gen_ai.usage.cache_write.input_tokens": 5,
      "http.response.status_code": 200,
      "server.address": "api.openai.com",
      "server.port": 443,
      "lens.target": "openai:gpt-6-sol",
      "lens.outcome": "ok",
      "lens.request_id": "req_1",
      "lens.cost_usd": expect.closeTo((35 * 2 + 60 * 0.2 + 5 * 2.5 + 6 * 10) / 1e6, 12),
      "lens.label.team": "search",
    });
    const written = (semconv: "v1.41" | "both") =>
      Object.keys(spanOf(request(3, { usage }), { semconv }).attributes).filter((name) => /cache_(?:write|creation)/.test(name));
    expect(written("v1.41")).toEqual(["gen_ai.usage.cache_creation.input_tokens"]);
    expect(written("both")).toEqual(["gen_ai.usage.cache_write.input_tokens", "gen_ai.usage.cache_creation.input_tokens"]);
  });

  test("has an event at the first chunk, and one for each further try", () => {
    const { events } = spanOf(retried());
    expect(events).toMatchObject([
      {
        name: "lens.retry",
        time: [STARTED_AT_SECONDS + 1, 100 * MS],
        attributes: { "http.request.resend_count": 1, "error.type": "RATE_LIMITED", "http.response.status_code": 429 },
      },
      { name: "lens.first_chunk", time: [STARTED_AT_SECONDS + 1, 300 * MS], attributes: { "lens.chunk.kind": "text" } },
    ]);
  });

  test("is an error where the request failed", () => {
    const failed = RECORDS.find(({ outcome }) => outcome.kind === "error");
    const span = spanOf(failed ?? request(0));
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "slow down" });
    expect(span.attributes).toMatchObject({ "error.type": "RATE_LIMITED", "lens.outcome": "error" });
    expect(span.events).toEqual([]);
  });
});

describe("within a trace", () => {
  beforeAll(() => void context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable()));
  afterAll(() => context.disable());

  test("the span is a child of the one that is active", () => {
    const { provider, spans, finished } = traced();
    const handler = provider.getTracer("app").startSpan("GET /answer");
    context.with(trace.setSpan(context.active(), handler), () => spans.add(request(1)));
    handler.end();
    const [span, parent] = finished();
    expect(span?.parentSpanContext?.spanId).toBe(parent?.spanContext().spanId);
    expect(span?.spanContext().traceId).toBe(parent?.spanContext().traceId);
  });
});
