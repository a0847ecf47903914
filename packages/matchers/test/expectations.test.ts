import { summarize } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { createLens } from "../src/vitest.ts";
import { record, rising } from "./records.ts";

const RUN = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "unknown",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
} as const;

const requests = rising(20);
const slo = { ttftNs: 150_000_000 };
const report = summarize(requests, { tool: { name: "test", version: "0" }, run: RUN, slo });

describe("an expectation", () => {
  test("is of a request, of several, of a report, of one of its groups, or of a lens", () => {
    const lens = createLens();
    for (const each of requests) lens.add(each);
    for (const received of [requests, new Set(requests), report, report.groups[0], lens]) {
      expect(received).toHaveTtftBelow("201ms");
      expect(received).not.toHaveTtftBelow("200ms");
      expect(received).toHavePercentileBelow("ttft", 95, "191ms", { minSamples: 20 });
      expect(received).toMeetSlo({ ttft: "150ms" }, { share: 0.75 });
      expect(received).not.toMeetSlo({ ttft: "150ms" });
    }
    expect(requests[0]).toHaveTtftBelow(11);
  });

  test("on every request is breached by a failed one", () => {
    expect([record(), record({ error: "SERVER_ERROR" })]).not.toHaveTtftBelow("10s");
    expect([record(), record({ error: "SERVER_ERROR" })]).not.toMeetSlo({ ttft: "10s" });
  });

  test("on several targets holds where it holds of each", () => {
    const slow = record({ label: "slow", ttftMs: 900 });
    expect([record(), slow]).not.toHaveTtftBelow(500);
    expect([record(), slow]).toHaveTtftBelow(1000);
  });

  test("on costs knows public prices", () => {
    const priced = record({ model: "gpt-4o-mini", outputTokens: 1000 });
    expect(priced).toCostLessThan(0.01);
    expect(priced).not.toCostLessThan(0.0001);
    expect([priced, priced]).toCostLessThan(0.0007, { per: "request" });
    expect([priced, priced]).not.toCostLessThan(0.0007);
  });

  test("is refused where it makes no sense", () => {
    expect(() => expect(requests).toHavePercentileBelow("errorRate", 95, 1)).toThrow("Expected nothing between `errorRate`");
    expect(() => expect(requests).toHavePercentileBelow("ttft", 95, 1, { minSamples: 0 })).toThrow(
      "Expected `minSamples` to be a whole number",
    );
    expect(() => expect(requests).toCostLessThan(-1)).toThrow("Expected a cost in US dollars, such as 0.01, got `-1`.");
    expect(() => expect(requests).toMeetSlo({})).toThrow("Expected SLOs such as `ttft=500ms,tpot=30ms`, got ``.");
    expect(() => expect(requests).toMeetSlo({ ttft: 1 }, { share: 1.5 })).toThrow(
      "Expected `share` to be more than 0 and at most 1, got `1.5`.",
    );
    expect(() => expect(requests).toMatchBaseline("main", { tolerance: -1 })).toThrow(
      "Expected a tolerance from 0 up, such as 0.1 for 10 %, got `-1`.",
    );
  });
});
