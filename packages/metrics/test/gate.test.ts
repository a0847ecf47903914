import type { RequestRecord } from "@lens/core";
import { describe, expect, test } from "vitest";
import {
  describeOutcome,
  type GroupSummary,
  judgeGate,
  lostThreshold,
  parseGate,
  parseSlo,
  parseThreshold,
  type Report,
  summarize,
  type Threshold,
  type ThresholdOutcome,
  unjudgedGate,
} from "../src/index.ts";
import { arrivals, failed, record } from "./records.ts";

const RUN = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "closed",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
} as const;

const report = (records: readonly RequestRecord[]): Report =>
  summarize(records, { tool: { name: "test", version: "0" }, run: RUN, slo: parseSlo("ttft=50ms") });

function group(records: readonly RequestRecord[]): GroupSummary {
  const [first] = report(records).groups;
  if (first === undefined) throw new Error("no group");
  return first;
}

/** Answered requests with a TTFT of `fromMs`, and then a millisecond more each. */
function rising(count: number, fromMs = 1): RequestRecord[] {
  const sentMs = 10;
  return Array.from({ length: count }, (_, index) =>
    record({
      id: `r${index}`,
      arrivals: arrivals([sentMs + fromMs + index, "text"], [sentMs + fromMs + index + 2, "text"]),
      endNs: (sentMs + fromMs + count + 5) * 1e6,
    }),
  );
}

const failures = (count: number): RequestRecord[] => Array.from({ length: count }, () => failed("SERVER_ERROR"));

const labelled = (label: string, records: readonly RequestRecord[]): RequestRecord[] =>
  records.map((each) => ({ ...each, target: { ...each.target, label } }));

/** Judges `now` against `before`, which goes by the name of `base`. */
const compare = (text: string, before: readonly RequestRecord[], now: readonly RequestRecord[]): ThresholdOutcome =>
  judgeGate(parseGate(text), group(now), new Map([["base", report(before)]]));

describe("a gate", () => {
  test("is a threshold, or one that is relative to another report", () => {
    expect(parseGate("ttft p95 < 800ms")).toEqual(parseThreshold("ttft p95 < 800ms"));
    expect(parseGate(" vs  ci/main.json:  ttft p95 < +10% ")).toEqual({
      text: "vs ci/main.json: ttft p95 < +10%",
      reference: "ci/main.json",
      metric: "ttft",
      statistic: 95,
      operator: "<",
      unit: "ns",
      allowed: 0.1,
    });
  });

  test.each([
    ["vs main: goodput >= -2.5%", { reference: "main", metric: "goodput", operator: ">=", allowed: -0.025 }],
    ["VS main: cost per request <= 0%", { reference: "main", metric: "costUsd.perRequest", allowed: 0 }],
    ["vs C:\\runs\\main.json: e2e p50 < 5 %", { reference: "C:\\runs\\main.json", allowed: 0.05 }],
    ["vs main: outputTokensPerSecond p5 > −10%", { metric: "outputTokensPerSecond", statistic: 5, allowed: -0.1 }],
  ])("reads %s", (text, expected) => {
    expect(parseGate(text)).toMatchObject(expected);
  });

  test.each([
    [
      "vs main ttft p95 < +10%",
      "Expected a reference and a threshold such as `vs baseline.json: ttft p95 < +10%`, got `vs main ttft p95 < +10%`.",
    ],
    ["vs : ttft p95 < +10%", "Expected a reference and a threshold"],
    ["vs main: ttft p95 < 800ms", "Expected the limit after `vs REFERENCE:` to be a change such as +10% or -5%, got `800ms`."],
    ["vs main: ttft p95 < -101%", "a change such as +10%"],
    ["vs main: tftt p95 < +10%", "Did you mean `ttft`?"],
  ])("refuses `%s`", (text, message) => {
    expect(() => parseGate(text)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }));
  });
});

describe("a threshold, judged", () => {
  test("says what it is held against, whether it is met, and whether that is certain", () => {
    expect(judgeGate(parseGate("ttft p50 < 80ms"), group(rising(100)))).toMatchObject({
      text: "ttft p50 < 80ms",
      label: "openai:gpt-6-sol",
      metric: "ttft",
      statistic: 50,
      operator: "<",
      limit: 80e6,
      unit: "ns",
      met: true,
      certain: true,
      reason: "p50 is 50.0 ms (40.0 ms to 61.0 ms at 95 % confidence), over 100 samples",
      reference: null,
    });
    expect(judgeGate(parseGate("ttft p50 < 55ms"), group(rising(100)))).toMatchObject({ met: true, certain: false });
    expect(judgeGate(parseGate("ttft p50 < 45ms"), group(rising(100)))).toMatchObject({ met: false, certain: false });
  });

  test("is told in one line", () => {
    const told = (text: string, records = rising(100)): string => describeOutcome(judgeGate(parseGate(text), group(records)));
    expect(told("ttft p50 < 80ms")).toBe(
      "`ttft p50 < 80ms` is met: p50 is 50.0 ms (40.0 ms to 61.0 ms at 95 % confidence), over 100 samples.",
    );
    expect(told("ttft p50 < 45ms")).toBe(
      "`ttft p50 < 45ms` is breached: p50 is 50.0 ms (40.0 ms to 61.0 ms at 95 % confidence), over 100 samples. Its interval leaves that open: more requests may turn it round.",
    );
    expect(told("ttft p99.9 < 1s")).toBe(
      "`ttft p99.9 < 1s` cannot be judged: p99.9 needs 1000 samples, and stands on 100 samples (at least 99.0 ms at 95 % confidence).",
    );
  });

  test("cannot be judged where nothing was measured", () => {
    expect(unjudgedGate(parseGate("ttft p50 < 1s"), "x")).toMatchObject({
      label: "x",
      limit: 1e9,
      met: null,
      certain: false,
      reference: null,
    });
    expect(unjudgedGate(parseGate("vs base: ttft p50 < +5%"), "x")).toMatchObject({
      limit: null,
      met: null,
      reason: "there are no requests",
      reference: { name: "base", allowed: 0.05, value: null, change: null },
    });
  });

  test("on goodput counts what met every SLO, failed requests as not met", () => {
    expect(judgeGate(parseGate("goodput > 40%"), group([...rising(100), ...failures(10)]))).toMatchObject({
      metric: "goodput",
      met: true,
      value: 50 / 110,
      reason: "goodput is 45.5 % (35.9 % to 55.2 % at 95 % confidence): 50 of 110 requests",
    });
    expect(judgeGate(parseGate("goodput rate > 1/s"), group(rising(100)))).toMatchObject({ metric: "goodput.ratePerSecond", met: null });
  });

  test("on goodput cannot be judged where that is not known of every request", () => {
    const silent = record({ arrivals: arrivals() });
    expect(judgeGate(parseGate("goodput > 40%"), group([...rising(100), silent]))).toMatchObject({
      met: null,
      reason: "goodput is not known in this run",
    });
  });
});

describe("a threshold that is relative to another report", () => {
  test("is judged by the figures, and certain where both intervals decide it", () => {
    // Medians of 1,050 ms and 1,150 ms, each known to some 13 ms.
    const slower = compare("vs base: ttft p50 < +5%", rising(100, 1001), rising(100, 1101));
    expect(slower).toMatchObject({ met: false, certain: true, metric: "ttft", unit: "ns" });
    expect(slower.limit).toBeCloseTo(1050 * 1.05 * 1e6, -6);
    expect(slower.reference?.change).toBeCloseTo(0.095, 2);
    expect(slower.reason).toMatch(
      /^p50 is 1\.15 s \(1\.14 s to 1\.16 s at 95 % confidence\), over 100 samples; \+9\.[45] % from 1\.05 s of `base`$/,
    );
    expect(compare("vs base: ttft p50 < +20%", rising(100, 1001), rising(100, 1101))).toMatchObject({ met: true, certain: true });
    expect(compare("vs base: ttft p50 < +9%", rising(100, 1001), rising(100, 1101))).toMatchObject({ met: false, certain: false });
    expect(compare("vs base: ttft p50 < +10%", rising(100, 1001), rising(100, 1101))).toMatchObject({ met: true, certain: false });
    expect(compare("vs base: ttft p50 > -20%", rising(100, 1001), rising(100, 1101))).toMatchObject({ met: true, certain: true });
  });

  test("adds percentage points to a metric that is a share, since a share of nothing is nothing", () => {
    const none = [...rising(100)];
    const two = [...rising(98), ...failures(2)];
    expect(compare("vs base: error rate <= +2%", none, two)).toMatchObject({
      limit: 0.02,
      met: true,
      reference: { name: "base", allowed: 0.02, value: 0, change: 0.02 },
    });
    expect(compare("vs base: error rate <= +1%", none, two).reason).toMatch(/; \+2 points from 0 % of `base`$/);
    expect(compare("vs base: goodput > -1%", none, none)).toMatchObject({ met: true });
  });

  test("counts failures as worse in both, and names no change where the percentile is a failed request", () => {
    const outcome = compare("vs base: ttft p90 < +50%", rising(100), [...rising(80), ...failures(20)]);
    expect(outcome).toMatchObject({ met: false, certain: true, value: null, reference: { change: null } });
    expect(outcome.reason).toBe("p90 is a failed request, over 80 samples and 20 failed requests; 90.0 ms of `base`");
    expect(compare("vs base: ttft p50 < +50%", rising(100), failures(5))).toMatchObject({ met: false, certain: true });
  });

  test("is compared with the same label, or with the only group there is", () => {
    const references = new Map([["base", report([...labelled("a", rising(10)), ...labelled("b", rising(10, 101))])]]);
    const gate = parseGate("vs base: ttft p50 <= 0%");
    const [b] = report(labelled("b", rising(10, 101))).groups;
    const [c] = report(labelled("c", rising(10))).groups;
    if (b === undefined || c === undefined) throw new Error("no group");
    expect(judgeGate(gate, b, references)).toMatchObject({ label: "b", met: true, reference: { change: 0 } });
    expect(judgeGate(gate, c, references)).toMatchObject({ met: null, reason: "`base` gives nothing to compare with: there is no `c`" });
    expect(compare("vs base: ttft p50 <= 0%", labelled("old", rising(10)), labelled("new", rising(10)))).toMatchObject({ met: true });
  });

  test("cannot be judged where either sample is too small", () => {
    expect(compare("vs base: ttft p99 < +5%", rising(40), rising(200))).toMatchObject({
      limit: null,
      met: null,
      reason: expect.stringMatching(/^`base` gives nothing to compare with: p99 needs 100 samples, and stands on 40 samples/),
    });
    expect(compare("vs base: ttft p99 < +5%", rising(200), rising(40))).toMatchObject({ met: null, certain: false });
  });

  test("on a single figure compares those", () => {
    expect(compare("vs base: requests >= 0%", rising(100), rising(90))).toMatchObject({
      met: false,
      certain: true,
      limit: 100,
      reason: "requests is 90 requests; −10 % from 100 requests of `base`",
    });
  });
});

describe("a threshold, watched while requests are sent", () => {
  const lost = (text: string, records: readonly RequestRecord[], planned: number | null): string | null =>
    lostThreshold(parseGate(text) as Threshold, group(records), { planned });

  test("on errors is lost once no further success could make up for those that there are", () => {
    expect(lost("error rate < 1%", [...rising(5), ...failures(9)], 1000)).toBeNull();
    expect(lost("error rate < 1%", [...rising(5), ...failures(10)], 1000)).toMatch(
      /^`error rate < 1%` can no longer be met: errorRate is 66\.7 % \(.*\): 10 of 15 requests$/,
    );
    expect(lost("error rate <= 1%", [...rising(5), ...failures(10)], 1000)).toBeNull();
    expect(lost("goodput > 50%", failures(10), 20)).toMatch(/can no longer be met/);
    expect(lost("goodput > 50%", failures(10), 21)).toBeNull();
  });

  test("is given up by its interval where nobody knows how many requests will come, but not after a few", () => {
    expect(lost("error rate < 1%", [...rising(20), ...failures(9)], null)).toBeNull();
    expect(lost("error rate < 1%", [...rising(20), ...failures(10)], null)).toMatch(/^`error rate < 1%` is certainly breached/);
    expect(lost("ttft p95 < 50ms", rising(200, 100), null)).toMatch(/^`ttft p95 < 50ms` is certainly breached: p95 is/);
    expect(lost("ttft p50 < 50ms", rising(100), null)).toBeNull();
  });

  test("on a percentile is lost once too many samples lie beyond", () => {
    // Of 20 requests the 19th in order is the p95: one may be slow, and two may not.
    expect(lost("ttft p95 < 3ms", rising(3), 20)).toBeNull();
    expect(lost("ttft p95 < 3ms", rising(4), 20)).toMatch(/can no longer be met/);
    expect(lost("ttft p95 < 1s", [...rising(4), ...failures(2)], 20)).toMatch(/can no longer be met/);
    expect(lost("outputTokensPerSecond p10 > 1", [...rising(4), ...failures(2)], 20)).toMatch(/can no longer be met/);
    expect(lost("outputTokensPerSecond p10 > 1", [...rising(4), ...failures(1)], 20)).toBeNull();
  });

  test("on the slowest is lost with the first that is too slow, and on a sum with what exceeds it", () => {
    expect(lost("ttft max < 3ms", rising(3), null)).toMatch(/can no longer be met/);
    expect(lost("ttft min >= 2ms", rising(3), null)).toMatch(/can no longer be met/);
    expect(lost("requests < 3", rising(3), null)).toMatch(/can no longer be met/);
  });

  test.each([
    "ttft max > 1s",
    "ttft min < 1ms",
    "ttft mean < 1ms",
    "requests > 100",
    "requestsPerSecond > 1000",
    "chunk gap p50 < 1ms",
    "dns p50 < 1ms",
  ])("is not given up where the rest of the run may turn `%s` round", (text) => {
    expect(lost(text, rising(20), 1000)).toBeNull();
  });

  test("says nothing before the first request", () => {
    expect(lost("error rate < 1%", [record({ phase: "warmup" })], 10)).toBeNull();
  });
});
