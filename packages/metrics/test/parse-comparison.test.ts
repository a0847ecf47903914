import { describe, expect, test } from "vitest";
import {
  compareGroups,
  type ComparisonReport,
  DEFINITIONS,
  type GroupSummary,
  isComparison,
  parseDocument,
  parseReport,
  rankGroups,
  type Report,
  summarize,
} from "../src/index.ts";
import { groupOf } from "./compared-groups.ts";

const OPTIONS = { seed: 3, paired: false, resamples: 500 };
const TOOL = { name: "llm-latency-lens", version: "0.1.0" };

const REPORT: Report = summarize([], {
  tool: TOOL,
  run: {
    startedAtMs: 0,
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

const [base, ...candidates] = [1, 2, 3].map((seed) => groupOf(`m${seed}`, { requests: 60, seed })) as [GroupSummary, ...GroupSummary[]];

const COMPARISON: ComparisonReport = {
  schema: 1,
  kind: "comparison",
  tool: TOOL,
  definitions: DEFINITIONS,
  sides: [base, ...candidates].map((group) => ({ source: null, run: REPORT.run, instrument: REPORT.instrument, group })),
  comparisons: candidates.map((candidate) => compareGroups(base, candidate, OPTIONS)),
  ranking: rankGroups([base, ...candidates], OPTIONS),
  notes: ["a note"],
};

describe("a saved document", () => {
  test.each([
    ["report", REPORT],
    ["comparison", COMPARISON],
    ["comparison without a ranking", { ...COMPARISON, ranking: null }],
  ])("that is a %s comes back as it was, to the letter", (_what, document) => {
    const json = JSON.stringify(document);
    const parsed = parseDocument(json);
    expect(parsed).toEqual(document);
    expect(JSON.stringify(parsed)).toBe(json);
    expect(isComparison(parsed)).toBe("kind" in document);
  });

  test.each([
    [{ ...COMPARISON, schema: 2 }, "Expected `schema` of the report to be 1, got `2`."],
    [{ ...COMPARISON, sides: [{}] }, "Expected `sides[0].source` of the report to be a text, got nothing."],
    [
      { ...COMPARISON, comparisons: [{ ...COMPARISON.comparisons[0], metrics: [{ metric: "tfft" }] }] },
      /^Expected `comparisons\[0\]\.metrics\[0\]\.metric` of the report to be ttft or .*, got `tfft`\.$/,
    ],
  ])("that is broken is told of by its place: %#", (document, message) => {
    expect(() => parseDocument(JSON.stringify(document))).toThrow(expect.objectContaining({ code: "INVALID_REPORT" }));
    expect(() => parseDocument(JSON.stringify(document))).toThrow(message);
  });

  test("that was cut off is told of", () => {
    expect(() => parseDocument('{"schema": 1,')).toThrow("Expected a report as JSON, got JSON that was cut off.");
  });

  test("that is a comparison is no report", () => {
    expect(() => parseReport(JSON.stringify(COMPARISON))).toThrow("Expected a report of schema 1, got a comparison.");
  });
});
