import type { RequestRecord, WorkloadMark } from "@lens/core";
import { describe, expect, test } from "vitest";
import { mergeReports, parseReport, summarize } from "../src/index.ts";
import { arrivals, record, usage } from "./records.ts";

const TOOL = { name: "t", version: "0" };
const RUN = { startedAtMs: 0, durationNs: 1 };

function turn(number: number, ttftMs: number, changes: Partial<RequestRecord> = {}): RequestRecord {
  const workload: WorkloadMark = {
    entry: null,
    askedInputTokens: null,
    sentInputTokens: null,
    countedBy: null,
    askedOutputTokens: null,
    sharedPrefixTokens: null,
    conversation: "c000000",
    turn: number,
  };
  const times = { arrivals: arrivals([ttftMs, "text"]), endNs: (ttftMs + 90) * 1_000_000 };
  return record({ workload, usage: usage({ inputTokens: 100 * (number + 1), outputTokens: 1 }), ...times, ...changes });
}

const turnsOf = (records: readonly RequestRecord[]) => summarize(records, { tool: TOOL, run: RUN }).groups[0]?.turns;

describe("the turns of conversations", () => {
  test("are summed up each by itself, in their order", () => {
    const failed = { outcome: { kind: "error", finishReason: null, error: null } } as const;
    const turns = turnsOf([turn(1, 60), turn(0, 30), turn(0, 50), turn(1, 70, failed), turn(2, 80, { phase: "warmup" })]);
    expect(turns?.map(({ turn: number, requests, answered }) => [number, requests, answered])).toEqual([
      [0, 2, 2],
      [1, 2, 1],
    ]);
    // The request is sent at 10 ms.
    expect(turns?.[0]?.ttft).toMatchObject({ count: 2, minNs: 20_000_000, maxNs: 40_000_000 });
    expect(turns?.[1]).toMatchObject({ input: { meanTokens: 200 }, ttft: { minNs: 50_000_000 }, e2e: { minNs: 140_000_000 } });
  });

  test("are null where nobody has a conversation", () => {
    expect(turnsOf([record()])).toBeNull();
  });

  test("from the hundredth on are one, so that an endless conversation takes no memory without end", () => {
    expect(turnsOf([turn(98, 50), turn(99, 50), turn(5_000, 50)])?.map(({ turn: number, requests }) => [number, requests])).toEqual([
      [98, 1],
      [99, 2],
    ]);
  });

  test("are merged turn by turn, and read back from a file", () => {
    const parts = [
      [turn(0, 30), turn(1, 60)],
      [turn(0, 50), turn(2, 90)],
    ];
    const reports = parts.map((records) => summarize(records, { tool: TOOL, run: RUN }));
    const merged = mergeReports(reports.map((report) => parseReport(JSON.stringify(report))));
    expect(merged.groups[0]?.turns).toEqual(turnsOf(parts.flat()));
  });
});
