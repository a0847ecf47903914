import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { createAnswerer } from "../src/answer.ts";
import { openai } from "../src/openai.ts";
import { resolveScenario, type Scenario } from "../src/scenario.ts";
import { createScheduler } from "../src/scheduler.ts";
import { createSlots } from "../src/slots.ts";
import type { TruthEntry } from "../src/truth-log.ts";
import { MESSAGES } from "./http-client.ts";

const NS_PER_MS = 1_000_000n;

/** An answerer on a virtual clock: 10 ms to the first token, 5 ms gaps, three tokens, unless the scenario says otherwise. */
function createBench(scenario: Partial<Scenario> = {}) {
  const clock = createVirtualClock();
  const resolved = resolveScenario({ ttftMs: 10, gapMs: 5, outputTokens: 3, ...scenario });
  const entries: TruthEntry[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const answer = createAnswerer({
    scenario: resolved,
    clock,
    scheduler: createScheduler(clock, setImmediate),
    slots: createSlots(resolved.slots),
    formatTime: String,
    countTokens: (text) => Math.round(text.length / 4),
    onRequest: (entry) => {
      entries.push(entry);
      for (const { count, resolve } of waiting) if (entries.length >= count) resolve();
    },
  });
  const events: [what: string, atMs: number][] = [];
  const note = (what: string): void => void events.push([what, Number(clock.nowNs()) / 1e6]);
  const send = (body: object = {}): (() => void) =>
    answer(
      {
        dialect: openai,
        path: { model: null, stream: false, jsonArray: false },
        headers: {},
        hasKey: false,
        body: JSON.stringify({ model: "sim", messages: MESSAGES, stream: true, ...body }),
        receivedNs: clock.nowNs(),
      },
      {
        head: (status) => note(`head ${status}`),
        write: (chunk) => note(/"(role|content|delta":\{\}|error)/.exec(String(chunk))?.[1] ?? String(chunk).trim().slice(0, 14)),
        end: () => note("end"),
        destroy: () => note("destroy"),
      },
    );
  const settled = (count: number): Promise<void> =>
    new Promise((resolve) => (entries.length >= count ? resolve() : waiting.push({ count, resolve })));
  return { clock, send, settled, entries, events };
}

const inMs = (entry: TruthEntry | undefined) => ({
  received: Number(entry?.receivedNs) / 1e6,
  started: entry?.startedNs === null ? null : Number(entry?.startedNs) / 1e6,
  tokens: entry?.tokenNs.map((stamp) => Number(stamp) / 1e6),
  end: Number(entry?.endNs) / 1e6,
});

describe("an answer", () => {
  test("is written exactly when it is due: headers and role at once, tokens on the schedule, the end with the last", async () => {
    const bench = createBench();
    bench.send();
    await bench.settled(1);
    expect(bench.events).toEqual([
      ["head 200", 0],
      ["role", 0],
      ["content", 10],
      ["content", 15],
      ["content", 20],
      ['delta":{}', 20],
      ["data: [DONE]", 20],
      ["end", 20],
    ]);
    expect(inMs(bench.entries[0])).toEqual({ received: 0, started: 0, tokens: [10, 15, 20], end: 20 });
    expect(bench.entries[0]).toMatchObject({
      outcome: "ok",
      status: 200,
      chunks: 3,
      outputTokens: 3,
      inputTokens: 4,
      model: "sim",
      protocol: "openai",
      fault: null,
    });
  });

  test("does not carry the lateness of one token on to the next, since its schedule is absolute", async () => {
    const bench = createBench();
    bench.send();
    await bench.clock.sleepUntil(11n * NS_PER_MS);
    bench.clock.advance(6_000_000);
    await bench.settled(1);
    expect(inMs(bench.entries[0])).toEqual({ received: 0, started: 0, tokens: [10, 17, 20], end: 20 });
  });

  test("waits in line for a slot, and that wait is part of its time to first token", async () => {
    const bench = createBench({ slots: 1 });
    for (let index = 0; index < 3; index++) bench.send();
    await bench.settled(3);
    expect(bench.entries.map(inMs)).toEqual([
      { received: 0, started: 0, tokens: [10, 15, 20], end: 20 },
      { received: 0, started: 20, tokens: [30, 35, 40], end: 40 },
      { received: 0, started: 40, tokens: [50, 55, 60], end: 60 },
    ]);
  });

  test("is served past one that left the line", async () => {
    const bench = createBench({ slots: 1 });
    bench.send();
    const leave = bench.send();
    bench.send();
    await bench.clock.sleepUntil(5n * NS_PER_MS);
    leave();
    await bench.settled(3);
    expect(bench.entries.map((entry) => [entry.outcome, entry.status, inMs(entry).started])).toEqual([
      ["aborted", null, null],
      ["ok", 200, 0],
      ["ok", 200, 20],
    ]);
  });

  test("stops where the client leaves, and counts what was written till then", async () => {
    const bench = createBench({ outputTokens: 100, reasoningTokens: 1 });
    const leave = bench.send();
    await bench.clock.sleepUntil(16n * NS_PER_MS);
    leave();
    leave();
    await bench.clock.sleepUntil(100n * NS_PER_MS);
    expect(bench.entries).toHaveLength(1);
    expect(bench.entries[0]).toMatchObject({ outcome: "aborted", chunks: 2, outputTokens: 2, reasoningTokens: 1 });
    expect(bench.events.at(-1)?.[1]).toBe(15);
  });

  test("comes whole, after the same time, where no stream is asked for", async () => {
    const bench = createBench();
    bench.send({ stream: false });
    await bench.settled(1);
    expect(bench.events).toEqual([
      ["head 200", 20],
      ["role", 20],
      ["end", 20],
    ]);
    expect(bench.entries[0]).toMatchObject({ chunks: 1, outputTokens: 3, outcome: "ok" });
  });

  test("has late headers, and all else as late, under slow headers", async () => {
    const bench = createBench({ slowHeadersMs: 50 });
    bench.send({ model: "sim-fault-slow-headers" });
    await bench.settled(1);
    expect(bench.events[0]).toEqual(["head 200", 50]);
    expect(inMs(bench.entries[0]).tokens).toEqual([60, 65, 70]);
  });

  test("writes keep-alives and nothing else once it stalls, and keeps its slot until the client leaves", async () => {
    const bench = createBench({ slots: 1 });
    const leave = bench.send({ model: "sim-fault-stall" });
    bench.send();
    await bench.clock.sleepUntil(1_100n * NS_PER_MS);
    expect(bench.events.slice(-2)).toEqual([
      [": keep-alive", 515],
      [": keep-alive", 1_015],
    ]);
    leave();
    await bench.settled(2);
    expect(bench.entries.map((entry) => [entry.outcome, entry.fault, inMs(entry).started])).toEqual([
      ["aborted", "stall", 0],
      ["ok", null, 1_100],
    ]);
  });

  test("never comes under a stall where no stream is asked for", async () => {
    const bench = createBench();
    const leave = bench.send({ model: "sim-fault-stall", stream: false });
    await bench.clock.sleepUntil(5_000n * NS_PER_MS);
    expect(bench.events).toEqual([]);
    leave();
    expect(bench.entries[0]).toMatchObject({ outcome: "aborted", status: null });
  });

  test("fails by status, half-way or by a cut where no stream is asked for", async () => {
    const bench = createBench();
    bench.send({ model: "sim-fault-error", stream: false });
    bench.send({ model: "sim-fault-cut", stream: false });
    await bench.settled(2);
    expect(bench.events).toEqual([
      ["head 500", 15],
      ["error", 15],
      ["end", 15],
      ["destroy", 15],
    ]);
    expect(bench.entries.map(({ outcome, status, outputTokens }) => [outcome, status, outputTokens])).toEqual([
      ["error", 500, 0],
      ["incomplete", null, 0],
    ]);
  });

  test("does not take a slot to be refused", async () => {
    const bench = createBench({ slots: 1 });
    bench.send();
    bench.send({ model: "sim-fault-429" });
    expect(bench.entries[0]).toMatchObject({ outcome: "error", status: 429, fault: "429", startedNs: null, endNs: 0n });
    await bench.settled(2);
  });

  test("draws the same for the same seed, whatever runs beside it", async () => {
    const scenario = { ttftMs: { median: 20, sigma: 0.5 }, gapMs: { median: 5, sigma: 0.5 } };
    const alone = createBench(scenario);
    const crowded = createBench({ ...scenario, slots: 1 });
    alone.send();
    await alone.settled(1);
    alone.send();
    await alone.settled(2);
    crowded.send();
    crowded.send();
    await crowded.settled(2);
    const pace = (entry: TruthEntry | undefined) => entry?.tokenNs.map((stamp) => stamp - (entry.startedNs ?? 0n));
    expect(pace(crowded.entries[1])).toEqual(pace(alone.entries[1]));
    expect(crowded.entries.map(({ id }) => id)).toEqual(alone.entries.map(({ id }) => id));
  });
});
