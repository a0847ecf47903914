import type { RequestRecord } from "@lens/core";
import { describe, expect, test } from "vitest";
import { evaluateThreshold, type GroupSummary, type ModelPrice, parseThreshold, createPriceBook, summarize } from "../src/index.ts";
import { arrivals, ATTEMPT, failed, record, STARTED_AT_MS, usage } from "./records.ts";

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

const PRICE: ModelPrice = {
  modelId: "gpt-6-sol",
  providers: null,
  rates: { inputPerMillionUsd: 10, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null, outputPerMillionUsd: 1000 },
  tiers: [],
  source: "test",
  asOf: "2026-11-23",
};

function group(records: readonly RequestRecord[]): GroupSummary {
  const report = summarize(records, { tool: { name: "test", version: "0" }, run: RUN, priceBook: createPriceBook([PRICE]) });
  const [first] = report.groups;
  if (first === undefined) throw new Error("no group");
  return first;
}

/** Answered requests with a TTFT of 1, 2, … `count` ms. */
function rising(count: number): RequestRecord[] {
  return Array.from({ length: count }, (_, index) => {
    const sentMs = 10;
    return record({
      id: `r${index}`,
      arrivals: arrivals([sentMs + index + 1, "text"], [sentMs + index + 3, "text"]),
      endNs: (sentMs + count + 5) * 1e6,
    });
  });
}

const failures = (count: number): RequestRecord[] => Array.from({ length: count }, () => failed("SERVER_ERROR"));

const judge = (text: string, records: readonly RequestRecord[]) => evaluateThreshold(parseThreshold(text), group(records));

describe("a threshold", () => {
  test("is plain data", () => {
    expect(parseThreshold("  ttft   p95 <  500ms ")).toEqual({
      text: "ttft p95 < 500ms",
      metric: "ttft",
      statistic: 95,
      operator: "<",
      limit: 500_000_000,
      unit: "ns",
    });
  });

  test.each([
    ["tpot p50 <= 30ms", { metric: "tpot", statistic: 50, operator: "<=", limit: 30e6, unit: "ns" }],
    ["e2e max < 10s", { metric: "e2e", statistic: "max", operator: "<", limit: 10e9 }],
    ["response.ttft p99<2s", { metric: "response.ttft", statistic: 99, limit: 2e9 }],
    ["Response TTFT P99.9 < 1m30s", { metric: "response.ttft", statistic: 99.9, limit: 90e9 }],
    ["chunk gap p99 < 80 ms", { metric: "chunkGap", statistic: 99, limit: 80e6 }],
    ["chunk-gap mean < 80", { metric: "chunkGap", statistic: "mean", limit: 80e6 }],
    ["time to first token p0 > 1ms", { metric: "ttft", statistic: "min", operator: ">", limit: 1e6 }],
    ["ttfo p100 < 1s", { metric: "ttfo", statistic: "max" }],
    ["error rate < 1%", { metric: "errorRate", statistic: null, operator: "<", limit: 0.01, unit: "share" }],
    ["errors <= 0.5 %", { metric: "errorRate", limit: 0.005 }],
    ["requestsPerSecond > 10", { metric: "throughput.requestsPerSecond", statistic: null, limit: 10, unit: "per second" }],
    ["requests per second >= 12.5/s", { metric: "throughput.requestsPerSecond", limit: 12.5 }],
    ["outputTokensPerSecond p5 > 20", { metric: "outputTokensPerSecond", statistic: 5, limit: 20 }],
    ["cost per request < $0.01", { metric: "costUsd.perRequest", limit: 0.01, unit: "USD" }],
    ["total cost < 2.50 USD", { metric: "costUsd.total", limit: 2.5 }],
    ["tokens per chunk <= 1.05", { metric: "tokens.perChunk", limit: 1.05, unit: "tokens" }],
    ["requests >= 1000", { metric: "requests", limit: 1000, unit: "requests" }],
  ])("reads %s", (text, expected) => {
    expect(parseThreshold(text)).toMatchObject(expected);
  });

  test.each([
    ["", "a threshold such as"],
    ["ttft p95", "a threshold such as"],
    ["ttft p95 = 500ms", "a threshold such as"],
    ["ttft p95 < 1s < 2s", "a threshold such as"],
    ["tttf p95 < 500ms", "Did you mean `ttft`"],
    ["chnk gap p95 < 500ms", "Did you mean `chunkGap`"],
    ["latency p95 < 500ms", "to be one of ttft, ttfo"],
    ["ttft < 500ms", "the statistic of `ttft` to be p50"],
    ["ttft avg < 500ms", "mean, min or max, got `avg`"],
    ["ttft p999 < 500ms", "Did you mean `p99.9`"],
    ["ttft p-5 < 500ms", "got `p-5`"],
    ["error rate p95 < 1%", "nothing between `errorRate`"],
    ["ttft p95 < 500 parsecs", "the limit of `ttft` to be milliseconds or a duration"],
    ["ttft p95 < -5ms", "the limit of `ttft`"],
    ["error rate < 0.01", "a percentage such as 1%"],
    ["error rate < 101%", "a percentage such as 1%"],
    ["cost < 1€", "an amount such as $0.01"],
    ["requestsPerSecond > fast", "a number such as 10"],
  ])("refuses `%s`, saying what it knows", (text, message) => {
    expect(() => parseThreshold(text)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("a percentile's threshold", () => {
  test("is met or missed by the percentile, and decided by its interval", () => {
    expect(judge("ttft p50 < 80ms", rising(100))).toMatchObject({ met: true, decided: true });
    expect(judge("ttft p50 < 55ms", rising(100))).toMatchObject({ met: true, decided: null });
    expect(judge("ttft p50 < 45ms", rising(100))).toMatchObject({ met: false, decided: null });
    expect(judge("ttft p50 < 39ms", rising(100))).toMatchObject({ met: false, decided: false });
  });

  test("names the value, the interval and what they stand on", () => {
    const { value, interval, reason } = judge("ttft p50 < 80ms", rising(100));
    expect((value ?? 0) / 1e6).toBeCloseTo(50, 1);
    expect((interval?.lower ?? 0) / 1e6).toBeCloseTo(40, 1);
    expect((interval?.upper ?? 0) / 1e6).toBeCloseTo(61, 1);
    expect(reason).toBe("p50 is 50.0 ms (40.0 ms to 61.0 ms at 95 % confidence), over 100 samples");
  });

  test("counts failures as slower than any answer", () => {
    expect(judge("ttft p90 < 1s", [...rising(95), ...failures(5)])).toMatchObject({ met: true });
    const tooMany = judge("ttft p90 < 1s", [...rising(85), ...failures(15)]);
    expect(tooMany).toMatchObject({ met: false, value: null, decided: null });
    expect(tooMany.reason).toBe("p90 is a failed request (at least 84.0 ms at 95 % confidence), over 85 samples and 15 failed requests");
    expect(judge("ttft p50 < 1s", [...rising(3), ...failures(97)])).toMatchObject({
      met: false,
      decided: false,
      interval: { lower: null },
    });
  });

  test("counts failures as worse also where more is better", () => {
    expect(judge("outputTokensPerSecond p10 > 1", rising(100))).toMatchObject({ met: true });
    expect(judge("outputTokensPerSecond p10 > 1", [...rising(80), ...failures(20)])).toMatchObject({ met: false, value: null });
    expect(judge("ttft p50 > 1ms", [...rising(40), ...failures(60)])).toMatchObject({ met: false });
  });

  test("is missed when all failed, however few", () => {
    expect(judge("ttft p99 < 1s", failures(3))).toMatchObject({ met: false, decided: false, reason: "all 3 requests failed" });
  });

  test("is undecided where the sample cannot support the percentile", () => {
    const result = judge("ttft p99 < 1s", rising(40));
    expect(result).toMatchObject({ met: null, decided: null, value: null });
    expect(result.reason).toContain("p99 needs 100 samples, and stands on 40 samples (at least");
  });

  test("is missed where even too small a sample leaves no doubt", () => {
    const result = judge("ttft p99 < 5ms", rising(40));
    expect(result).toMatchObject({ met: false, decided: false, value: null });
    expect(result.reason).toBe("p99 needs 100 samples, but even 40 samples leave no doubt (at least 38.0 ms at 95 % confidence)");
  });

  test("has a wider interval where requests depend on one another", () => {
    const threshold = parseThreshold("ttft p50 < 65ms");
    expect(evaluateThreshold(threshold, group(rising(100))).decided).toBe(true);
    expect(evaluateThreshold(threshold, group(rising(100)), { independentRequests: 20 }).decided).toBeNull();
    expect(evaluateThreshold(threshold, group(rising(100)), { confidence: 0.999 }).decided).toBeNull();
  });

  test("takes the gaps of a request for one sample, and a failure for as many as there are in an answer", () => {
    // Ten requests of four gaps of 20 ms: 40 gaps, of which the interval makes 10.
    const requests = Array.from({ length: 10 }, () => record());
    expect(judge("chunkGap p50 < 30ms", requests)).toMatchObject({
      met: true,
      decided: true,
      interval: { lower: 20_000_000, upper: 20_000_000 },
    });
    expect(judge("chunkGap p90 < 30ms", requests)).toMatchObject({ met: true, decided: null, interval: { upper: null } });
    expect(judge("chunkGap p50 < 30ms", [...requests, ...failures(10)])).toMatchObject({ met: true });
    expect(judge("chunkGap p50 < 30ms", [...requests, ...failures(11)])).toMatchObject({ met: false });
  });

  test("leaves failures out of what only fresh connections have", () => {
    const fresh = record({ attempts: [{ ...ATTEMPT, connectNs: 2_000_000 }] });
    expect(judge("connect p50 < 5ms", [fresh, fresh, ...failures(9)])).toMatchObject({ met: true });
  });
});

describe("other thresholds", () => {
  test("on the slowest and the fastest are facts: decided without an interval", () => {
    expect(judge("ttft max <= 100ms", rising(100))).toMatchObject({ met: true, decided: true, value: 100e6, interval: null });
    expect(judge("ttft max < 100ms", rising(100))).toMatchObject({ met: false });
    expect(judge("ttft min >= 1ms", rising(3))).toMatchObject({ met: true, value: 1e6, reason: "min is 1.00 ms, over 3 samples" });
    expect(judge("ttft max < 10s", [...rising(100), ...failures(1)])).toMatchObject({ met: false, value: null });
  });

  test("on a mean say nothing where requests failed, unless those that did not are too slow already", () => {
    expect(judge("ttft mean < 51ms", rising(100))).toMatchObject({ met: true, value: 50.5e6 });
    expect(judge("ttft mean < 51ms", [...rising(100), ...failures(1)])).toMatchObject({ met: null, value: 50.5e6 });
    expect(judge("ttft mean < 50ms", [...rising(100), ...failures(1)])).toMatchObject({ met: false });
  });

  test("on the error rate count every request that was not answered", () => {
    const result = judge("error rate < 1%", [...rising(990), ...failures(10)]);
    expect(result).toMatchObject({ met: false, decided: null, value: 0.01 });
    expect(result.reason).toBe("errorRate is 1 % (0.481 % to 1.83 % at 95 % confidence): 10 of 1000 requests");
    expect(judge("error rate < 1%", rising(400))).toMatchObject({ met: true, decided: true, value: 0 });
    expect(judge("error rate < 1%", rising(100))).toMatchObject({ met: true, decided: null });
    expect(judge("error rate < 5%", failures(40))).toMatchObject({ met: false, decided: false });
  });

  test("on single figures compare those", () => {
    // 100 input and 5 output tokens at $10 and $1,000 a million.
    expect(judge("cost per request < $0.01", rising(2))).toMatchObject({
      met: true,
      decided: true,
      reason: "costUsd.perRequest is $0.006",
    });
    expect(judge("requests >= 3", rising(2))).toMatchObject({ met: false, reason: "requests is 2 requests" });
  });

  test("are undecided where the figure is unknown, and say so", () => {
    expect(judge("response.ttft p50 < 1s", rising(9))).toMatchObject({
      met: null,
      decided: null,
      reason: "response.ttft is not known in this run",
    });
    const silent = record({ usage: null, usageSource: "none" });
    expect(judge("tpot p50 < 1s", [silent, silent, ...failures(1)])).toMatchObject({ met: null, reason: "no request gave a tpot" });
    expect(judge("cost per request < $0.01", [record(), silent])).toMatchObject({ met: null });
    const warm = record({ phase: "warmup", usage: usage({}) });
    expect(judge("ttft p50 < 1s", [warm])).toMatchObject({ met: null, reason: "there are no requests" });
    expect(judge("error rate < 1%", [warm])).toMatchObject({ met: null, reason: "there are no requests" });
  });
});

describe("every metric", () => {
  // Due 5 ms before its start, sent 10 ms after it; content at 210, 230, 250, 270 and 290 ms, the end at 300 ms; 100 input and 5 output tokens.
  const scheduled = Array.from({ length: 2 }, () => record({ queuedNs: 5_000_000 }));
  const starts = [record({ startedAtMs: STARTED_AT_MS }), record({ startedAtMs: STARTED_AT_MS + 500 })];

  test.each([
    ["dns max < 1s", 1e6],
    ["connect max < 1s", 2e6],
    ["tls max < 1s", 3e6],
    ["ttfb max < 1s", 140e6],
    ["ttft max < 1s", 200e6],
    ["ttfo max < 1s", 200e6],
    ["chunkGap max < 1s", 20e6],
    ["itl max < 1s", 20e6],
    ["tpot max < 1s", 20e6],
    ["e2e max < 1s", 290e6],
    ["response.ttft max < 1s", 215e6],
    ["response.ttfo max < 1s", 215e6],
    ["response.e2e max < 1s", 305e6],
    ["outputTokensPerSecond max > 0", 50],
    ["effectiveTokensPerSecond max > 0", 17.241379],
    ["tokens per chunk < 2", 1],
    ["requests > 0", 2],
    ["error rate < 1%", 0],
    ["cost < $1", 0.012],
    ["cost per request < $1", 0.006],
    ["cost per 1000 requests < $10", 6],
    ["cost per million output tokens < $2000", 1200],
  ])("in `%s` is read from the figure that it names", (text, value) => {
    const result = judge(text, scheduled);
    expect(result.value).toBeCloseTo(value, 6);
    expect(result.met).toBe(true);
  });

  test("of throughput is too", () => {
    // The first of two answers, and its five tokens, came before the second request was sent half a second later.
    expect(judge("requestsPerSecond > 1", starts)).toMatchObject({ met: true, value: 2, reason: "throughput.requestsPerSecond is 2/s" });
    expect(judge("systemTokensPerSecond > 1", starts)).toMatchObject({ met: true, value: 10 });
    expect(judge("tokens per chunk < 2", starts).reason).toBe("tokens.perChunk is 1 tokens");
  });
});
