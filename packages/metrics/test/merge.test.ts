import { createRandom, type RequestRecord } from "@lens/core";
import { describe, expect, test } from "vitest";
import {
  createPriceBook,
  type GroupSummary,
  judgeGate,
  type LoadSummary,
  mergeReports,
  parseGate,
  type Report,
  type ReportContext,
  type ResourceSummary,
  type RunManifest,
  summarize,
  type SummaryOptions,
  toReport,
} from "../src/index.ts";
import { arrivals, ATTEMPT, failed, record, STARTED_AT_MS, usage } from "./records.ts";

const MS = 1_000_000;
const RUN: RunManifest = {
  startedAtMs: STARTED_AT_MS,
  durationNs: 100_000 * MS,
  mode: "open",
  command: "lens benchmark openai:gpt-6-sol",
  seed: 7,
  options: { rate: 20, requests: 1000 },
  versions: { lens: "0.1.0", node: "20.20.0" },
  machine: { platform: "linux", arch: "x64", cpu: "Example CPU", cores: 2 },
  interrupted: false,
  shards: null,
};
const TOOL = { name: "llm-latency-lens", version: "0.1.0" };

type Context = Partial<Omit<ReportContext, "run" | "tool">> & SummaryOptions & { readonly run?: Partial<RunManifest> };

function reportOf(records: readonly RequestRecord[], { run = {}, ...context }: Context = {}): Report {
  return summarize(records, { tool: TOOL, ...context, run: { ...RUN, ...run } });
}

/** As it comes from a file. */
const saved = (report: Report): Report => toReport(JSON.parse(JSON.stringify(report)));

const PRICES = createPriceBook([
  {
    modelId: "gpt-6-sol",
    providers: null,
    rates: { inputPerMillionUsd: 3.3, cacheReadPerMillionUsd: 0.7, cacheWritePerMillionUsd: 1.1, outputPerMillionUsd: 17 },
    tiers: [],
    source: "test",
    asOf: "2026-11-23",
  },
]);
const SLO = { ttftNs: 220 * MS, tpotNs: 21 * MS };

/** So many requests of every kind, one each 50 ms: two targets, failures, retries, reasoning, a cache, a server that speaks. */
function course(count: number, seed = 1): readonly RequestRecord[] {
  const random = createRandom(seed, 0).uniform;
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1));
  return Array.from({ length: count }, (_, index): RequestRecord => {
    const base = {
      id: `r${index}`,
      startedAtMs: STARTED_AT_MS + index * 50 + random() * 5,
      queuedNs: between(0, 3 * MS),
      latenessNs: random() < 0.1 ? null : between(1000, 4 * MS),
      phase: index < 10 ? ("warmup" as const) : ("measured" as const),
      target: random() < 0.8 ? record().target : { ...record().target, label: "b", model: "other" },
    };
    if (random() < 0.05) return failed(random() < 0.5 ? "RATE_LIMITED" : "SERVER_ERROR", { ...base, endNs: between(1, 50) * MS });
    let atMs = between(150, 260);
    const chunks = Array.from({ length: between(1, 12) }, (): readonly [number, "text"] => [(atMs += between(5, 35)), "text"]);
    return record({
      ...base,
      arrivals: arrivals(...chunks),
      endNs: (atMs + 1) * MS + between(0, 999_999),
      attempts: random() < 0.1 ? [ATTEMPT, { ...ATTEMPT, reused: true }] : [{ ...ATTEMPT, reused: random() < 0.7 }],
      usage: random() < 0.02 ? null : usage({ inputTokens: between(1, 900), cacheReadTokens: between(0, 1), outputTokens: chunks.length }),
      server: random() < 0.3 ? { ...NO_TIMINGS, promptMs: random() * 100, perTokenMs: random() * 10 } : null,
      reply: {
        ...record().reply,
        model: `m${between(1, 3)}`,
        costUsd: random() < 0.5 ? random() : null,
        rateLimit: { "x-ratelimit-remaining-requests": String(count - index) },
      },
      outcome: { kind: random() < 0.9 ? "ok" : "truncated", finishReason: "stop", error: null },
    });
  });
}

const NO_TIMINGS = {
  queueMs: null,
  loadMs: null,
  promptMs: null,
  generationMs: null,
  totalMs: null,
  perTokenMs: null,
  ttftMs: null,
  processingMs: null,
};

/** The requests dealt out one by one, each part a report of its own. */
function shardsOf(records: readonly RequestRecord[], of: number, context: Context = {}): readonly Report[] {
  return Array.from({ length: of }, (_, index) =>
    saved(
      reportOf(
        records.filter((_record, place) => place % of === index),
        { ...context, run: { ...context.run, shards: { of, numbers: [index + 1] } } },
      ),
    ),
  );
}

/** Where figures differ, by path. Fractions may differ in their last digits, having been rounded in another order; all else is to be the same. */
function differences(actual: unknown, expected: unknown, path = ""): readonly string[] {
  if (typeof actual === "number" && typeof expected === "number" && !(Number.isInteger(actual) && Number.isInteger(expected)))
    return Math.abs(actual - expected) <= 1e-12 * Math.abs(expected) ? [] : [`${path}: ${actual} for ${expected}`];
  if (typeof actual !== "object" || typeof expected !== "object" || actual === null || expected === null)
    return actual === expected ? [] : [`${path}: ${JSON.stringify(actual)} for ${JSON.stringify(expected)}`];
  const names = new Set([...Object.keys(actual), ...Object.keys(expected)]);
  return [...names].flatMap((name) =>
    differences((actual as Record<string, unknown>)[name], (expected as Record<string, unknown>)[name], `${path}.${name}`),
  );
}

/** What shards of one run can be held to: throughput has a ramp-down in each of them, and which answer came last is not known. */
const comparable = ({ groups, instrument, ...report }: Report) => ({
  ...report,
  instrument: { ...instrument, verdict: null },
  groups: groups.map(({ throughput: _throughput, rateLimits: _rateLimits, goodput, ...group }) => ({
    ...group,
    goodput: { ...goodput, ratePerSecond: null },
  })),
});

describe("eight shards, merged", () => {
  const context = { priceBook: PRICES, slo: SLO };
  const records = course(2000);
  const whole = reportOf(records, { ...context, run: { shards: { of: 8, numbers: [1, 2, 3, 4, 5, 6, 7, 8] } } });
  const merged = mergeReports(shardsOf(records, 8, context));

  test("equal one run of the same records: every count, every histogram byte for byte", () => {
    expect(differences(comparable(merged), comparable(whole))).toEqual([]);
    expect(merged.groups.map(({ ttft, chunkGap, series }) => [ttft.hdr, chunkGap.hdr, series?.bins.map(({ e2e }) => e2e.hdr)])).toEqual(
      whole.groups.map(({ ttft, chunkGap, series }) => [ttft.hdr, chunkGap.hdr, series?.bins.map(({ e2e }) => e2e.hdr)]),
    );
    expect(merged.groups.map(({ requests }) => requests).reduce((a, b) => a + b)).toBe(1990);
    expect(merged.groups[0]?.rateLimits).toEqual(whole.groups[0]?.rateLimits);
  });

  test("add up to the throughput of the whole, but for what was in flight at the end of each", () => {
    for (const [index, group] of merged.groups.entries()) {
      const [parts, one] = [group.throughput, whole.groups[index]?.throughput];
      expect(parts.windows).toEqual(one?.windows);
      expect(parts.windowNs).toBe(one?.windowNs);
      const [rate, whole1] = [parts.requestsPerSecond ?? 0, one?.requestsPerSecond ?? 0];
      expect(rate).toBeLessThanOrEqual(whole1);
      // One request each 50 ms takes half a second: ten are in flight, or one or two of each shard.
      expect(((whole1 - rate) * (one?.windowNs ?? 0)) / 1e9).toBeLessThanOrEqual(16);
    }
  });

  test("may be merged in any order, and in steps", () => {
    const parts = shardsOf(records, 8, context);
    const inSteps = mergeReports([mergeReports(parts.slice(5)), saved(mergeReports(parts.slice(0, 5)))]);
    expect(differences(comparable(inSteps), comparable(merged))).toEqual([]);
    expect(inSteps.groups.map(({ throughput }) => throughput)).toEqual(merged.groups.map(({ throughput }) => throughput));
  });

  test("say which of them are missing", () => {
    const some = mergeReports(shardsOf(records, 8).filter((_, index) => index !== 2 && index !== 6));
    expect(some.run.shards).toEqual({ of: 8, numbers: [1, 2, 4, 5, 6, 8] });
    expect(some.notes).toContain("2 of 8 shards are missing (3, 7): counts and rates are those of the others.");
    expect(shardsOf(records, 8)[1]?.notes[0]).toBe("This is shard 2 of 8: counts and rates are those of its part.");
  });
});

describe("the parts of a merged report", () => {
  const at = (offsetMs: number, changes: Partial<RequestRecord> = {}) => record({ startedAtMs: STARTED_AT_MS + offsetMs, ...changes });
  const steadily = (fromMs: number, count: number) => Array.from({ length: count }, (_, index) => at(fromMs + index * 1000));
  const only = ({ groups }: Report): GroupSummary => groups[0] as GroupSummary;

  test("add up where they ran at the same time, and do not where they ran one after the other", () => {
    const first = reportOf(steadily(0, 11));
    expect(only(first).throughput).toMatchObject({ windowNs: 10e9, requestsPerSecond: 1, systemTokensPerSecond: 5 });
    const together = mergeReports([first, reportOf(steadily(0, 11), { run: { startedAtMs: STARTED_AT_MS + 1 } })]);
    expect(only(together).throughput).toMatchObject({ windowNs: 10e9, requestsPerSecond: 2, systemTokensPerSecond: 10 });
    const later = reportOf(steadily(3_600_000, 11), { run: { startedAtMs: STARTED_AT_MS + 3_600_000 } });
    const apart = mergeReports([first, later]);
    expect(only(apart).throughput).toMatchObject({ windowNs: 20e9, requestsPerSecond: 1, systemTokensPerSecond: 5 });
    expect(only(apart).throughput.windows).toHaveLength(2);
    expect(apart.run).toMatchObject({ startedAtMs: STARTED_AT_MS, durationNs: 200e9 });
    expect(only(mergeReports([together, later])).throughput).toMatchObject({ windowNs: 20e9, requestsPerSecond: 1.5 });
  });

  test("keep narrow bins where they lie far apart", () => {
    const later = reportOf(steadily(3_600_000, 11), { run: { startedAtMs: STARTED_AT_MS + 3_600_000 } });
    const first = only(reportOf(steadily(0, 11))).series;
    const merged = only(mergeReports([reportOf(steadily(0, 11)), later])).series;
    expect(merged?.binNs).toBeLessThanOrEqual(2 * (first?.binNs ?? 0));
    expect(merged?.bins.reduce((sum, { sent }) => sum + sent, 0)).toBe(22);
  });

  test("know no rate of tokens where one of them does not, and none at all where none had a window", () => {
    const unknown = reportOf(
      steadily(0, 5).map((one) => ({ ...one, usage: null, usageSource: "none" as const })),
      { run: { startedAtMs: STARTED_AT_MS - 1 } },
    );
    expect(only(mergeReports([reportOf(steadily(0, 5)), unknown])).throughput).toMatchObject({
      requestsPerSecond: 2,
      systemTokensPerSecond: null,
    });
    const instant = (startedAtMs: number) => reportOf([at(0)], { run: { startedAtMs } });
    expect(only(mergeReports([instant(1), instant(2)])).throughput).toMatchObject({ windowNs: null, requestsPerSecond: null });
  });

  test("without requests change nothing", () => {
    const [one, none] = shardsOf([record()], 2);
    expect(mergeReports([none as Report, one as Report]).groups).toEqual(mergeReports([one as Report]).groups);
    expect(differences(mergeReports([one as Report]).groups, one?.groups)).toEqual([]);
  });

  test("are told of in notes that hold of the whole", () => {
    const parts = shardsOf([record(), record({ usage: null, usageSource: "none" })], 2, { notes: ["From the caller."] });
    expect(mergeReports(parts).notes).toEqual([
      "From the caller.",
      "openai:gpt-6-sol: the provider reported no usage for 1 request: figures per token leave them out, and system tokens/s is not known.",
    ]);
    const [first, second] = shardsOf([record(), record()], 2);
    const late = { ...(second as Report), run: { ...(second as Report).run, startedAtMs: STARTED_AT_MS + 50_000, machine: null } };
    expect(mergeReports([first as Report, late]).notes).toEqual([
      "The shards ran together for 33 % of the time: the rest of it had less load than was planned.",
      "Several machines measured, so none is named.",
    ]);
  });

  test("are joined version by version", () => {
    const other = { startedAtMs: 1, versions: { lens: "0.1.4", node: "20.20.0" }, interrupted: true };
    const { run } = mergeReports([reportOf([record()]), reportOf([record()], { run: other })]);
    expect(run).toMatchObject({ versions: { lens: "0.1.0, 0.1.4", node: "20.20.0" }, interrupted: true, machine: RUN.machine });
  });

  test("bound the names of models as one run does", () => {
    const answeredBy = (from: number, startedAtMs: number) =>
      reportOf(
        Array.from({ length: 15 }, (_, index) => record({ reply: { ...record().reply, model: `m${from + index}` } })),
        { run: { startedAtMs } },
      );
    const { models } = only(mergeReports([answeredBy(0, 1), answeredBy(15, 2)]));
    expect(Object.keys(models)).toHaveLength(21);
    expect(models["(others)"]).toBe(10);
  });

  test("cost nothing where nothing costs anything", () => {
    const free = createPriceBook([
      {
        modelId: "gpt-6-sol",
        providers: null,
        rates: { inputPerMillionUsd: 0, cacheReadPerMillionUsd: 0, cacheWritePerMillionUsd: 0, outputPerMillionUsd: 0 },
        tiers: [],
        source: "test",
        asOf: "2026-11-23",
      },
    ]);
    const merged = mergeReports(shardsOf([record(), record()], 2, { priceBook: free }));
    expect(only(merged).costUsd).toMatchObject({ total: 0, perRequest: 0, perMillionOutputTokens: 0, priced: 2 });
  });

  test("are held against their thresholds anew; relative ones are left out", () => {
    const judged = (report: Report, texts: readonly string[], references: ReadonlyMap<string, Report> = new Map()): Report => ({
      ...report,
      thresholds: report.groups.flatMap((group) => texts.map((text) => judgeGate(parseGate(text), group, references))),
    });
    const parts = shardsOf([record(), failed("SERVER_ERROR"), record(), record()], 2).map((part) => judged(part, ["errorRate < 40%"]));
    expect(parts.map(({ thresholds }) => thresholds[0]?.met)).toEqual([true, false]);
    expect(mergeReports(parts).thresholds).toMatchObject([{ text: "errorRate < 40%", met: true, value: 0.25 }]);
    const relative = parts.map((part) => judged(part, ["vs base: ttft p50 < +10%"], new Map([["base", part]])));
    const merged = mergeReports(relative);
    expect(merged.thresholds).toEqual([]);
    expect(merged.notes).toEqual(["Thresholds that are relative to another report were left out: judge them anew."]);
  });
});

describe("how the load was sent", () => {
  const schedule = (fromMs: number, count: number): NonNullable<LoadSummary["schedule"]> => {
    const window = { fromMs, toMs: fromMs + (count - 1) * 100 };
    const { ttft: sendLag } = reportOf([record()]).groups[0] as GroupSummary;
    return {
      sent: count,
      due: window,
      started: window,
      targetRatePerSecond: 10,
      deliveredRatePerSecond: 10,
      sendLag,
      waitedForSlot: 1,
      waitedForLimit: 2,
      waitedForRecords: 3,
    };
  };
  const load = (changes: Partial<LoadSummary>): LoadSummary => ({
    stoppedBy: "requests",
    sent: 10,
    lost: 0,
    workers: 2,
    crashes: [],
    schedule: null,
    ...changes,
  });
  const merge = (...loads: readonly LoadSummary[]): LoadSummary | null | undefined =>
    mergeReports(
      loads.map((one, index) =>
        reportOf([record()], { run: { startedAtMs: index }, loads: new Map([["openai:gpt-6-sol", { level: null, load: one }]]) }),
      ),
    ).groups[0]?.load;

  test("adds up, and the worst of what ended it is told", () => {
    const crash = { worker: 1, reason: "exit code 134", lost: 4 };
    expect(merge(load({}), load({ stoppedBy: "crash", lost: 4, crashes: [crash] }), load({ stoppedBy: "signal" }))).toEqual(
      load({ stoppedBy: "crash", sent: 30, lost: 4, workers: 6, crashes: [{ ...crash, worker: 3 }] }),
    );
  });

  test("has the rate of schedules that ran together, or one after the other", () => {
    const rates = (...fromMs: readonly number[]) => merge(...fromMs.map((from) => load({ schedule: schedule(from, 11) })))?.schedule;
    // Two interleaved schedules, 50 ms apart.
    expect(rates(0, 50)).toMatchObject({
      sent: 22,
      due: { fromMs: 0, toMs: 1050 },
      targetRatePerSecond: 20,
      waitedForSlot: 2,
      waitedForLimit: 4,
    });
    expect(rates(0, 60_000)).toMatchObject({ sent: 22, due: { fromMs: 0, toMs: 61_000 }, deliveredRatePerSecond: 10, waitedForRecords: 6 });
    expect(merge(load({ schedule: { ...schedule(0, 1), due: null, started: null } }))?.schedule).toMatchObject({
      due: null,
      targetRatePerSecond: null,
    });
  });

  test("took what it took on all machines together", () => {
    const resources = (threads: number, mean: number, bytes: number): ResourceSummary => ({
      threads,
      utilization: { mean, max: mean * 2 },
      gc: { count: 1, totalNs: 5, maxNs: bytes },
      cpuNs: 100,
      cpuScope: threads === 1 ? "thread" : "process",
      rss: { startBytes: bytes, maxBytes: bytes * 3, endBytes: bytes * 2 },
    });
    const merged = mergeReports([
      reportOf([record({ latenessNs: 1 })], { resources: resources(1, 0.1, 10) }),
      reportOf([record({ latenessNs: 9 * MS })], { run: { startedAtMs: 1 }, resources: resources(3, 0.3, 20) }),
    ]);
    expect(merged.instrument).toMatchObject({ lateness: { count: 2 }, compared: 2, taintedShare: 0.5, state: "fine" });
    expect(merged.instrument.resources).toEqual({
      threads: 4,
      utilization: { mean: expect.closeTo(0.25, 12), max: 0.6 },
      gc: { count: 2, totalNs: 10, maxNs: 20 },
      cpuNs: 200,
      cpuScope: "process",
      rss: { startBytes: 20, maxBytes: 60, endBytes: 40 },
    });
  });
});

describe("the levels of a sweep", () => {
  test("are merged level by level, and their knee is found anew", () => {
    const levels = [1, 2, 4, 8, 16];
    const slow = (level: number): number => (level <= 4 ? 100 : 25 * level);
    const part = (number: number): Report =>
      reportOf(
        levels.flatMap((level) =>
          Array.from({ length: 4 }, (_, index) =>
            record({
              target: { ...record().target, label: `x @ ${level}` },
              startedAtMs: STARTED_AT_MS + level * 1000 + index,
              endNs: (200 + 10 * slow(level)) * MS,
            }),
          ),
        ),
        {
          run: { shards: { of: 2, numbers: [number] } },
          loads: new Map(
            levels.map((value) => [
              `x @ ${value}`,
              {
                level: { kind: "concurrency", value },
                load: { stoppedBy: "requests", sent: 4, lost: 0, workers: 1, crashes: [], schedule: null },
              },
            ]),
          ),
          sweeps: [{ label: "x", kind: "concurrency", knee: null, endedEarly: number === 2 }],
        },
      );
    const { groups, sweeps } = mergeReports([part(1), part(2)]);
    expect(groups.map(({ level, requests }) => [level?.value, requests])).toEqual(levels.map((level) => [level, 8]));
    expect(sweeps).toEqual([{ label: "x", kind: "concurrency", knee: 4, endedEarly: true }]);
  });
});

describe("reports that do not belong together", () => {
  const one = reportOf([record()]);
  const other = (run: Partial<RunManifest>, records: readonly RequestRecord[] = [record()]): Report =>
    reportOf(records, { run: { startedAtMs: 1, ...run } });
  const ofTarget = (target: Partial<RequestRecord["target"]>) => other({}, [record({ target: { ...record().target, ...target } })]);
  const shard = (number: number, of = 2): Report => other({ shards: { of, numbers: [number] } });

  test.each<[string, readonly Report[], string]>([
    [
      "another tool",
      [one, { ...one, tool: { name: "x", version: "0.1.0" } }],
      "the tool is `llm-latency-lens` in report 1 and `x` in report 2",
    ],
    [
      "another major version",
      [one, { ...one, tool: { ...TOOL, version: "1.0.0" } }],
      "the tool's version is `0.1` in report 1 and `1` in report 2",
    ],
    [
      "another minor version before 1.0",
      [one, { ...one, tool: { ...TOOL, version: "0.2.0" } }],
      "the tool's version is `0.1` in report 1 and `0.2` in report 2",
    ],
    [
      "another command",
      [one, other({ command: null })],
      "the command is `lens benchmark openai:gpt-6-sol` in report 1 and nothing in report 2",
    ],
    ["another mode", [one, other({ mode: "closed" })], "the mode is `open` in report 1 and `closed` in report 2"],
    ["another seed", [one, other({ seed: 8 })], "the seed is `7` in report 1 and `8` in report 2"],
    [
      "another option",
      [one, other({ options: { rate: 30, requests: 1000 } })],
      "the option `rate` is `20` in report 1 and `30` in report 2",
    ],
    [
      "one more option",
      [one, other({ options: { ...RUN.options, drain: 5 } })],
      "the option `drain` is nothing in report 1 and `5` in report 2",
    ],
    ["another number of shards", [shard(1), shard(2, 3)], "the number of shards is `2` in report 1 and `3` in report 2"],
    ["a shard and a whole run", [shard(1), other({})], "the number of shards is `2` in report 1 and nothing in report 2"],
    ["the same shard twice", [shard(1), shard(2), shard(1)], "shard 1 is in report 1 and in report 3"],
    ["the same run twice", [one, saved(one)], "report 1 and report 2 are the same run"],
    ["another model", [one, ofTarget({ model: "x" })], "the model of `openai:gpt-6-sol` is `gpt-6-sol` in report 1 and `x` in report 2"],
    [
      "another server",
      [one, ofTarget({ origin: "https://x" })],
      "the server of `openai:gpt-6-sol` is `https://api.openai.com` in report 1 and `https://x` in report 2",
    ],
    ["another target", [one, ofTarget({ label: "b" })], "the target is `openai:gpt-6-sol` in report 1 and `b` in report 2"],
    [
      "other objectives",
      [reportOf([record()], { slo: SLO }), other({})],
      "the objectives of `openai:gpt-6-sol` is `ttft ≤ 220 ms, tpot ≤ 21.0 ms` in report 1 and nothing in report 2",
    ],
  ])("such as %s are refused", (_what, reports, why) => {
    expect(() => mergeReports(reports)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: `Expected reports that belong together: ${why}.` }),
    );
  });

  test("are named as the caller names them", () => {
    expect(() => mergeReports([one, saved(one)], { names: ["`a.json`", "`b.json`"] })).toThrow("`a.json` and `b.json` are the same run");
  });

  test("are none at all, or searches", () => {
    expect(() => mergeReports([])).toThrow("Expected at least one report to merge, got none.");
    const search = {
      label: "x",
      kind: "rate",
      thresholds: [],
      status: "not-met",
      highestMet: null,
      lowestMissed: null,
      verdict: "v",
      probes: [],
    } as const;
    expect(() => mergeReports([{ ...one, searches: [search] }])).toThrow(
      "report 1 is of a search, which chose its levels by its own figures alone",
    );
  });

  test("include no simulators for their ports alone", () => {
    const on = (port: number, startedAtMs: number) =>
      other({ startedAtMs }, [record({ target: { ...record().target, provider: "sim", origin: `http://127.0.0.1:${port}` } })]);
    expect(mergeReports([on(1, 1), on(2, 2)]).groups[0]?.requests).toBe(2);
  });

  test("have histograms that can be read", () => {
    const [group] = one.groups as readonly [GroupSummary];
    const broken = { ...one, groups: [{ ...group, ttft: { ...group.ttft, hdr: "AAAA" } }] };
    expect(() => mergeReports([broken])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });
});
