import { describe, expect, test } from "vitest";
import {
  createHistogram,
  fromTokenDistribution,
  type GroupSummary,
  mergeReports,
  parseReport,
  type Report,
  summarize,
  toTokenDistribution,
} from "../src/index.ts";
import { failed, record, STARTED_AT_MS, usage } from "./records.ts";

const NONE = {
  count: 0,
  minTokens: null,
  maxTokens: null,
  meanTokens: null,
  stdDevTokens: null,
  p50Tokens: null,
  p90Tokens: null,
  p95Tokens: null,
  p99Tokens: null,
};

function reportOf(records: Parameters<typeof summarize>[0], startedAtMs = STARTED_AT_MS): Report {
  return summarize(records, {
    tool: { name: "llm-latency-lens", version: "0.1.0" },
    run: {
      startedAtMs,
      durationNs: 1e9,
      mode: "closed",
      command: null,
      seed: null,
      options: {},
      versions: {},
      machine: null,
      interrupted: false,
      shards: null,
    },
  });
}

function tokensOf({ groups }: Report): GroupSummary["tokens"] {
  const [group] = groups;
  if (group === undefined) throw new Error("expected a group");
  return group.tokens;
}

const ASKED = [10, 20, 30].map((count) => record({ usage: usage({ inputTokens: 100, outputTokens: count }) }));

describe("tokens, request by request", () => {
  test("are those that add up to the sums", () => {
    const tokens = tokensOf(reportOf(ASKED));
    expect(tokens.inputPerRequest).toMatchObject({ count: 3, minTokens: 100, maxTokens: 100, meanTokens: 100, stdDevTokens: 0 });
    expect(tokens.outputPerRequest).toMatchObject({
      count: 3,
      minTokens: 10,
      maxTokens: 30,
      meanTokens: 20,
      stdDevTokens: 10,
      p50Tokens: 20,
      p90Tokens: null,
    });
    expect(fromTokenDistribution(tokens.outputPerRequest).moments().sum).toBe(tokens.output);
  });

  test("are unknown, and not 0, where no request says", () => {
    const tokens = tokensOf(reportOf([failed("RATE_LIMITED"), record({ usage: usage({ inputTokens: null, outputTokens: 5 }) })]));
    expect(tokens.inputPerRequest).toMatchObject(NONE);
    expect(tokens.outputPerRequest.count).toBe(1);
  });

  test("come back from their distribution as they were", () => {
    const histogram = createHistogram();
    for (const count of [0, 1, 1, 4096, 1_000_000]) histogram.record(count);
    const distribution = toTokenDistribution(histogram);
    expect(toTokenDistribution(fromTokenDistribution(distribution))).toEqual(distribution);
    expect(toTokenDistribution(fromTokenDistribution(toTokenDistribution(createHistogram())))).toMatchObject(NONE);
  });

  test("merge to what one run would have given", () => {
    const one = reportOf(ASKED);
    const merged = mergeReports([reportOf(ASKED.slice(0, 1)), reportOf(ASKED.slice(1), STARTED_AT_MS + 1000)]);
    expect(tokensOf(merged).outputPerRequest).toEqual(tokensOf(one).outputPerRequest);
    expect(parseReport(JSON.stringify(one))).toEqual(one);
  });
});
