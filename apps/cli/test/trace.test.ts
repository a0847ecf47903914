import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseRecord, type RequestRecord } from "@lens/core";
import type { Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { lens } from "./fake-io.ts";

const sample = (name: string): string => join(import.meta.dirname, "../../../examples/workloads", name);
const reportOf = (text: string): Report => JSON.parse(text) as Report;

async function recordsOf(path: string): Promise<readonly RequestRecord[]> {
  const lines = (await readFile(path, "utf8")).trim().split("\n");
  return lines.map((line) => parseRecord(JSON.parse(line))).toSorted((a, b) => a.startedAtMs - b.startedAtMs);
}

describe("lens benchmark --trace", () => {
  test("sends what the trace says, when it says, and reports the lengths", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-trace-"));
    const { code, out } = await lens(["bench", "sim:", "--trace", sample("mooncake.jsonl"), "--records", "r.jsonl", "--json"], { cwd });
    const { groups, run } = reportOf(out);
    expect(code).toBe(0);
    expect(run).toMatchObject({ mode: "open" });
    expect(groups[0]).toMatchObject({
      requests: 4,
      load: { stoppedBy: "requests", sent: 4, schedule: { sent: 4, sendLag: { count: 4 } } },
      workload: { askedInput: { minTokens: 40, maxTokens: 1200 }, askedOutput: { minTokens: 3, maxTokens: 12 } },
    });
    const records = await recordsOf(join(cwd, "r.jsonl"));
    expect(records.map(({ workload }) => workload?.askedInputTokens)).toEqual([1100, 700, 40, 1200]);
    const [first] = records;
    const dueMs = records.map(
      ({ startedAtMs, queuedNs }) => startedAtMs - (queuedNs ?? 0) / 1e6 - (first?.startedAtMs ?? 0) + (first?.queuedNs ?? 0) / 1e6,
    );
    // To the nanosecond on a virtual clock in the tests of @lens/load; here the wall clock is read apart, and a busy machine comes between.
    for (const [index, wanted] of [0, 20, 50.5, 80].entries()) expect(Math.abs((dueMs[index] ?? 0) - wanted)).toBeLessThan(50);
  });

  test("names what is wrong with a line, before anything is sent", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-trace-"));
    await writeFile(join(cwd, "t.csv"), "Timestamp,Request tokens,Response tokens\n1,5,5\n2,5,0\n");
    const { code, err, io } = await lens("bench sim: --trace t.csv", { cwd });
    expect(code).toBe(2);
    expect(err).toContain("Expected `Response tokens` to be a whole number from 1 up, got `0`, in `t.csv`, line 3, column 5.");
    expect(io.truth()).toEqual([]);
    const skipped = await lens("bench sim: --trace t.csv --bad-lines skip --json", { cwd });
    expect(skipped.code).toBe(0);
    const { notes, groups } = reportOf(skipped.out.slice(skipped.out.indexOf("{")));
    expect(groups[0]?.requests).toBe(1);
    expect(notes).toContain("1 line of the trace could not be used and had to be left out.");
  });

  test("stops at a broken line far down, keeps what was measured, and exits with 2", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-trace-"));
    const lines = Array.from({ length: 1_100 }, () => '{"timestamp": 0, "input_length": 8, "output_length": 1}');
    await writeFile(join(cwd, "t.jsonl"), [...lines, "{"].join("\n"));
    const { code, out, err } = await lens("bench sim: --trace t.jsonl --json", { cwd });
    const { groups, notes } = reportOf(out);
    expect(groups[0]).toMatchObject({ requests: 1_100, load: { stoppedBy: "trace" } });
    expect(notes.join()).toContain("The trace was not sent to its end: Expected JSON, but it breaks off");
    expect(err).toContain("line 1101, column 2.");
    expect(code).toBe(2);
  });

  test.each([
    ["--trace a --replay b", "`--trace`"],
    ["--trace a --rate 5", "`--trace`"],
    ["--speed 2", "`--speed`"],
    ["--trace-format azure", "`--trace-format`"],
    ["--trace a --search ttft<1s", "`--search`"],
    ["--trace a --max-cost 1 --max-tokens 5", "`--max-cost`"],
    ["--turns 3", "`--turns`"],
    ["--conversations", "`--conversations`"],
  ])("does not take `%s`", async (args, named) => {
    const { code, err } = await lens(`bench sim: ${args}`);
    expect([code, err.includes(named)]).toEqual([2, true]);
  });
});

describe("lens benchmark --replay", () => {
  test("repeats the arrival times and the lengths of a run, at the speed that is wanted", async () => {
    const cwd = await mkdtemp(join(tmpdir(), "lens-trace-"));
    await lens("bench sim: --rate 100 -n 20 --arrivals poisson --records first.jsonl --quiet", { cwd });
    await lens("bench sim: --replay first.jsonl --speed 2 --records again.jsonl --quiet", { cwd });
    const [first, again] = [await recordsOf(join(cwd, "first.jsonl")), await recordsOf(join(cwd, "again.jsonl"))];
    expect(again).toHaveLength(20);
    expect(again.map(({ workload }) => workload?.askedInputTokens)).toEqual(first.map(({ usage }) => usage?.inputTokens));
    const dues = (records: readonly RequestRecord[]): readonly number[] => {
      const dueMs = records.map(({ startedAtMs, queuedNs }) => startedAtMs - (queuedNs ?? 0) / 1e6);
      return dueMs.map((ms) => ms - (dueMs[0] ?? 0));
    };
    const [firstMs, againMs] = [dues(first), dues(again)];
    for (const [index, ms] of againMs.entries()) expect(ms).toBeCloseTo((firstMs[index] ?? 0) / 2, 1);
  });
});

describe("conversations", () => {
  test("of a file are had with the model's own answers, and reported by turn", async () => {
    const { code, out } = await lens([
      "bench",
      "sim:",
      "--prompt-file",
      sample("conversations.jsonl"),
      "--conversations",
      "-n",
      "5",
      "-c",
      "1",
      "--warmup",
      "0",
      "--json",
    ]);
    const [group] = reportOf(out).groups;
    expect(code).toBe(0);
    expect(group?.turns?.map(({ turn, requests }) => [turn, requests])).toEqual([
      [0, 2],
      [1, 2],
      [2, 1],
    ]);
    const [first, second, third] = group?.turns ?? [];
    expect(second?.input.minTokens).toBeGreaterThan(first?.input.minTokens ?? 0);
    expect(third?.input.minTokens).toBeGreaterThan(second?.input.maxTokens ?? 0);
  });

  test("that are made of words begin at a rate, and go on after a pause", async () => {
    const { code, out } = await lens(
      "bench sim: --turns 2 --input-tokens 20 --output-tokens 4 --rate 50 -n 3 --think-time 20ms --tokenizer estimate",
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^turn 1 .*3 requests/m);
    expect(out).toMatch(/^turn 2 .*3 requests/m);
  });
});
