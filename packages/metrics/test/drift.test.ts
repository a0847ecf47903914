import { describe, expect, test } from "vitest";
import {
  createGroup,
  createHistogram,
  type Distribution,
  findDrift,
  type SeriesBin,
  type SeriesSummary,
  toDistribution,
} from "../src/index.ts";
import { trendPValue } from "../src/trend.ts";
import { arrivals, failed, record, STARTED_AT_MS } from "./records.ts";
import { normal, uniform } from "./seeded.ts";

const MS = 1_000_000;
const NONE = toDistribution(createHistogram());

function distributionOf(values: readonly number[]): Distribution {
  const histogram = createHistogram();
  for (const value of values) histogram.record(Math.round(value));
  return toDistribution(histogram, { independent: 0 });
}

function binOf(index: number, changes: Partial<SeriesBin>): SeriesBin {
  return {
    index,
    sent: 0,
    answered: 0,
    failed: 0,
    errors: {},
    outputTokens: null,
    goodput: null,
    ttft: NONE,
    chunkGap: NONE,
    tpot: NONE,
    e2e: NONE,
    responseTtft: null,
    ...changes,
  };
}

interface Course {
  readonly bins: number;
  readonly perBin: number;
  /** The TTFT of a request, by how much of the run is over (0 to 1). */
  readonly ttftMs: (over: number) => number;
}

function course({ bins, perBin, ttftMs }: Course): SeriesSummary {
  const each = (index: number): SeriesBin => {
    const values = Array.from({ length: perBin }, (_, request) => ttftMs((index + request / perBin) / bins) * MS);
    return binOf(index, { sent: perBin, answered: perBin, ttft: distributionOf(values) });
  };
  return { binNs: 1e9, originMs: STARTED_AT_MS, bins: Array.from({ length: bins }, (_, index) => each(index)) };
}

/** How many of `trials` courses of `count` values seem to have a trend, where there is none. */
function falseAlarms(count: number, likeness: number, trials = 1000): number {
  const next = normal(count * 100 + likeness * 10, likeness);
  let alarms = 0;
  for (let trial = 0; trial < trials; trial += 1)
    if (trendPValue(Array.from({ length: count }, () => Math.exp(next()))) < 0.02) alarms += 1;
  return alarms / trials;
}

describe("the test for a trend", () => {
  test.each([12, 16, 32, 64])("calls a trend in at most 2 of 100 steady courses of %i values", (count) => {
    expect(falseAlarms(count, 0)).toBeLessThanOrEqual(0.02);
  });

  test.each([12, 16, 32, 64])("calls one in at most 5 of 100 steady courses of %i values that resemble their neighbours", (count) => {
    expect(falseAlarms(count, 0.3)).toBeLessThanOrEqual(0.05);
    expect(falseAlarms(count, 0.5)).toBeLessThanOrEqual(0.05);
  });

  test.each([
    { requests: 320, least: 0.4 },
    { requests: 2000, least: 0.98 },
  ])("finds a rise of 28 % in $requests requests of usual spread in $least of all cases", ({ requests, least }) => {
    const noise = normal(requests);
    const blocks = 64;
    const size = Math.floor(requests / blocks);
    let found = 0;
    for (let trial = 0; trial < 200; trial += 1) {
      const medians = Array.from({ length: blocks }, (_, block) => {
        const values = Array.from({ length: size }, () => 0.4 * noise() + (0.25 * block) / blocks).toSorted((left, right) => left - right);
        return Math.exp(values[Math.floor(size / 2)] ?? 0);
      });
      if (trendPValue(medians) < 0.02) found += 1;
    }
    expect(found / 200).toBeGreaterThanOrEqual(least);
  });

  test("sees what rises in a line, levels off or jumps, and nothing in what goes up and down or stays", () => {
    const noise = normal(2);
    const of = (value: (index: number) => number, spread = 0.1): number =>
      trendPValue(Array.from({ length: 40 }, (_, index) => value(index / 39) + spread * noise()));
    expect(of((over) => over)).toBeLessThan(1e-6);
    expect(of((over) => -over)).toBeLessThan(1e-6);
    expect(of((over) => 1 - Math.exp(-4 * over), 0.01)).toBeLessThan(0.001);
    expect(of((over) => (over > 0.5 ? 1 : 0), 0.5)).toBeLessThan(0.02);
    expect(of((over) => Math.cos(2 * Math.PI * over))).toBeGreaterThan(0.1);
    expect(of(() => 0)).toBeGreaterThan(0.02);
  });

  test("needs twelve values that are not all equal", () => {
    const rising = Array.from({ length: 12 }, (_, index) => index + (index % 3) / 10);
    expect(trendPValue(rising)).toBeLessThan(0.02);
    expect(trendPValue(rising.slice(1))).toBe(1);
    expect(trendPValue(rising.map(() => 5))).toBe(1);
    expect(trendPValue([...rising.map(() => 5), 6])).toBeGreaterThan(0.05);
  });
});

describe("drift", () => {
  test("is told where it is steady and more than a few percent", () => {
    const noise = normal(1);
    const drift = findDrift(course({ bins: 30, perBin: 20, ttftMs: (over) => 200 * (1 + 0.5 * over) * Math.exp(0.2 * noise()) }));
    expect(drift.metrics).toMatchObject([{ metric: "ttft", drifted: true }]);
    expect(drift.metrics[0]?.change?.share).toBeGreaterThan(0.25);
    expect(drift.metrics[0]?.pValue).toBeLessThan(0.001);
    expect(drift.findings).toEqual(["TTFT rose by 32 % during the run (median 222 ms in its first quarter, 294 ms in its last)"]);
    const falling = findDrift(course({ bins: 30, perBin: 20, ttftMs: (over) => 300 - 100 * over }));
    expect(falling.findings).toEqual(["TTFT fell by 26 % during the run (median 287 ms in its first quarter, 213 ms in its last)"]);
  });

  test("is not told where it is too small to matter, however sure", () => {
    const noise = normal(4);
    const { metrics, findings } = findDrift(course({ bins: 30, perBin: 20, ttftMs: (over) => 200 + 8 * over + noise() }));
    expect(metrics).toMatchObject([{ drifted: false }]);
    expect(metrics[0]?.pValue).toBeLessThan(0.001);
    expect(findings).toEqual([]);
  });

  test("is not looked for in fewer than 12 bins or 60 requests", () => {
    expect(findDrift(course({ bins: 11, perBin: 50, ttftMs: (over) => 200 + 100 * over })).metrics).toEqual([]);
    expect(findDrift(course({ bins: 59, perBin: 1, ttftMs: (over) => 200 + 100 * over })).metrics).toEqual([]);
    expect(findDrift(course({ bins: 60, perBin: 1, ttftMs: (over) => 200 + 100 * over })).metrics).toMatchObject([{ drifted: true }]);
  });

  test.each([
    { bins: 12, perBin: 5, likeness: 0 },
    { bins: 16, perBin: 10, likeness: 0.5 },
    { bins: 24, perBin: 4, likeness: 0.8 },
  ])("is told of at most 5 of 100 steady runs of $bins bins of $perBin requests", ({ likeness, ...shape }) => {
    const noise = normal(5, likeness);
    let alarms = 0;
    for (let trial = 0; trial < 100; trial += 1) {
      if (findDrift(course({ ...shape, ttftMs: () => 300 * Math.exp(0.5 * noise()) })).findings.length > 0) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(5);
  });

  test("of the whole answer is told only where none of its parts drifts, that from the due time where it is far more", () => {
    const noise = normal(6);
    const rising = (share: number): readonly Distribution[] =>
      Array.from({ length: 20 }, (_, index) =>
        distributionOf(Array.from({ length: 5 }, () => 100 * MS * (1 + (share * index) / 20) * Math.exp(0.01 * noise()))),
      );
    const findings = (parts: Partial<Record<"ttft" | "e2e" | "responseTtft", number>>): readonly string[] =>
      findDrift({
        binNs: 1e9,
        originMs: 0,
        bins: Array.from({ length: 20 }, (_, index) => {
          const distributions = Object.entries(parts).map(([name, share]) => [name, rising(share)[index]] as const);
          return binOf(index, Object.fromEntries(distributions));
        }),
      }).findings.map((words) => words.slice(0, words.indexOf(" by")));
    expect(findings({ ttft: 0.4, e2e: 0.4, responseTtft: 0.5 })).toEqual(["TTFT rose"]);
    expect(findings({ ttft: 0.4, responseTtft: 2 })).toEqual(["TTFT rose", "response TTFT rose"]);
    expect(findings({ ttft: 0, responseTtft: 2 })).toEqual(["response TTFT rose"]);
    expect(findings({ ttft: 0, e2e: 0.4 })).toEqual(["E2E rose"]);
  });
});

describe("failures", () => {
  const seconds = (count: number, failedAt: (second: number) => number): SeriesSummary => ({
    binNs: 1e9,
    originMs: STARTED_AT_MS,
    bins: Array.from({ length: count }, (_, index) => {
      const lost = failedAt(index);
      return binOf(index, {
        sent: 20,
        answered: 20 - lost,
        failed: lost,
        errors: lost === 0 ? {} : { SERVER_ERROR: 1, RATE_LIMITED: lost - 1 },
      });
    }),
  });

  test("that cluster are told with their time and reason", () => {
    expect(findDrift(seconds(30, (second) => (second >= 14 ? 10 : 0)))).toMatchObject({
      errors: { fromNs: 14e9, toNs: null, code: "RATE_LIMITED", failed: 160, sent: 320, failedElsewhere: 0, sentElsewhere: 280 },
      findings: ["throttled from 14.0 s on: 160 of 320 requests failed, RATE_LIMITED above all, and 0 of 280 in the rest of the run"],
    });
    expect(findDrift(seconds(30, (second) => (second === 5 || second === 6 ? 8 : 0))).findings).toEqual([
      "throttled from 5.00 s to 7.00 s: 16 of 40 requests failed, RATE_LIMITED above all, and 0 of 560 in the rest of the run",
    ]);
    expect(findDrift(seconds(30, (second) => (second < 3 ? 8 : 0))).findings[0]).toMatch(/^throttled up to 3\.00 s: 24 of 60/);
  });

  test("without a code are told as failures", () => {
    const bins = Array.from({ length: 10 }, (_, index) =>
      binOf(index, { sent: 20, answered: index < 8 ? 20 : 5, failed: index < 8 ? 0 : 15 }),
    );
    expect(findDrift({ binNs: 1e9, originMs: 0, bins }).findings).toEqual([
      "failures from 8.00 s on: 30 of 40 requests failed, and 0 of 160 in the rest of the run",
    ]);
  });

  test("that are spread over the run, or all there is, are no cluster", () => {
    expect(findDrift(seconds(30, () => 2)).errors).toBeNull();
    expect(findDrift(seconds(30, () => 20)).errors).toBeNull();
    expect(findDrift(seconds(30, (second) => (second === 9 ? 4 : 0))).errors).toBeNull();
  });

  test.each([0.01, 0.05, 0.3])("at an even rate of %f seem to cluster in at most 2 of 100 runs", (rate) => {
    const random = uniform(3);
    let alarms = 0;
    for (let trial = 0; trial < 300; trial += 1) {
      const lost = Array.from({ length: 64 }, () => Array.from({ length: 20 }).filter(() => random() < rate).length);
      if (findDrift(seconds(64, (second) => lost[second] ?? 0)).errors !== null) alarms += 1;
    }
    expect(alarms).toBeLessThanOrEqual(6);
  });
});

describe("a group that drifts", () => {
  test("says so among the notes of the report", () => {
    const group = createGroup({ target: record().target, priceBook: null, window: null });
    for (let index = 0; index < 200; index += 1) {
      const firstMs = 200 + index + ((index * 37) % 11);
      const startedAtMs = STARTED_AT_MS + index * 50;
      group.add(record({ startedAtMs, arrivals: arrivals([firstMs, "text"], [firstMs + 80, "text"]) }));
      if (index >= 150) group.add(failed("RATE_LIMITED", { startedAtMs }));
    }
    const { drift } = group.summary();
    expect(drift?.metrics.map(({ metric, drifted }) => [metric, drifted])).toEqual([
      ["ttft", true],
      ["tpot", false],
      ["e2e", false],
    ]);
    expect(drift?.findings).toHaveLength(2);
    expect(drift?.findings[1]).toMatch(/^throttled from 7\.\d+ s on: 50 of 100 requests failed, RATE_LIMITED above all/);
  });
});
