import { AsyncLocalStorage } from "node:async_hooks";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import type { RequestRecord } from "@lens/core";
import { createVirtualClock, type VirtualClock } from "@lens/core/testing";
import { type Scenario, type Simulator, startSimulator } from "@lens/sim";
import { generateText, streamText, wrapLanguageModel } from "ai";
import { afterEach, describe, expect, it } from "vitest";
import { type AiSdkMiddlewareOptions, createAiSdkMiddleware } from "../src/index.ts";

type Model = Parameters<typeof wrapLanguageModel>[0]["model"];

const MS = 1_000_000;
const SCENARIO: Partial<Scenario> = { ttftMs: 20, gapMs: 2, outputTokens: 12, retryAfterMs: 10 };
/** With this seed the first of two requests meets the fault, and the second does not. */
const FAILS_FIRST = 8;
const open: Simulator[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((simulator) => simulator.close()));
});

async function start(scenario: Partial<Scenario> = {}): Promise<Simulator> {
  const simulator = await startSimulator({ scenario: { ...SCENARIO, ...scenario } });
  open.push(simulator);
  return simulator;
}

function recorded(options: Partial<AiSdkMiddlewareOptions> = {}) {
  const records: RequestRecord[] = [];
  const middleware = createAiSdkMiddleware({ onRecord: (record) => records.push(record), ...options });
  return { records, wrap: (model: Model) => wrapLanguageModel({ model, middleware }) };
}

const apiKey = "sk-very-secret";
const PROVIDERS: readonly (readonly [id: string, modelOf: (simulator: Simulator, model: string) => Model])[] = [
  ["openai-responses", ({ baseUrls }, model) => createOpenAI({ apiKey, baseURL: baseUrls.openai })(model)],
  ["openai", ({ baseUrls }, model) => createOpenAI({ apiKey, baseURL: baseUrls.openai }).chat(model)],
  ["anthropic", ({ baseUrls }, model) => createAnthropic({ apiKey, baseURL: `${baseUrls.anthropic}/v1` })(model)],
  ["google", ({ baseUrls }, model) => createGoogleGenerativeAI({ apiKey, baseURL: `${baseUrls.google}/v1beta` })(model)],
];
const PROMPT = { prompt: "Why is the sky blue?", maxOutputTokens: 100, onError: () => undefined } as const;

async function collect<T>(pieces: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);

describe.each(PROVIDERS)("the middleware for the AI SDK, with %s", (provider, modelOf) => {
  it("records a stream as the server had it, and changes nothing of it", async () => {
    const [bare, watched] = [await start(), await start()];
    const { records, wrap } = recorded({ labels: { team: "search" } });
    const expected = await collect(streamText({ ...PROMPT, model: modelOf(bare, "sim") }).textStream);
    expect(await collect(streamText({ ...PROMPT, model: wrap(modelOf(watched, "sim")) }).textStream)).toEqual(expected);
    const [truth] = watched.truth();
    expect(records).toMatchObject([
      {
        target: { provider, model: "sim", label: `${provider}:sim`, origin: null },
        labels: { team: "search" },
        outcome: { kind: "ok", error: null },
        usage: { inputTokens: truth?.inputTokens, outputTokens: truth?.outputTokens },
        usageSource: "reported",
        // The AI SDK does not hand on what Google says of the model.
        reply: { model: provider === "google" ? null : "sim", requestId: truth?.id },
        latenessNs: null,
      },
    ]);
    const { arrivals } = records[0] as RequestRecord;
    expect(sum(arrivals.chars)).toBe(expected.join("").length);
    expect(sum(arrivals.events)).toBe(truth?.chunks);
    expect(arrivals.atNs[0]).toBeGreaterThanOrEqual(20 * MS);
  });

  it("records an answer in one piece", async () => {
    const simulator = await start();
    const { records, wrap } = recorded();
    const { text } = await generateText({ ...PROMPT, model: wrap(modelOf(simulator, "sim")) });
    expect(records).toMatchObject([
      {
        outcome: { kind: "ok" },
        arrivals: { kind: ["text"], chars: [text.length] },
        usage: { outputTokens: simulator.truth()[0]?.outputTokens },
        reply: { requestId: simulator.truth()[0]?.id },
      },
    ]);
  });

  it("sees reasoning and the calls of tools", async () => {
    const simulator = await start({ toolCalls: 2, reasoningTokens: 6 });
    const { records, wrap } = recorded();
    await streamText({ ...PROMPT, model: wrap(modelOf(simulator, "sim")) }).consumeStream();
    expect(records[0]?.usage?.reasoningTokens).toBe(simulator.truth()[0]?.reasoningTokens);
    expect(records[0]?.arrivals.kind).toContain("tool");
  });

  it.each([
    ["sim-fault-error", "error", "STREAM_ERROR"],
    ["sim-fault-cut", "incomplete", "STREAM_CUT"],
    ["sim-fault-401", "error", "AUTHENTICATION"],
    ["sim-fault-429", "error", "RATE_LIMITED"],
  ])("says how %s ended", async (model, kind, code) => {
    const simulator = await start();
    const { records, wrap } = recorded();
    await streamText({ ...PROMPT, maxRetries: 0, model: wrap(modelOf(simulator, model)) }).consumeStream();
    expect(records).toMatchObject([{ outcome: { kind, error: { code } } }]);
    expect(JSON.stringify(records)).not.toMatch(/very-secret|sky/);
  });

  it("records what the caller breaks off as aborted", async () => {
    const simulator = await start({ gapMs: 50 });
    const { records, wrap } = recorded();
    const controller = new AbortController();
    const { textStream } = streamText({ ...PROMPT, model: wrap(modelOf(simulator, "sim")), abortSignal: controller.signal });
    for await (const piece of textStream) if (piece !== "") controller.abort();
    expect(records).toMatchObject([{ outcome: { kind: "aborted", error: { code: "ABORTED" } } }]);
  });
});

it("the middleware for the AI SDK has a record for each try, and the failed one says why", async () => {
  const simulator = await start({ faults: [{ fault: "429", share: 0.5 }], seed: FAILS_FIRST });
  const { records, wrap } = recorded();
  await generateText({ ...PROMPT, model: wrap(createOpenAI({ apiKey, baseURL: simulator.baseUrls.openai })("sim")) });
  expect(simulator.truth().map(({ status }) => status)).toEqual([429, 200]);
  expect(records.map(({ outcome }) => outcome.error?.code ?? outcome.kind)).toEqual(["RATE_LIMITED", "ok"]);
  expect(records[0]?.outcome.error).toMatchObject({ status: 429, retryable: true });
});

/** A model that streams these parts, one every 10 ms of a virtual clock. */
function scripted(clock: VirtualClock, parts: readonly unknown[]): Model {
  let next = 0;
  const stream = new ReadableStream(
    {
      async pull(controller) {
        await clock.sleepUntil(clock.nowNs() + BigInt(10 * MS));
        if (next === parts.length) controller.close();
        else controller.enqueue(parts[next++]);
      },
    },
    { highWaterMark: 0 },
  );
  const model = {
    specificationVersion: "v3",
    provider: "mine",
    modelId: "m",
    supportedUrls: {},
    doStream: () => Promise.resolve({ stream }),
  };
  return model as unknown as Model;
}

const FINISH = {
  type: "finish",
  finishReason: { unified: "length", raw: "max" },
  usage: { inputTokens: { total: 3, cacheRead: 1 }, outputTokens: { total: 2 } },
};
const PARTS = [
  { type: "stream-start", warnings: [] },
  { type: "response-metadata", modelId: "m-2026" },
  { type: "reasoning-delta", id: "0", delta: "Hm." },
  { type: "text-delta", id: "1", delta: "Hello" },
  { type: "text-delta", id: "1", delta: "" },
  { type: "tool-call", toolCallId: "c", toolName: "run", input: "{}" },
  FINISH,
];

describe("what the middleware records", () => {
  async function openStream(parts: readonly unknown[], options: Partial<AiSdkMiddlewareOptions> = {}) {
    const clock = createVirtualClock();
    const { records, wrap } = recorded({ clock, ...options });
    const { stream } = await wrap(scripted(clock, parts)).doStream({ prompt: [] });
    return { clock, records, reader: stream.getReader() };
  }

  it("is each part's instant to the nanosecond, its kind, and how it ended", async () => {
    const { records, reader } = await openStream(PARTS);
    while (!(await reader.read()).done);
    expect(records).toMatchObject([
      {
        target: { provider: "mine", label: "mine:m" },
        attempts: [{ startedNs: 0, sentNs: 0, headersNs: null, firstByteNs: null, status: null }],
        arrivals: { atNs: [30 * MS, 40 * MS, 60 * MS], kind: ["reasoning", "text", "tool"], chars: [3, 5, 2] },
        reasoningForm: "full",
        endNs: 80 * MS,
        outcome: { kind: "truncated", finishReason: "max" },
        usage: { inputTokens: 3, cacheReadTokens: 1, outputTokens: 2, reasoningTokens: null },
        reply: { model: "m-2026" },
      },
    ]);
  });

  it("is incomplete without an end, and whole where only what comes after the end is not read", async () => {
    const cut = await openStream(PARTS.slice(0, 4));
    while (!(await cut.reader.read()).done);
    expect(cut.records).toMatchObject([{ outcome: { kind: "incomplete", error: { code: "STREAM_UNFINISHED" } } }]);
    const whole = await openStream(PARTS);
    for (const _ of PARTS) await whole.reader.read();
    await whole.reader.cancel();
    expect(whole.records).toMatchObject([{ outcome: { kind: "truncated" } }]);
  });

  it("is aborted where the caller cancels, or asks for nothing more in five minutes", async () => {
    const cancelled = await openStream(PARTS);
    for (let read = 0; read < 4; read += 1) await cancelled.reader.read();
    await cancelled.reader.cancel();
    expect(cancelled.records).toMatchObject([{ outcome: { kind: "aborted" }, endNs: 40 * MS }]);
    const left = await openStream(PARTS);
    for (let read = 0; read < 4; read += 1) await left.reader.read();
    await left.clock.sleepUntil(301_000_000_000n);
    expect(left.records).toMatchObject([{ outcome: { kind: "aborted" }, endNs: 40 * MS }]);
  });

  it("asks the model for nothing that the caller does not ask for", async () => {
    const { clock, reader } = await openStream(PARTS);
    await reader.read();
    await clock.sleepUntil(clock.nowNs() + BigInt(100 * MS));
    expect((await reader.read()).value).toEqual(PARTS[1]);
    expect(clock.nowNs()).toBe(BigInt(120 * MS));
  });

  it("is told of in the context of the call, and what that throws is lost", async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const onRecord = (): never => {
      seen.push(storage.getStore());
      throw new Error("mine");
    };
    const { reader } = await storage.run("the caller's", () => openStream(PARTS, { onRecord }));
    while (!(await reader.read()).done);
    expect(seen).toEqual(["the caller's"]);
  });
});
