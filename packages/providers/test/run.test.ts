import { LensError, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { createScriptedTransport, type Script, type ScriptStep } from "@lens/providers/testing";
import { describe, expect, it } from "vitest";
import { DEFAULT_RETRY_POLICY, type FinishReason, runRequest, type RunOptions } from "../src/index.ts";
import { end, event, scriptAdapter, stop, text } from "./script-adapter.ts";

const MS = 1_000_000;
const headers = (afterMs: number, status = 200, fields: Record<string, string> = { "content-type": "text/event-stream" }): ScriptStep => ({
  afterNs: afterMs * MS,
  type: "headers",
  status,
  headers: fields,
});
const bytes = (afterMs: number, body: string): ScriptStep => ({ afterNs: afterMs * MS, type: "bytes", bytes: body });
const close = (afterMs = 0): ScriptStep => ({ afterNs: afterMs * MS, type: "end" });
const fail = (afterMs: number, code: LensError["code"], retryable = false): ScriptStep => ({
  afterNs: afterMs * MS,
  type: "error",
  error: new LensError(code, "down", { retryable }),
});
const answer = (afterMs = 0): Script => ({ steps: [headers(afterMs), bytes(0, event(text("hi"))), bytes(0, event(stop, end)), close()] });

async function run(scripts: readonly Script[], options: Partial<RunOptions> = {}) {
  const clock = createVirtualClock();
  const transport = createScriptedTransport(clock, (index) => scripts[index] ?? { steps: [] });
  const prompt = { model: "m", messages: [{ role: "user" as const, content: "hello" }] };
  const record = await runRequest(scriptAdapter, prompt, { transport, clock, credentials: { apiKey: "secret-key" }, ...options });
  return { record, clock, requests: transport.requests, cancelled: transport.cancelled() };
}

const outcomeOf = async (steps: readonly ScriptStep[], options: Partial<RunOptions> = {}): Promise<RequestRecord["outcome"]> =>
  (await run([{ steps }], options)).record.outcome;

describe("runRequest", () => {
  it("records a good answer in exact nanoseconds, connection set-up apart", async () => {
    const { record } = await run([
      {
        connectNs: 5 * MS,
        steps: [
          headers(100),
          bytes(0, ": hello\n\n"),
          bytes(50, event(text("one"))),
          bytes(20, event(text("two")) + event(text("three"))),
          bytes(20, event(stop, end)),
          close(3),
        ],
      },
    ]);
    expect(record).toMatchObject({
      target: { provider: "script", model: "m", label: "script:m", origin: "http://script.example" },
      attempts: [
        {
          startedNs: 0,
          sentNs: 5 * MS,
          reused: false,
          connectNs: 5 * MS,
          headersNs: 105 * MS,
          firstByteNs: 105 * MS,
          status: 200,
          error: null,
        },
      ],
      arrivals: { atNs: [155 * MS, 175 * MS], kind: ["text", "text"], events: [1, 2], chars: [3, 8] },
      endNs: 195 * MS,
      outcome: { kind: "ok", finishReason: "stop", error: null },
      latenessNs: 0,
      queuedNs: null,
    });
  });

  it("takes the close of the body for the end where the protocol marks none", async () => {
    const { record } = await run([{ steps: [headers(1), bytes(1, event(text("a"), stop)), close(7)] }]);
    expect(record.endNs).toBe(9 * MS);
  });

  it("does not wait for ever for a body to close after the end mark", async () => {
    const { record, cancelled, clock } = await run([{ steps: [headers(1), bytes(1, event(text("a"), stop, end))] }]);
    expect(record).toMatchObject({ endNs: 2 * MS, outcome: { kind: "ok" } });
    expect([cancelled, clock.nowNs()]).toEqual([1, BigInt(502 * MS)]);
  });

  it("measures queueing from the due time", async () => {
    const clock = createVirtualClock({ startNs: 1000n });
    const transport = createScriptedTransport(clock, () => answer(1));
    const record = await runRequest(
      scriptAdapter,
      { model: "m", messages: [] },
      { transport, clock, credentials: { apiKey: null }, dueNs: 400n, label: "mine", id: "r1", phase: "drain", labels: { a: "b" } },
    );
    expect(record).toMatchObject({ queuedNs: 600, id: "r1", phase: "drain", labels: { a: "b" }, target: { label: "mine" } });
  });

  it("shows every delta as it is decoded", async () => {
    const seen: string[] = [];
    await run([answer(3)], { onDelta: (delta, atNs) => void seen.push(`${delta.type}@${atNs}`) });
    expect(seen).toEqual([`text@${3 * MS}`, `finish@${3 * MS}`, `end@${3 * MS}`]);
  });

  it.each<[FinishReason, string]>([
    ["stop", "ok"],
    ["tool", "ok"],
    ["other", "ok"],
    ["length", "truncated"],
    ["paused", "truncated"],
    ["filtered", "filtered"],
    ["refused", "refused"],
    ["error", "error"],
  ])("calls an answer that finished by %s %s", async (reason, kind) => {
    expect(await outcomeOf([headers(0), bytes(0, event({ type: "finish", reason, raw: "word" })), close()])).toMatchObject({
      kind,
      finishReason: "word",
    });
  });

  it.each<[string, readonly ScriptStep[], string, string]>([
    ["an error event", [headers(0), bytes(0, event(text("a"))), bytes(0, "data: !overloaded\n\n")], "error", "STREAM_ERROR"],
    ["broken JSON in an event", [headers(0), bytes(0, "data: {\n\n")], "error", "MALFORMED_EVENT"],
    ["a body that closes without a finish", [headers(0), bytes(0, event(text("a"))), close()], "incomplete", "STREAM_UNFINISHED"],
    [
      "a body that closes in the middle of an event",
      [headers(0), bytes(0, `${event(text("a"))}data: [{"type":"te`), close()],
      "incomplete",
      "STREAM_UNFINISHED",
    ],
    ["an empty body", [headers(0), close()], "incomplete", "STREAM_UNFINISHED"],
    ["a connection that is cut", [headers(0), bytes(0, event(text("a"))), fail(1, "STREAM_CUT")], "incomplete", "STREAM_CUT"],
    ["a connection that is refused", [fail(0, "CONNECTION_REFUSED")], "error", "CONNECTION_REFUSED"],
    ["an HTML page", [headers(0, 200, { "content-type": "text/html" }), bytes(0, "<html>hello"), close()], "error", "NOT_A_STREAM"],
    [
      "a JSON answer",
      [headers(0, 200, { "content-type": "application/json" }), bytes(0, '{"choices":[]}'), close()],
      "error",
      "NOT_A_STREAM",
    ],
    [
      "a JSON error under 200",
      [headers(0, 200, { "content-type": "application/json" }), bytes(0, '{"error":{"message":"no","type":"t"}}'), close()],
      "error",
      "STREAM_ERROR",
    ],
    [
      "a JSON error that calls itself a stream",
      [headers(0), bytes(0, '{\n "error": {\n  "message": "no"\n }\n}'), close()],
      "error",
      "STREAM_ERROR",
    ],
    [
      "a compressed body",
      [headers(0, 200, { "content-type": "text/event-stream", "content-encoding": "gzip" })],
      "error",
      "PROTOCOL_ERROR",
    ],
    [
      "an endless event",
      [headers(0), ...Array.from({ length: 17 }, () => bytes(0, "x".repeat(1024 * 1024)))],
      "error",
      "RESPONSE_TOO_LARGE",
    ],
    [
      "an endless document",
      [headers(0, 200, { "content-type": "application/json" }), bytes(0, "[".repeat(300_000))],
      "error",
      "NOT_A_STREAM",
    ],
    ["lines that are no events", [headers(0), bytes(0, "hello\n".repeat(60_000))], "error", "NOT_A_STREAM"],
    [
      "401",
      [headers(0, 401, {}), bytes(0, '{"error":{"message":"bad key","code":"invalid_api_key"}}'), close()],
      "error",
      "AUTHENTICATION",
    ],
    ["429 with an endless body", [headers(0, 429, {}), bytes(0, "x".repeat(300_000))], "error", "RATE_LIMITED"],
    ["500 with a cut body", [headers(0, 500, {}), bytes(0, "oops"), fail(0, "STREAM_CUT")], "error", "SERVER_ERROR"],
    ["a redirect", [headers(0, 302, { location: "https://elsewhere.example/" }), close()], "error", "UNEXPECTED_STATUS"],
  ])("tells %s apart", async (_, steps, kind, code) => {
    expect(await outcomeOf(steps)).toMatchObject({ kind, error: { code } });
  });

  it("takes a prompt that Azure's filter blocked for filtered, not for failed", async () => {
    const body = '{"error":{"code":"content_filter","message":"blocked","status":400}}';
    expect(await outcomeOf([headers(0, 400, {}), bytes(0, body), close()])).toEqual({
      kind: "filtered",
      finishReason: "content_filter",
      error: null,
    });
  });

  it("takes a block in a single document for filtered", async () => {
    const document = JSON.stringify([{ type: "finish", reason: "filtered", raw: "SAFETY" }]);
    expect(await outcomeOf([headers(0, 200, { "content-type": "application/json" }), bytes(0, `[${document}]`), close()])).toMatchObject({
      kind: "filtered",
      finishReason: "SAFETY",
    });
  });

  it("says what a 404 said, on one line and without control characters", async () => {
    const outcome = await outcomeOf([
      headers(0, 404, {}),
      bytes(0, JSON.stringify({ error: { message: "no model\n\u001b[31mx" } })),
      close(),
    ]);
    expect(outcome.error).toMatchObject({
      code: "NOT_FOUND",
      status: 404,
      message: "The server answered 404: no model [31mx. Check the model's name and the base URL.",
    });
  });

  it("never keeps the key, even when the server repeats it", async () => {
    const { record } = await run([{ steps: [headers(0, 401, {}), bytes(0, '{"error":{"message":"wrong key secret-key"}}'), close()] }]);
    expect(JSON.stringify(record)).not.toContain("secret-key");
    expect(record.attempts[0]?.error?.message).toContain("wrong key [key]");
  });

  it("throws for a base URL that is none, and for what HTTP cannot carry", async () => {
    await expect(run([], { credentials: { apiKey: null, baseUrl: "ftp://x" } })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
    await expect(run([], { credentials: { apiKey: null, baseUrl: "localhost" } })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  it("does not hide a bug as data", async () => {
    const bug = new TypeError("bug");
    await expect(
      run([answer()], {
        onDelta: () => {
          throw bug;
        },
      }),
    ).rejects.toBe(bug);
  });
});

describe("time-outs of runRequest", () => {
  const timeouts = { connectNs: 10 * MS, firstByteNs: 100 * MS, idleNs: 50 * MS, totalNs: 1000 * MS };
  it.each<[string, Script, string, number]>([
    ["no connection comes", { connectNs: 11 * MS, steps: [headers(0)] }, "CONNECT_TIMEOUT", 10],
    ["no byte comes", { connectNs: 5 * MS, steps: [headers(20)] }, "FIRST_BYTE_TIMEOUT", 105],
    [
      "only comments come",
      { steps: [headers(20), ...Array.from({ length: 20 }, () => bytes(10, ": keep-alive\n\n"))] },
      "IDLE_TIMEOUT",
      80,
    ],
    [
      "content stops",
      { steps: [headers(0), bytes(0, event(text("a"))), bytes(40, event(text("b"))), bytes(51, event(text("c")))] },
      "IDLE_TIMEOUT",
      90,
    ],
    [
      "an answer never ends",
      { steps: [headers(0), ...Array.from({ length: 40 }, () => bytes(40, event(text("a"))))] },
      "TOTAL_TIMEOUT",
      1000,
    ],
  ])("end the request when %s", async (_, script, code, atMs) => {
    const { record, cancelled } = await run([script], { timeouts });
    expect([record.outcome.kind, record.outcome.error?.code, record.endNs / MS, cancelled]).toEqual(["error", code, atMs, 1]);
  });

  it("let an answer pass that keeps to them", async () => {
    const { record } = await run(
      [{ connectNs: 9 * MS, steps: [headers(90), bytes(0, event(text("a"))), bytes(49, event(text("b"), stop, end)), close()] }],
      { timeouts },
    );
    expect(record.outcome.kind).toBe("ok");
  });
});

describe("aborts of runRequest", () => {
  it("are recorded with what had come", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    clock.after(30 * MS, () => controller.abort());
    const transport = createScriptedTransport(clock, () => ({
      steps: [headers(10), bytes(10, event(text("a"))), bytes(50, event(text("b")))],
    }));
    const record = await runRequest(
      scriptAdapter,
      { model: "m", messages: [] },
      { transport, clock, credentials: { apiKey: null }, signal: controller.signal },
    );
    expect(record).toMatchObject({
      outcome: { kind: "aborted", error: { code: "ABORTED" } },
      arrivals: { atNs: [20 * MS] },
      endNs: 30 * MS,
    });
  });

  it("send nothing when the signal has aborted before", async () => {
    const { record, requests } = await run([answer()], { signal: AbortSignal.abort() });
    expect([record.outcome.kind, requests.length]).toEqual(["aborted", 0]);
  });
});

describe("retries of runRequest", () => {
  const retry = { ...DEFAULT_RETRY_POLICY, maxRetries: 2, random: () => 0 };
  const status = (code: number, fields: Record<string, string> = {}): Script => ({
    steps: [headers(10, code, fields), bytes(0, "{}"), close()],
  });

  it("do not happen unless asked for", async () => {
    const { record, requests } = await run([status(429), answer()]);
    expect([requests.length, record.attempts.length, record.outcome.kind]).toEqual([1, 1, "error"]);
  });

  it("wait longer each time, and each try has its own times", async () => {
    const { record } = await run([status(503), { steps: [fail(10, "CONNECTION_RESET", true)] }, answer(10)], { retry });
    expect(
      record.attempts.map(({ startedNs, sentNs, status: code, error }) => [startedNs / MS, (sentNs ?? 0) / MS, code, error?.code]),
    ).toEqual([
      [0, 0, 503, "OVERLOADED"],
      [510, 510, null, "CONNECTION_RESET"],
      [1520, 1520, 200, undefined],
    ]);
    expect(record.outcome.kind).toBe("ok");
  });

  it("do as the server asks, within a minute", async () => {
    const { record } = await run([status(429, { "retry-after-ms": "1500" }), status(429, { "retry-after": "3600" }), answer()], { retry });
    expect(record.attempts.map(({ startedNs }) => startedNs / MS)).toEqual([0, 1510, 61_520]);
  });

  it("end with the last failure", async () => {
    const { record, requests } = await run([status(500), status(500), status(500), answer()], { retry });
    expect([requests.length, record.outcome.kind, record.outcome.error?.code]).toEqual([3, "error", "SERVER_ERROR"]);
  });

  it.each<[string, Script]>([
    ["a byte of a good body has come", { steps: [headers(0), bytes(0, ": hi\n\n"), fail(0, "CONNECTION_RESET", true)] }],
    ["the stream itself says that it may be tried again", { steps: [headers(0), bytes(0, "data: !overloaded\n\n")] }],
    ["the request was wrong", status(400)],
  ])("do not happen when %s", async (_, script) => {
    expect((await run([script, answer()], { retry })).requests).toHaveLength(1);
  });

  it("stop waiting when the signal aborts", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    clock.after(100 * MS, () => controller.abort());
    const transport = createScriptedTransport(clock, () => status(503));
    const record = await runRequest(
      scriptAdapter,
      { model: "m", messages: [] },
      { transport, clock, credentials: { apiKey: null }, retry, signal: controller.signal },
    );
    expect([record.outcome.kind, record.endNs / MS, transport.requests.length]).toEqual(["aborted", 100, 1]);
  });
});
