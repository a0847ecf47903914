import { describe, expect, test } from "vitest";
import { compareGroups, compareSeries, createHistogram, type GroupComparison, type MetricComparison } from "../src/index.ts";
import { type Course, groupOf } from "./compared-groups.ts";
import { seriesOf } from "./sample-series.ts";
import { normal } from "./seeded.ts";

const COURSE: Course = { requests: 400, seed: 1 };
const base = groupOf("base", COURSE);
const OPTIONS = { seed: 11, paired: true };

function rowOf(comparison: GroupComparison, name: string): MetricComparison {
  const found = comparison.metrics.find(({ metric, statistic }) => `${metric}${statistic === null ? "" : ` p${statistic}`}` === name);
  if (found === undefined) throw new Error(`No row ${name}.`);
  return found;
}

const namesOf = ({ metrics }: GroupComparison): readonly string[] =>
  metrics.map(({ metric, statistic }) => `${metric} ${statistic ?? ""}`.trim());

describe("the comparison of two groups", () => {
  const slower = compareGroups(base, groupOf("slower", { requests: 400, seed: 2, medianMs: 230 }), OPTIONS);

  test("has a row for each figure that both have", () => {
    expect(namesOf(slower)).toEqual([
      "ttft 50",
      "ttft 95",
      "ttft 99",
      "chunkGap 50",
      "chunkGap 99",
      "tpot 50",
      "outputTokensPerSecond 50",
      "e2e 50",
      "e2e 95",
      "errorRate",
    ]);
    expect(slower).toMatchObject({ seed: 11, paired: true, confidence: 0.95, margin: 0.02, resamples: 2000, notes: [] });
    expect([slower.base.label, slower.candidate.label]).toEqual(["base", "slower"]);
  });

  test("calls a candidate slower that is slower, with the figures of the report", () => {
    const row = rowOf(slower, "ttft p50");
    expect(row.verdict).toBe("slower");
    expect(row.requestsNeeded).toBeNull();
    expect(row.base).toBe(base.ttft.p50Ns);
    expect(row.difference).toBe((row.candidate ?? 0) - (row.base ?? 0));
    expect(row.differenceShare).toBeCloseTo((row.candidate ?? 0) / (row.base ?? 1) - 1, 12);
    expect(row.interval.lower).toBeLessThan(0.15);
    expect(row.interval.upper).toBeGreaterThan(0.15);
    expect(row.effectSize).toBeGreaterThan(0.2);
    expect(row.rankPValue).toBeLessThan(1e-6);
    expect(row.adjustedPValue).toBeLessThan(0.05);
    expect(row.adjustedPValue).toBeGreaterThanOrEqual(row.pValue ?? 1);
    expect(row.effectiveSamples.base).toBeGreaterThan(200);
  });

  test("says the opposite the other way round", () => {
    const faster = compareGroups(groupOf("slower", { requests: 400, seed: 2, medianMs: 230 }), base, OPTIONS);
    const [there, back] = [rowOf(slower, "ttft p50"), rowOf(faster, "ttft p50")];
    expect(back.verdict).toBe("faster");
    expect(1 + (back.differenceShare ?? 0)).toBeCloseTo(1 / (1 + (there.differenceShare ?? 0)), 9);
    expect(1 + (back.interval.lower ?? 0)).toBeCloseTo(1 / (1 + (there.interval.upper ?? 0)), 9);
    expect(back.effectSize).toBeCloseTo(-(there.effectSize ?? 0), 12);
  });

  test("calls rates by the times per token that they are the reciprocals of", () => {
    const [time, rate] = [rowOf(slower, "tpot p50"), rowOf(slower, "outputTokensPerSecond p50")];
    expect(rate).toMatchObject({ unit: "per second", verdict: time.verdict, pValue: time.pValue, adjustedPValue: time.adjustedPValue });
    expect(rate.base).toBe(base.outputTokensPerSecond.p50PerSecond);
    expect(rate.differenceShare).toBeCloseTo(1 / (1 + (time.differenceShare ?? 0)) - 1, 2);
    expect(rate.interval.lower).toBeCloseTo(1 / (1 + (time.interval.upper ?? 0)) - 1, 12);
  });

  test("asks for more requests of what it cannot decide", () => {
    const row = rowOf(slower, "ttft p99");
    expect(row.verdict).toBe("not-enough-data");
    expect(row.requestsNeeded).toBeGreaterThan(0);
  });

  test("finds no difference where the whole interval lies within the margin", () => {
    const options = { ...OPTIONS, margin: 0.1 };
    const row = rowOf(compareGroups(base, groupOf("same", { requests: 400, seed: 3 }), options), "ttft p50");
    expect(row).toMatchObject({ verdict: "no-difference", requestsNeeded: null });
    const wide = rowOf(
      compareGroups(base, groupOf("slower", { requests: 400, seed: 2, medianMs: 230 }), { ...options, margin: 0.3 }),
      "ttft p50",
    );
    expect(wide.verdict).toBe("no-difference");
  });

  test("repeats itself for the same seed, survives JSON, and differs a little for another", () => {
    const saved = JSON.parse(JSON.stringify(base)) as typeof base;
    const again = compareGroups(saved, groupOf("slower", { requests: 400, seed: 2, medianMs: 230 }), OPTIONS);
    expect(again).toEqual(slower);
    const other = compareGroups(base, groupOf("slower", { requests: 400, seed: 2, medianMs: 230 }), { ...OPTIONS, seed: 12 });
    expect(rowOf(other, "ttft p50").interval).not.toEqual(rowOf(slower, "ttft p50").interval);
    expect(rowOf(other, "ttft p50").pValue).toBe(rowOf(slower, "ttft p50").pValue);
  });

  test("does not take a drift that both share for a difference of one, nor for uncertainty", () => {
    const drifting = { requests: 400, drift: 1.5, spread: 0.1 };
    const [first, second] = [groupOf("a", { ...drifting, seed: 4 }), groupOf("b", { ...drifting, seed: 5, medianMs: 216, afterMs: 50 })];
    const paired = rowOf(compareGroups(first, second, OPTIONS), "ttft p50");
    expect(paired.verdict).toBe("slower");
    expect(paired.interval.lower).toBeGreaterThan(0.04);
    expect(paired.interval.upper).toBeLessThan(0.12);
    const apart = rowOf(compareGroups(first, second, { ...OPTIONS, paired: false }), "ttft p50");
    expect(apart.verdict).toBe("not-enough-data");
    expect(apart.effectiveSamples.base).toBeLessThan(50);
  });

  test("compares what a request felt, and text after reasoning, where there is such a thing", () => {
    const scheduled = { requests: 200, changes: { queuedNs: 5_000_000 } };
    const comparison = compareGroups(
      groupOf("a", { ...scheduled, seed: 6 }),
      groupOf("b", { ...scheduled, seed: 7, reasonMs: 400 }),
      OPTIONS,
    );
    expect(namesOf(comparison)).toContain("response.ttft 95");
    expect(rowOf(comparison, "ttfo p50").verdict).toBe("slower");
    expect(comparison.notes).toEqual(["Bins of time do not keep ttfo: requests were taken to depend on one another as they do in ttft."]);
  });
});

describe("what is not known of a comparison", () => {
  test("is said of groups of different times", () => {
    const later = groupOf("later", { requests: 100, seed: 2, afterMs: 3_600_000 });
    const { notes } = compareGroups(groupOf("first", { requests: 100, seed: 1 }), later, OPTIONS);
    expect(notes).toEqual([
      "The groups have too few requests of the same time to compare them stretch by stretch in ttft, chunkGap, tpot, e2e.",
      "The groups were not measured at the same time: what changed on the way or at the server in between counts as a difference.",
    ]);
  });

  test("is said of requests that all came at once, which are then taken for independent", () => {
    const burst = { requests: 60, everyMs: 0 };
    const comparison = compareGroups(groupOf("a", { ...burst, seed: 1 }), groupOf("b", { ...burst, seed: 2, medianMs: 400 }), OPTIONS);
    expect(rowOf(comparison, "ttft p50").verdict).toBe("slower");
    expect(rowOf(comparison, "ttft p50").effectiveSamples).toEqual({ base: 60, candidate: 60 });
    expect(rowOf(comparison, "chunkGap p50").effectiveSamples).toEqual({ base: 60, candidate: 60 });
    expect(comparison.notes).toEqual([
      "Too few samples for ttft p99.",
      "Requests were taken for independent of one another, as their times are not known or too close together, in ttft, chunkGap, tpot, e2e.",
    ]);
  });

  test("is said of groups without series, as a report of an older program has", () => {
    const comparison = compareGroups({ ...base, series: null }, base, OPTIONS);
    expect(comparison.notes[0]).toContain("taken for independent");
    expect(rowOf(comparison, "ttft p50").differenceShare).toBe(0);
  });

  test("is said of failures, which count by themselves", () => {
    const failing = groupOf("failing", { requests: 400, seed: 2, failEvery: 5 });
    const comparison = compareGroups(base, failing, OPTIONS);
    const row = rowOf(comparison, "errorRate");
    expect(row).toMatchObject({
      unit: "share",
      base: 0,
      candidate: 0.2,
      difference: 0.2,
      differenceShare: 0.2,
      effectSize: 0.2,
      verdict: "slower",
    });
    expect(row.interval.lower).toBeGreaterThan(0.15);
    expect(row.interval.upper).toBeLessThan(0.26);
    expect(comparison.notes).toEqual(["80 of 400 requests of failing failed: its latencies are of the answered ones only."]);
  });

  test("leaves only the errors to compare where nothing was answered", () => {
    const dead = groupOf("dead", { requests: 50, seed: 1, failEvery: 1 });
    const comparison = compareGroups(base, dead, OPTIONS);
    expect(namesOf(comparison)).toEqual(["errorRate"]);
    expect(rowOf(comparison, "errorRate").verdict).toBe("slower");
  });

  test("leaves nothing to compare where there are no requests", () => {
    const none = groupOf("none", { requests: 0, seed: 1 });
    const comparison = compareGroups(base, none, OPTIONS);
    expect(comparison.metrics).toEqual([]);
    expect(comparison.notes).toContain("none has no measured requests.");
  });

  test("is the end of an interval that the sample does not bound", () => {
    const few = groupOf("few", { requests: 40, seed: 2 });
    const row = rowOf(compareGroups(groupOf("a", { requests: 40, seed: 1 }), few, OPTIONS), "ttft p95");
    expect(row).toMatchObject({ verdict: "not-enough-data", interval: { lower: null, upper: null } });
    // An interval of p95 with both ends takes 72 samples.
    expect(row.requestsNeeded).toBeGreaterThanOrEqual(32);
  });

  test("is less for latencies that never vary: blocks that all agree are telling", () => {
    const [from, to] = [
      groupOf("a", { requests: 300, seed: 1, spread: 0 }),
      groupOf("b", { requests: 300, seed: 1, spread: 0, medianMs: 210 }),
    ];
    const same = rowOf(compareGroups(from, from, OPTIONS), "ttft p50");
    expect(same).toMatchObject({ verdict: "no-difference", pValue: 1, interval: { lower: 0, upper: 0 } });
    expect(rowOf(compareGroups(from, to, OPTIONS), "ttft p50")).toMatchObject({ verdict: "slower", pValue: 2 ** -23 });
  });
});

test.each([
  { seed: 0.5 },
  { confidence: 0 },
  { confidence: 1 },
  { margin: -0.1 },
  { margin: 1 },
  { margin: Number.NaN },
  { resamples: 100 },
  { resamples: 1000.5 },
])("a comparison with %j is refused", (changes) => {
  expect(() => compareGroups(base, base, { ...OPTIONS, ...changes })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
});

describe("the comparison of two series", () => {
  const series = (seed: number, factor: number) => {
    const next = normal(seed);
    return seriesOf(Array.from({ length: 30 }, () => Array.from({ length: 20 }, () => Math.round(1e8 * factor * Math.exp(0.2 * next())))));
  };

  test("gives the rows of the percentiles that both support", () => {
    const rows = compareSeries(series(1, 1), series(2, 1.2), { ...OPTIONS, metric: "tpot", percentiles: [50, 95, 99.9] });
    expect(rows.map(({ metric, statistic, verdict }) => ({ metric, statistic, verdict }))).toEqual([
      { metric: "tpot", statistic: 50, verdict: "slower" },
      { metric: "tpot", statistic: 95, verdict: "slower" },
    ]);
  });

  test("is empty where one is", () => {
    const none = { histogram: createHistogram(), independent: 0, binNs: 1e9, bins: [] };
    expect(compareSeries(series(1, 1), none, { ...OPTIONS, metric: "ttft", percentiles: [50] })).toEqual([]);
  });
});
