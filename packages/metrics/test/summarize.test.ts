import { describe, expect, test } from "vitest";
import {
  createPriceBook,
  createSummary,
  DEFINITIONS,
  type Report,
  type RunManifest,
  summarize,
  type SummaryOptions,
} from "../src/index.ts";
import { arrivals, ATTEMPT, failed, record, STARTED_AT_MS, usage } from "./records.ts";

const MS = 1_000_000;
const RUN: RunManifest = {
  startedAtMs: STARTED_AT_MS,
  durationNs: 1e9,
  mode: "closed",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
};
const CONTEXT = { tool: { name: "llm-latency-lens", version: "0.1.0" }, run: RUN };

function report(records: readonly ReturnType<typeof record>[], options: SummaryOptions = {}): Report {
  return summarize(records, { ...options, ...CONTEXT });
}

function only(result: Report): Report["groups"][number] {
  const [group] = result.groups;
  if (group === undefined || result.groups.length > 1) throw new Error("expected one group");
  return group;
}

describe("a group", () => {
  test("holds what its requests say", () => {
    const group = only(report([record(), record({ id: "r2" })]));
    expect(group).toMatchObject({
      target: { label: "openai:gpt-6-sol" },
      requests: 2,
      excluded: { warmup: 0, drain: 0 },
      outcomes: { ok: 2, truncated: 0, filtered: 0, refused: 0, error: 0, incomplete: 0, aborted: 0 },
      errors: {},
      attempts: { total: 2, retriedRequests: 0 },
      connections: { fresh: 2, reused: 0 },
      ttfb: { count: 2, p50Ns: 140 * MS },
      ttft: { count: 2, minNs: 200 * MS, maxNs: 200 * MS, meanNs: 200 * MS, p50Ns: 200 * MS, p90Ns: null },
      chunkGap: { count: 8, p50Ns: 20 * MS },
      itl: { count: 8 },
      tpot: { count: 2, p50Ns: 20 * MS },
      e2e: { p50Ns: 290 * MS },
      response: null,
      outputTokensPerSecond: { p50PerSecond: 50 },
      tokens: { input: 200, cacheRead: null, cacheWrite: null, output: 10, reasoning: null, perChunk: 1, cachedRequests: 0 },
      server: null,
      models: {},
    });
    expect(group.phases.dns).toMatchObject({ count: 2, p50Ns: MS });
  });

  test("is one a target, in the order in which they came", () => {
    const other = { ...record().target, label: "b" };
    expect(
      report([record({ target: other }), record(), record({ target: other })]).groups.map((group) => [group.target.label, group.requests]),
    ).toEqual([
      ["b", 2],
      ["openai:gpt-6-sol", 1],
    ]);
  });

  test("takes latencies from answered requests only, and counts the others by code", () => {
    const group = only(
      report([
        record(),
        record({ outcome: { kind: "truncated", finishReason: "length", error: null } }),
        record({ outcome: { kind: "refused", finishReason: null, error: null } }),
        failed("RATE_LIMITED"),
        failed("RATE_LIMITED"),
        failed("SERVER_ERROR"),
      ]),
    );
    expect(group.requests).toBe(6);
    expect(group.outcomes).toMatchObject({ ok: 1, truncated: 1, refused: 1, error: 3 });
    expect(group.errors).toEqual({ RATE_LIMITED: 2, SERVER_ERROR: 1 });
    expect([group.ttft.count, group.e2e.count, group.chunkGap.count]).toEqual([2, 2, 8]);
  });

  test("leaves warm-up and drain out of every figure", () => {
    const group = only(report([record({ phase: "warmup", startedAtMs: STARTED_AT_MS - 5000 }), record(), record({ phase: "drain" })]));
    expect(group).toMatchObject({
      requests: 1,
      excluded: { warmup: 1, drain: 1 },
      ttft: { count: 1 },
      tokens: { output: 5 },
      throughput: { windowNs: null },
    });
  });

  test("has response measures as soon as there was a schedule", () => {
    const group = only(report([record({ queuedNs: 0 }), record({ queuedNs: 50 * MS })]));
    expect(group.response).toMatchObject({ ttft: { count: 2, minNs: 210 * MS, maxNs: 260 * MS }, e2e: { maxNs: 350 * MS } });
  });

  test("counts tries and connections", () => {
    const reused = { ...ATTEMPT, reused: true };
    const group = only(
      report([
        record({ attempts: [{ ...ATTEMPT, status: 429 }, reused] }),
        record({ attempts: [{ ...ATTEMPT, sentNs: null, reused: null }] }),
      ]),
    );
    expect(group).toMatchObject({ attempts: { total: 3, retriedRequests: 1 }, connections: { fresh: 0, reused: 1 } });
  });

  test("calls the gap inter-token latency only where a chunk is a token", () => {
    expect(only(report([record({ usage: usage({ outputTokens: 15 }) })]))).toMatchObject({
      itl: null,
      tokens: { perChunk: 3 },
      chunkGap: { count: 4 },
    });
    expect(only(report([record({ usage: null, usageSource: "none" })]))).toMatchObject({ itl: null, tokens: { perChunk: null } });
  });

  test("pools the chunk ratio over requests, not over their means", () => {
    const single = record({ arrivals: arrivals([210, "text"]), usage: usage({ outputTokens: 10 }) });
    expect(only(report([record(), single])).tokens.perChunk).toBe(15 / 6);
  });

  test("keeps the server's own view, and drops what is no duration", () => {
    const none = {
      queueMs: null,
      loadMs: null,
      promptMs: null,
      generationMs: null,
      totalMs: null,
      perTokenMs: null,
      ttftMs: null,
      processingMs: null,
    };
    const group = only(report([record({ server: { ...none, promptMs: 12.5, perTokenMs: -1, queueMs: Number.NaN } })]));
    expect(group.server).toMatchObject({ prompt: { count: 1, minNs: 12_500_000 }, perToken: { count: 0 }, queue: { count: 0 } });
    expect(only(report([record({ server: none })])).server).toBeNull();
  });

  test("does not grow with the number of model names that a server makes up", () => {
    const many = Array.from({ length: 50 }, (_, index) => record({ reply: { ...record().reply, model: `m${index}` } }));
    const { models } = only(report(many));
    expect(Object.keys(models)).toHaveLength(21);
    expect(models["(others)"]).toBe(30);
  });
});

describe("throughput", () => {
  const at = (offsetMs: number, changes: Parameters<typeof record>[0] = {}) =>
    record({ startedAtMs: STARTED_AT_MS + offsetMs, ...changes });

  test("is of the steady part of a run: from the first start to the last, without the ramp-down", () => {
    const { throughput } = only(report([at(0), at(400), at(800), at(2000)]));
    expect(throughput).toEqual({
      windows: [{ fromMs: STARTED_AT_MS, toMs: STARTED_AT_MS + 2000 }],
      windowNs: 2e9,
      requestsPerSecond: 1.5,
      systemTokensPerSecond: 7.5,
    });
  });

  test("of a closed loop with a constant service time is exactly its concurrency over that time", () => {
    const wave = (index: number) => Array.from({ length: 4 }, () => at(index * 300));
    const { throughput } = only(report(Array.from({ length: 26 }, (_, index) => wave(index)).flat()));
    expect(throughput.requestsPerSecond).toBeCloseTo(4 / 0.3, 9);
  });

  test("does not depend on the order in which the requests are told of", () => {
    const records = Array.from({ length: 10_000 }, (_, index) => at((index * 7919) % 10_000));
    const inOrder = records.toSorted((a, b) => a.startedAtMs - b.startedAtMs);
    expect(only(report(records)).throughput).toEqual(only(report(inOrder)).throughput);
  });

  test("is unknown where all requests were sent at once", () => {
    const { throughput } = only(report([at(0), at(0.5), at(1)]));
    expect(throughput).toEqual({
      windows: [{ fromMs: STARTED_AT_MS, toMs: STARTED_AT_MS + 1 }],
      windowNs: null,
      requestsPerSecond: null,
      systemTokensPerSecond: null,
    });
  });

  test("counts answered requests only, over the time that the failed ones took too", () => {
    const { throughput } = only(report([at(0), failed("RATE_LIMITED", { startedAtMs: STARTED_AT_MS + 500 })]));
    expect(throughput).toMatchObject({ windowNs: 500 * MS, requestsPerSecond: 2, systemTokensPerSecond: 10 });
  });

  test("of tokens is unknown where one request's usage is", () => {
    const result = report([at(0, { usage: null, usageSource: "none" }), at(500)]);
    expect(only(result).throughput).toMatchObject({ requestsPerSecond: 2, systemTokensPerSecond: null });
    expect(result.notes).toEqual([
      "openai:gpt-6-sol: the provider reported no usage for 1 request: figures per token leave them out, and system tokens/s is not known.",
    ]);
  });

  test("of a given window takes the requests that ended in it", () => {
    const window = { fromMs: STARTED_AT_MS + 350, toMs: STARTED_AT_MS + 1350 };
    const { throughput } = only(report([at(0), at(400), at(900), at(1200)], { window }));
    expect(throughput).toEqual({ windows: [window], windowNs: 1e9, requestsPerSecond: 2, systemTokensPerSecond: 10 });
  });

  test("of no measured request is unknown", () => {
    const result = report([record({ phase: "warmup" })]);
    expect(only(result).throughput).toEqual({ windows: [], windowNs: null, requestsPerSecond: null, systemTokensPerSecond: null });
    expect(result.notes).toEqual(["openai:gpt-6-sol: every request was warm-up or drain: there are no figures."]);
  });
});

describe("money", () => {
  const mine = {
    modelId: "gpt-6-sol",
    providers: null,
    rates: { inputPerMillionUsd: 10, cacheReadPerMillionUsd: 1, cacheWritePerMillionUsd: 1, outputPerMillionUsd: 200 },
    tiers: [],
    source: "test",
    asOf: "2026-11-23",
  };

  test("is summed over what could be priced, and says what could not", () => {
    const priceBook = createPriceBook([mine]);
    const { costUsd } = only(report([record(), record(), failed("RATE_LIMITED")], { priceBook }));
    expect(costUsd).toMatchObject({
      priced: 2,
      unpriced: 1,
      reported: null,
      price: { modelId: "gpt-6-sol", source: "test", asOf: "2026-11-23" },
    });
    expect(costUsd.total).toBeCloseTo(0.004, 12);
    expect(costUsd.perRequest).toBeCloseTo(0.002, 12);
    expect(costUsd.per1000Requests).toBeCloseTo(2, 12);
    expect(costUsd.perMillionOutputTokens).toBeCloseTo(400, 9);
  });

  test("that nobody knows is null, never 0", () => {
    expect(only(report([record()])).costUsd).toEqual({
      total: null,
      perRequest: null,
      per1000Requests: null,
      perMillionOutputTokens: null,
      byKind: null,
      outputTokens: 0,
      reported: null,
      reportedRequests: 0,
      priced: 0,
      unpriced: 1,
      price: null,
    });
  });

  test("is told apart by what it was paid for; reasoning is a part of the output", () => {
    const priceBook = createPriceBook([mine]);
    const thinking = record({ usage: usage({ inputTokens: 100, cacheReadTokens: 40, outputTokens: 10, reasoningTokens: 4 }) });
    const { byKind, total, outputTokens } = only(report([thinking, record()], { priceBook })).costUsd;
    expect(byKind?.input).toBeCloseTo((160 * mine.rates.inputPerMillionUsd) / 1e6, 12);
    expect(byKind?.cachedInput).toBeCloseTo((40 * (mine.rates.cacheReadPerMillionUsd ?? 0)) / 1e6, 12);
    expect(byKind?.output).toBeCloseTo((15 * mine.rates.outputPerMillionUsd) / 1e6, 12);
    expect(byKind?.reasoning).toBeCloseTo((4 * mine.rates.outputPerMillionUsd) / 1e6, 12);
    expect((byKind?.input ?? 0) + (byKind?.cachedInput ?? 0) + (byKind?.output ?? 0)).toBeCloseTo(total ?? 0, 12);
    expect(outputTokens).toBe(15);
    expect(only(report([record()], { priceBook })).costUsd.byKind?.reasoning).toBeNull();
  });

  test("that the provider names stands beside ours", () => {
    const said = (costUsd: number) => record({ reply: { ...record().reply, costUsd } });
    expect(only(report([said(0.25), said(0.5), said(-1), record()])).costUsd).toMatchObject({ reported: 0.75, reportedRequests: 2 });
  });
});

describe("the instrument", () => {
  const late = (latenessMs: number) => record({ latenessNs: latenessMs * MS });

  test("is fine where no stamp can be late by 1 % of the TTFT", () => {
    expect(report([late(0.5), late(1.5)]).instrument).toMatchObject({
      lateness: { count: 2, maxNs: 1.5 * MS },
      taintedShare: 0,
      state: "fine",
      verdict: "instrument error at most 1.50 ms: fine",
    });
  });

  test("limits the figures where many requests are tainted", () => {
    const { instrument } = report([...Array.from({ length: 96 }, () => late(0.5)), late(3), late(4), late(5), late(8)]);
    expect(instrument).toMatchObject({
      taintedShare: 0.04,
      state: "client-limited",
      verdict: "client-limited: 4.0 % of requests tainted, TTFT p99 is good to ±5.00 ms; use fewer streams at once",
      resources: null,
    });
  });

  test("says that more threads would help where there are cores for them", () => {
    const tainted = Array.from({ length: 10 }, () => late(8));
    const resources = {
      threads: 1,
      utilization: { mean: 0.5, max: 0.9 },
      gc: { count: 1, totalNs: 2 * MS, maxNs: 2 * MS },
      cpuNs: 5e8,
      cpuScope: "thread",
      rss: { startBytes: 1, maxBytes: 3, endBytes: 2 },
    } as const;
    const on = (cores: number) => {
      const machine = { platform: "linux", arch: "x64", cpu: "x", cores };
      return summarize(tainted, { ...CONTEXT, run: { ...RUN, machine }, resources }).instrument;
    };
    expect(on(2).verdict).toBe(
      "client-limited: 100.0 % of requests tainted, TTFT p99 is good to ±8.00 ms; use --workers 2 or fewer streams",
    );
    expect(on(1).verdict).toContain("; use fewer streams at once");
    expect(on(2).resources).toEqual(resources);
  });

  test("is not condemned for a single pause", () => {
    expect(report([late(0.5), late(9)]).instrument).toMatchObject({ taintedShare: 0.5, state: "fine" });
  });

  test("is unknown where nothing watched", () => {
    expect(report([record()]).instrument).toMatchObject({ taintedShare: null, state: "unknown", lateness: { count: 0 } });
  });
});

describe("a report", () => {
  test("of nothing has no groups", () => {
    expect(report([])).toMatchObject({ schema: 1, tool: CONTEXT.tool, run: RUN, groups: [], notes: [], definitions: DEFINITIONS });
  });

  test("holds how the requests of each group were sent, by its label", () => {
    const summary = createSummary();
    summary.add(record());
    const load = { stoppedBy: "requests", sent: 2, lost: 0, workers: 1, crashes: [], schedule: null } as const;
    const level = { kind: "concurrency", value: 8 } as const;
    const sweep = { label: "openai:gpt-6-sol", kind: "concurrency", knee: 8, endedEarly: false } as const;
    const result = summary.report({ ...CONTEXT, loads: new Map([["openai:gpt-6-sol", { level, load }]]), sweeps: [sweep] });
    expect(only(result)).toMatchObject({ level, load });
    expect([result.sweeps, result.searches]).toEqual([[sweep], []]);
    expect(only(summary.report(CONTEXT))).toMatchObject({ level: null, load: null });
  });

  test("keeps the rate limits that were stated last", () => {
    const limited = (remaining: string) =>
      record({ reply: { ...record().reply, rateLimit: { "x-ratelimit-remaining-requests": remaining } } });
    expect(only(report([limited("9"), limited("8"), record()])).rateLimits).toEqual({ "x-ratelimit-remaining-requests": "8" });
    expect(only(report([record()])).rateLimits).toEqual({});
  });

  test("can be asked for while requests still come", () => {
    const summary = createSummary();
    summary.add(record());
    expect(only(summary.report(CONTEXT)).requests).toBe(1);
    summary.add(record());
    expect(only(summary.report({ ...CONTEXT, notes: ["stopped early"] }))).toMatchObject({ requests: 2, ttft: { count: 2 } });
  });

  test("warns of cached prompts, of estimates and of several models", () => {
    const model = (name: string) => ({ ...record().reply, model: name });
    const result = report([
      record({ usage: usage({ inputTokens: 10, cacheReadTokens: 5, outputTokens: 5 }), reply: model("a") }),
      record({ usageSource: "estimated", reply: model("b") }),
    ]);
    expect(result.notes.map((note) => note.replace("openai:gpt-6-sol: ", ""))).toEqual([
      "the provider reported no usage for 1 request: figures per token leave them out, and system tokens/s is not known.",
      "the token counts of 1 request are estimates.",
      "1 request read a part of the prompt from the provider's cache, which shortens TTFT.",
      "2 different models answered.",
    ]);
  });

  test("is plain JSON without a number that JSON cannot hold", () => {
    const hostile = usage({ inputTokens: 1e300, outputTokens: 9e15, reasoningTokens: -1 });
    const result = report([record({ usage: hostile }), failed("SERVER_ERROR"), record({ phase: "warmup" })]);
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});
