import { describe, expect, test } from "vitest";
import { parseThreshold, samplesMissing, samplesNeeded, summarize } from "../src/index.ts";
import { failed, record } from "./records.ts";

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

function missing(threshold: string, answered: number, failures = 0): number {
  const records = [...Array.from({ length: answered }, () => record()), ...Array.from({ length: failures }, () => failed("SERVER_ERROR"))];
  const [group] = summarize(records, { tool: { name: "test", version: "0" }, run: RUN }).groups;
  if (group === undefined) throw new Error("no group");
  return samplesMissing(parseThreshold(threshold), group);
}

describe("the samples that a percentile lacks", () => {
  test.each([
    [50, 2],
    [90, 10],
    [95, 20],
    [99, 100],
    [99.9, 1000],
    [5, 20],
  ])("p%d needs %d", (percentile, needed) => {
    expect(samplesNeeded(percentile)).toBe(needed);
  });

  test("are those that are not there yet, failed requests counting as samples", () => {
    expect(missing("ttft p95 < 1s", 12)).toBe(8);
    expect(missing("ttft p95 < 1s", 12, 3)).toBe(5);
    expect(missing("ttft p95 < 1s", 20)).toBe(0);
    expect(missing("ttft p95 < 1s", 30)).toBe(0);
  });

  test("are none for what is no percentile, and all where the run has no such metric", () => {
    expect(missing("ttft max < 1s", 1)).toBe(0);
    expect(missing("error rate < 1%", 1)).toBe(0);
    expect(missing("response.ttft p50 < 1s", 30)).toBe(2);
  });
});
