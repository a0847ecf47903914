import { describe, expect, test } from "vitest";
import { needsCaution, samplesBeyond, supportsPercentile } from "../src/index.ts";

describe("the sample-size rule", () => {
  test.each([
    [50, 2],
    [90, 10],
    [95, 20],
    [99, 100],
    [99.9, 1000],
    [1, 100],
    [5, 20],
  ])("p%s is given from %s samples on", (percentile, count) => {
    expect(supportsPercentile(count, percentile)).toBe(true);
    expect(supportsPercentile(count - 1, percentile)).toBe(false);
  });

  test.each([
    [50, 20],
    [90, 100],
    [99, 1000],
    [99.9, 10_000],
    [1, 1000],
  ])("p%s wants a caution mark up to %s samples", (percentile, count) => {
    expect(needsCaution(count, percentile)).toBe(false);
    expect(needsCaution(count - 1, percentile)).toBe(true);
  });

  test("counts the samples beyond, on the side of the tail", () => {
    expect(samplesBeyond(400, 99)).toBe(4);
    expect(samplesBeyond(400, 1)).toBe(4);
  });
});
