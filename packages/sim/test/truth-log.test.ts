import { expect, test } from "vitest";
import { createTruthLog, formatTruth, parseTruth, type TruthEntry } from "../src/truth-log.ts";

const entryOf = (id: string, stamps: number): TruthEntry => ({
  id,
  protocol: "openai",
  model: "sim",
  receivedNs: 9_007_199_254_740_993n,
  startedNs: null,
  tokenNs: Array.from({ length: stamps }, (_, index) => 9_007_199_254_740_993n + BigInt(index)),
  chunks: stamps,
  endNs: 9_007_199_254_750_000n,
  status: 200,
  outcome: "ok",
  fault: null,
  inputTokens: 3,
  outputTokens: stamps,
  reasoningTokens: 0,
});

test("a truth log keeps the last entries", () => {
  const log = createTruthLog(2);
  for (const id of ["a", "b", "c"]) log.add(entryOf(id, 1));
  expect(log.entries()).toEqual([entryOf("b", 1), entryOf("c", 1)]);
});

test("a truth log keeps fewer entries where answers are long, and always the last", () => {
  const log = createTruthLog(100);
  log.add(entryOf("a", 2_500_000));
  log.add(entryOf("b", 2_500_000));
  expect(log.entries().map((entry) => entry.id)).toEqual(["b"]);
});

test("a log that keeps nothing holds nothing", () => {
  const log = createTruthLog(0);
  log.add(entryOf("a", 1));
  expect(log.entries()).toEqual([]);
});

test("an entry survives its line, to the nanosecond", () => {
  for (const entry of [
    entryOf("a", 3),
    { ...entryOf("b", 0), startedNs: 5n, status: null, fault: "429" as const, outcome: "error" as const },
  ]) {
    const line = formatTruth(entry);
    expect(line).not.toContain("\n");
    expect(parseTruth(line)).toEqual(entry);
  }
});

test.each([
  ["", "not a JSON object"],
  ["null", "not a JSON object"],
  ["{}", "`tokenNs`"],
  [formatTruth(entryOf("a", 1)).replace('"openai"', '"telnet"'), "`protocol`"],
  [formatTruth(entryOf("a", 1)).replace('"inputTokens":3', '"inputTokens":-3'), "`inputTokens`"],
  [formatTruth(entryOf("a", 1)).replace('"9007199254750000"', '"soon"'), "`endNs`"],
  [formatTruth(entryOf("a", 1)).replace('"sim"', "7"), "`model`"],
])("a wrong line is refused: %s", (line, message) => {
  expect(() => parseTruth(line)).toThrow(message);
});
