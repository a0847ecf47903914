import type { RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { startSimulator } from "@lens/sim";
import { describe, expect, it } from "vitest";
import { type ClosedPlan, type LoadPlan, resolvePlan, runLoad, type RunLoadHere } from "../src/index.ts";
import { createOrder } from "../src/order.ts";
import { createVirtualServer, MS, rateLimited, type Seen, type VirtualServerOptions } from "./virtual-server.ts";

function harness(options: VirtualServerOptions) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, options);
  const records: RequestRecord[] = [];
  const run = (plan: LoadPlan, others: Partial<RunLoadHere> = {}) =>
    runLoad({ plan, clock, send: server.send, onRecord: (record) => void records.push(record), ...others });
  return { clock, server, records, run };
}

const closed = (concurrency: number, rest: Omit<LoadPlan, "load">): LoadPlan => ({ load: { mode: "closed", concurrency }, ...rest });
const open = (ratePerSecond: number, rest: Omit<LoadPlan, "load">): LoadPlan => ({
  load: { mode: "open", arrivals: { process: "constant", ratePerSecond } },
  ...rest,
});
const measured = (seen: readonly Seen[]): readonly Seen[] =>
  seen.filter(({ phase }) => phase === "measured").toSorted((one, other) => one.index - other.index);
const word = (seen: readonly { readonly target: number }[]): string => seen.map(({ target }) => "ABC"[target]).join("");
const rounds = (text: string, length: number): readonly string[] => text.match(new RegExp(`.{1,${length}}`, "g")) ?? [];
const sorted = (text: string): string => text.split("").toSorted().join("");

function orderOf(plan: LoadPlan, places: number, phase: "warmup" | "measured" = "measured"): string {
  const order = createOrder(resolvePlan(plan));
  return word(Array.from({ length: places }, (_, place) => order(phase, place)));
}

describe("the order of several targets", () => {
  it("holds each target once in every round, in an order that changes from round to round", () => {
    const text = orderOf(closed(1, { requests: 200, targets: 3 }), 600);
    expect(new Set(rounds(text, 3).map(sorted))).toEqual(new Set(["ABC"]));
    // All six orders, each about a sixth of the time.
    const counts = ["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"].map((order) => rounds(text, 3).filter((round) => round === order).length);
    expect(Math.min(...counts)).toBeGreaterThan(15);
  });

  it("repeats with the seed, and is another with another", () => {
    const of = (seed: number): string => orderOf(closed(1, { requests: 50, targets: 2, seed }), 100);
    expect(of(7)).toBe(of(7));
    expect(of(7)).not.toBe(of(8));
  });

  it("goes block by block where that was asked for, and ends in a shorter round rather than an unfair one", () => {
    const text = orderOf(closed(1, { requests: 10, targets: 2, block: 4 }), 20);
    expect(
      rounds(text, 4)
        .slice(0, 4)
        .every((block) => block === "AAAA" || block === "BBBB"),
    ).toBe(true);
    expect(rounds(text, 8).map(sorted)).toEqual(["AAAABBBB", "AAAABBBB", "AABB"]);
    expect(["AABB", "BBAA"]).toContain(text.slice(16));
  });

  it("counts the turns of each target, whatever the order", () => {
    for (const block of [1, 4]) {
      const order = createOrder(resolvePlan(closed(1, { requests: 10, targets: 2, block })));
      const asked = Array.from({ length: 20 }, (_, place) => order("measured", place));
      for (const target of [0, 1])
        expect(asked.filter((each) => each.target === target).map(({ turn }) => turn)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    }
  });

  it("warms up so many of one target in a row as there are slots", () => {
    const plan = closed(4, { requests: 10, targets: 2 });
    expect(resolvePlan(plan).phases[0]).toMatchObject({ phase: "warmup", requests: 8 });
    expect(rounds(orderOf(plan, 8, "warmup"), 4).map((block) => new Set(block).size)).toEqual([1, 1]);
    expect(sorted(orderOf(closed(4, { requests: 10, targets: 2, warmup: { requests: 2 } }), 4, "warmup"))).toBe("AABB");
    expect(rounds(orderOf(closed(4, { durationNs: 1, targets: 2, warmup: { durationNs: 9 } }), 16, "warmup"), 8).map(sorted)).toEqual([
      "AAAABBBB",
      "AAAABBBB",
    ]);
  });

  it("balances each shard of a closed loop by itself, and shares prompts out among them", () => {
    const shards = [0, 1, 2].map((index) => resolvePlan(closed(6, { requests: 10, targets: 2, shard: { index, of: 3 } })));
    expect(shards.map(({ phases }) => phases[1]?.requests)).toEqual([8, 6, 6]);
    const turns = shards.flatMap((plan) => {
      const order = createOrder(plan);
      return Array.from({ length: plan.phases[1]?.requests ?? 0 }, (_, place) => order("measured", place));
    });
    const ofA = turns.filter(({ target }) => target === 0).map(({ turn }) => turn);
    expect(ofA.toSorted((one, other) => one - other)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const words = shards.map((plan) => {
      const order = createOrder({ ...(plan as ClosedPlan), phases: [{ phase: "measured", requests: null, durationNs: 1 }] });
      return word(Array.from({ length: 64 }, (_, place) => order("measured", place)));
    });
    expect(new Set(words).size).toBe(3);
  });
});

describe("a run over several targets", () => {
  it("sends each as many requests, however slow one is", async () => {
    const { run, server, records } = harness({ serviceNs: (target) => (target === 0 ? 10 : 90) * MS });
    const result = await run(closed(4, { requests: 50, targets: 2, warmup: null }));
    expect(result).toMatchObject({ sent: 100, stoppedBy: "requests" });
    const text = word(measured(server.seen));
    expect(rounds(text, 2).every((round) => sorted(round) === "AB")).toBe(true);
    expect(records.filter(({ target }) => target.label === "p:m")).toHaveLength(50);
    expect(server.mostInFlight()).toBe(4);
  });

  it("opens as many connections to each as there are slots before it measures", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    await run(closed(3, { requests: 4, targets: 2 }));
    const warmup = server.seen.filter(({ phase }) => phase === "warmup");
    expect(warmup.map(({ atNs }) => atNs / MS)).toEqual([0, 0, 0, 10, 10, 10]);
    expect(["AAABBB", "BBBAAA"]).toContain(word(warmup));
    expect(sorted(word(measured(server.seen)))).toBe("AAAABBBB");
  });

  it("counts its drain for each, too", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    await run(closed(2, { requests: 3, targets: 2, warmup: null, drain: { requests: 2 } }));
    expect(sorted(word(server.seen.filter(({ phase }) => phase === "drain")))).toBe("AABB");
  });

  it("shares out the due times of an open loop, the same to every shard", async () => {
    const plan = open(10, { requests: 6, targets: 2, seed: 5 });
    const whole = harness({ serviceNs: 10 * MS });
    await whole.run(plan);
    expect(measured(whole.server.seen).map(({ atNs }) => atNs / MS)).toEqual(Array.from({ length: 12 }, (_, index) => index * 100));
    const parts = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const { run, server } = harness({ serviceNs: 10 * MS });
        await run({ ...plan, shard: { index, of: 3 } });
        return server.seen;
      }),
    );
    expect(measured(parts.flat())).toEqual(measured(whole.server.seen));
  });

  it("asks all targets the same prompts", async () => {
    const { run, server } = harness({ serviceNs: (target) => (target === 0 ? 10 : 25) * MS });
    await run(open(50, { requests: 9, targets: 2 }));
    const turns = (target: number) =>
      measured(server.seen)
        .filter((seen) => seen.target === target)
        .map(({ turn }) => turn);
    expect(turns(0)).toEqual(turns(1));
  });

  it("keeps each within the limits that its server sets, and lets none run ahead by more than there are slots", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    await run(closed(4, { requests: 3, targets: 2, block: 3, warmup: null, limits: { requestsPerMinute: 59 } }));
    const everyMs = (60_000 / 59) * (60 / 59);
    const sentMs = (target: number) => server.seen.filter((seen) => seen.target === target).map(({ atNs }) => Math.round(atNs / MS));
    const expected = [0, 1, 2].map((index) => Math.round(index * everyMs));
    expect(sentMs(0).map((ms) => ms - (sentMs(0)[0] ?? 0))).toEqual(expected);
    expect(sentMs(1).map((ms) => ms - (sentMs(1)[0] ?? 0))).toEqual(expected);
  });

  it("puts the tokens of each right by itself", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS, usage: { inputTokens: 59, outputTokens: 59 } });
    await run(closed(1, { requests: 2, targets: 2, warmup: null, limits: { tokensPerMinute: 5900, tokensPerRequest: 590 } }));
    const everyMs = Math.round((1_200 * 60) / 59);
    const ms = measured(server.seen).map(({ atNs }) => Math.round(atNs / MS));
    expect(ms.slice(0, 2)).toEqual([0, 10]);
    expect(ms[2]).toBeGreaterThanOrEqual(everyMs);
    expect(ms[3]).toBeLessThanOrEqual(everyMs + 20);
  });

  it("waits as a whole when one target asks it to", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS, failure: (arrived) => (arrived === 0 ? rateLimited(3_000) : null) });
    await run(closed(2, { requests: 2, targets: 2, warmup: null, respectRetryAfter: true }));
    expect(server.seen.map(({ atNs }) => atNs / MS)).toEqual([0, 0, 3010, 3010]);
  });

  it("keeps one budget for all", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    const budget = { maxCostUsd: 0.01, reserveUsd: 0.001, costOf: () => 0.001 };
    expect(await run(closed(2, { requests: 50, targets: 2, warmup: null }), { budget })).toMatchObject({ sent: 10, stoppedBy: "budget" });
  });

  it("gives up what a limit held back until the time was up, and says that time ended it", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    const result = await run(closed(4, { durationNs: 1_500 * MS, targets: 2, warmup: null, limits: { requestsPerMinute: 59 } }));
    expect(result.stoppedBy).toBe("duration");
    expect(server.seen.every(({ atNs }) => atNs < 1_500 * MS)).toBe(true);
    expect(result.sent).toBe(4);
  });
});

describe("a job of several targets", () => {
  const prompts = [{ messages: [{ role: "user" as const, content: "Hello." }] }];

  it("asks each at its own address, under its own name", async () => {
    const [one, other] = await Promise.all([1, 2].map(() => startSimulator({ scenario: { ttftMs: 1, gapMs: 0, outputTokens: 1 } })));
    const target = { adapter: "openai", apiKey: "k", model: "m" };
    const job = {
      target: [
        { ...target, label: "one", baseUrl: one?.baseUrls.openai ?? "" },
        { ...target, adapter: "anthropic", label: "other", baseUrl: other?.baseUrls.anthropic ?? "" },
      ],
      prompts,
    };
    const records: RequestRecord[] = [];
    await runLoad({
      plan: closed(2, { requests: 5, targets: 2, warmup: null }),
      job,
      workers: 0,
      onRecord: (record) => void records.push(record),
    });
    await Promise.all([one?.close(), other?.close()]);
    expect([one?.truth().length, other?.truth().length]).toEqual([5, 5]);
    const origins = new Set(records.map(({ target: { label, origin } }) => `${label} ${origin}`));
    expect([...origins].toSorted()).toEqual([`one ${one?.origin}`, `other ${other?.origin}`]);
    expect(records.every(({ outcome }) => outcome.kind === "ok")).toBe(true);
  });

  it.each([
    [
      "fewer targets than the plan",
      { target: { adapter: "openai", apiKey: null, model: "m" }, prompts },
      "as many targets as its plan says, 2, got 1",
    ],
    [
      "no prompt",
      { target: [1, 2].map(() => ({ adapter: "openai", apiKey: null, model: "m" })), prompts: [] },
      "at least one prompt, got none",
    ],
  ])("is refused with %s", async (_, job, message) => {
    await expect(runLoad({ plan: closed(1, { requests: 1, targets: 2 }), job, workers: 0, onRecord: () => undefined })).rejects.toThrow(
      message,
    );
  });

  it.each([
    [{ targets: 0 }, "Expected the number of targets to be a whole number from 1 up, got `0`."],
    [{ block: 1.5 }, "Expected the requests of a block to be a whole number from 1 up, got `1.5`."],
  ])("is refused with a plan of %o", (rest, message) => {
    expect(() => resolvePlan(closed(1, { requests: 1, ...rest }))).toThrow(message);
  });
});
