import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { createRecorder, LensError, parseRecord, type RequestRecord, toErrorInfo } from "../src/index.ts";

const target = { provider: "openai", model: "m", label: "openai:m", origin: "https://api.example.com" };

function sample(): RequestRecord {
  const clock = createVirtualClock({ startNs: 1000n, epochMs: 5 });
  const recorder = createRecorder({ clock, target, id: "r1", phase: "warmup", labels: { suite: "s" }, dueNs: 900n });
  recorder.beginAttempt(1000n);
  recorder.failAttempt(
    new LensError("RATE_LIMITED", "slow down", { status: 429, retryable: true, retryAfterMs: 5, providerType: "requests" }),
  );
  recorder.beginAttempt(1100n);
  recorder.connection({ reused: false, dnsNs: 3, connectNs: 4, tlsNs: null });
  recorder.sent(1110n);
  recorder.headers(1200n, 200);
  recorder.read(1210n, 7);
  recorder.read(1300n, 3);
  recorder.arrival(1210n, { kind: "reasoning", events: 1, chars: 4 });
  recorder.arrival(1300n, { kind: "reasoning", events: 1, chars: 1 });
  recorder.arrival(1300n, { kind: "text", events: 2, chars: 5 });
  recorder.reasoning("full");
  recorder.usage({ inputTokens: 10, outputTokens: 1 });
  recorder.usage({ inputTokens: null, outputTokens: 7, raw: { o: 7 } });
  recorder.server({ queueMs: 2.5 });
  recorder.reply({ model: "m-2026", requestId: null });
  return recorder.finish(1400n, { kind: "ok", finishReason: "stop", error: null });
}

describe("createRecorder", () => {
  it("keeps marks as whole nanoseconds after the start, each try apart", () => {
    expect(sample()).toEqual({
      schema: 1,
      id: "r1",
      target,
      phase: "warmup",
      labels: { suite: "s" },
      startedAtMs: 5,
      queuedNs: 100,
      attempts: [
        {
          startedNs: 0,
          sentNs: null,
          reused: null,
          dnsNs: null,
          connectNs: null,
          tlsNs: null,
          headersNs: null,
          firstByteNs: null,
          status: 429,
          error: { code: "RATE_LIMITED", message: "slow down", status: 429, providerType: "requests", retryable: true, retryAfterMs: 5 },
        },
        {
          startedNs: 100,
          sentNs: 110,
          reused: false,
          dnsNs: 3,
          connectNs: 4,
          tlsNs: null,
          headersNs: 200,
          firstByteNs: 210,
          status: 200,
          error: null,
        },
      ],
      arrivals: { atNs: [210, 300], kind: ["reasoning", "text"], events: [1, 3], chars: [4, 6] },
      reasoningForm: "full",
      endNs: 400,
      usage: { inputTokens: 10, cacheReadTokens: null, cacheWriteTokens: null, outputTokens: 7, reasoningTokens: null, raw: { o: 7 } },
      usageSource: "reported",
      server: {
        queueMs: 2.5,
        loadMs: null,
        promptMs: null,
        generationMs: null,
        totalMs: null,
        perTokenMs: null,
        ttftMs: null,
        processingMs: null,
      },
      reply: { model: "m-2026", requestId: null, serviceTier: null, costUsd: null, rateLimit: {} },
      outcome: { kind: "ok", finishReason: "stop", error: null },
      latenessNs: 7,
    } satisfies RequestRecord);
  });

  it("leaves unknown what nobody said", () => {
    const recorder = createRecorder({ clock: createVirtualClock(), target });
    recorder.server({});
    recorder.usage({ outputTokens: null });
    const record = recorder.finish(0n, { kind: "aborted", finishReason: null, error: null });
    expect(record).toMatchObject({ usage: null, usageSource: "none", server: null, queuedNs: null, latenessNs: null, phase: "measured" });
    expect(record.attempts).toHaveLength(1);
    expect(record.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("calls the usage of a stream that broke off partial", () => {
    const recorder = createRecorder({ clock: createVirtualClock(), target });
    recorder.usage({ outputTokens: 3 });
    expect(recorder.finish(0n, { kind: "incomplete", finishReason: null, error: null }).usageSource).toBe("partial");
  });
});

describe("parseRecord", () => {
  it("reads back what was written", () => {
    const record = sample();
    expect(parseRecord(JSON.parse(JSON.stringify(record)))).toEqual(record);
  });

  it("leaves out fields that it does not know, and cannot be made to touch a prototype", () => {
    const text = JSON.stringify(sample()).replace('"id":"r1"', '"id":"r1","later":{"x":1},"__proto__":{"polluted":true}');
    expect(parseRecord(JSON.parse(text))).toEqual(sample());
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  const broken = (change: (record: Record<string, any>) => void): unknown => {
    const copy = JSON.parse(JSON.stringify(sample())) as Record<string, any>;
    change(copy);
    return copy;
  };

  it.each<[string, unknown, string]>([
    ["null", null, "Expected `record` of the record to be an object, got null."],
    ["an array", [], "Expected `record` of the record to be an object, got an array."],
    ["another schema", broken((r) => (r.schema = 2)), "Expected `schema` of the record to be 1, got `2`."],
    ["no target", broken((r) => delete r.target), "Expected `target` of the record to be an object, got nothing."],
    [
      "a negative mark",
      broken((r) => (r.endNs = -1)),
      "Expected `endNs` of the record to be a whole number of nanoseconds, 0 or more, got `-1`.",
    ],
    [
      "a word for a number",
      broken((r) => (r.startedAtMs = "now")),
      "Expected `startedAtMs` of the record to be a finite number, got `now`.",
    ],
    [
      "an unknown outcome",
      broken((r) => (r.outcome.kind = "great")),
      "Expected `outcome.kind` of the record to be one of ok, truncated, filtered, refused, error, incomplete, aborted, got `great`.",
    ],
    [
      "an unknown arrival",
      broken((r) => (r.arrivals.kind[1] = {})),
      "Expected `arrivals.kind[1]` of the record to be one of text, refusal, tool, reasoning, got an object.",
    ],
    [
      "a count that is none",
      broken((r) => (r.arrivals.events[0] = 1.5)),
      "Expected `arrivals.events[0]` of the record to be a whole number, 0 or more, got `1.5`.",
    ],
    ["arrays of two lengths", broken((r) => r.arrivals.chars.pop()), "Expected the arrays of `arrivals` to be of one length."],
    [
      "arrivals that run backwards",
      broken((r) => (r.arrivals.atNs = [300, 210])),
      "Expected `arrivals.atNs[1]` of the record to be at or after the one before, got `210`.",
    ],
    ["no attempts", broken((r) => (r.attempts = [])), "Expected `attempts` of the record to be a list of at least one, got an array."],
    ["attempts that are no list", broken((r) => (r.attempts = {})), "Expected `attempts` of the record to be an array, got an object."],
    ["a label that is no text", broken((r) => (r.labels.suite = 1)), "Expected `labels.suite` of the record to be a string, got `1`."],
  ])("refuses %s and names the field", (_, value, message) => {
    expect(() => parseRecord(value)).toThrow(expect.objectContaining({ code: "INVALID_RECORD", message }));
  });
});

describe("toErrorInfo", () => {
  it("reports what is not a LensError as INTERNAL", () => {
    expect(toErrorInfo(new TypeError("oops"))).toEqual({
      code: "INTERNAL",
      message: "oops",
      status: null,
      providerType: null,
      retryable: false,
      retryAfterMs: null,
    });
    expect(toErrorInfo("thrown text").message).toBe("thrown text");
  });

  it("keeps the cause on the error", () => {
    const cause = new Error("why");
    expect(new LensError("TLS_FAILED", "no", { cause }).cause).toBe(cause);
  });
});
