import { expect, test } from "vitest";
import { nearest } from "../src/index.ts";

const WORDS = ["ttft", "tpot", "chunkGap", "errorRate"];

test.each([
  ["tttf", "ttft"],
  ["TTFT", "ttft"],
  ["chunkgaps", "chunkGap"],
  ["error rate", "errorRate"],
])("%s is taken for %s", (typed, meant) => {
  expect(nearest(typed, WORDS)).toBe(meant);
});

test.each(["latency", "x", "", "x".repeat(100_000)])("nothing is near %.10s", (typed) => {
  expect(nearest(typed, WORDS)).toBeNull();
});
