import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inspectTrace, openTrace, recognizeTrace, type Trace, type TraceFormatName, type TraceRow, type TraceSpec } from "../src/index.ts";

const sample = (name: string): string => join(import.meta.dirname, "../../../examples/workloads", name);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "lens-trace-"));
});
afterAll(() => rm(folder, { recursive: true }));

let files = 0;
async function fileOf(text: string): Promise<string> {
  const path = join(folder, `trace-${(files += 1)}`);
  await writeFile(path, text);
  return path;
}

async function readRows(trace: Trace): Promise<readonly TraceRow[]> {
  const rows: TraceRow[] = [];
  try {
    for (;;) {
      const row = trace.next();
      if (row === null) return rows;
      if (row === undefined) await trace.ready();
      else rows.push(row);
    }
  } finally {
    await trace.close();
  }
}

async function read(path: string, rest: Partial<TraceSpec> = {}): Promise<readonly TraceRow[]> {
  return readRows(await openTrace({ path, format: (await recognizeTrace(path)) ?? "records", ...rest }));
}

/** The message of what a trace is refused with. */
async function refusal(text: string, format: TraceFormatName, rest: Partial<TraceSpec> = {}): Promise<string> {
  const path = await fileOf(text);
  const failure = await openTrace({ path, format, ...rest }).then(
    () => "",
    (error: unknown) => String(error),
  );
  return failure.replaceAll(path, "FILE");
}

const line = (timestamp: unknown, rest: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ timestamp, input_length: 5, output_length: 2, ...rest });

describe("the samples of traces", () => {
  it("are told apart by their first lines", async () => {
    const names = ["mooncake.jsonl", "burstgpt.csv", "azure.csv", "records.jsonl"];
    expect(await Promise.all(names.map((name) => recognizeTrace(sample(name))))).toEqual(["mooncake", "burstgpt", "azure", "records"]);
  });

  it("say when each request is due after the first one, and how long it was: Mooncake", async () => {
    expect(await read(sample("mooncake.jsonl"))).toEqual([
      { place: 0, dueNs: 0, inputTokens: 1100, outputTokens: 12, hashIds: [7, 8, 9], phase: null },
      { place: 1, dueNs: 20_000_000, inputTokens: 700, outputTokens: 5, hashIds: [7, 8], phase: null },
      { place: 2, dueNs: 50_500_000, inputTokens: 40, outputTokens: 3, hashIds: [31], phase: null },
      { place: 3, dueNs: 80_000_000, inputTokens: 1200, outputTokens: 8, hashIds: [7, 8, 12], phase: null },
    ]);
  });

  it("say when each request is due after the first one, and how long it was: BurstGPT", async () => {
    const none = { hashIds: null, phase: null };
    expect(await read(sample("burstgpt.csv"))).toEqual([
      { place: 0, dueNs: 0, inputTokens: 72, outputTokens: 18, ...none },
      { place: 1, dueNs: 30_000_000, inputTokens: 41, outputTokens: 27, ...none },
      { place: 2, dueNs: 80_000_000, inputTokens: 120, outputTokens: 9, ...none },
    ]);
  });

  it("say when each request is due after the first one, and how long it was: Azure", async () => {
    const none = { hashIds: null, phase: null };
    expect(await read(sample("azure.csv"))).toEqual([
      { place: 0, dueNs: 0, inputTokens: 74, outputTokens: 14, ...none },
      { place: 1, dueNs: 29_000_000, inputTokens: 39, outputTokens: 10, ...none },
      { place: 2, dueNs: 80_000_100, inputTokens: 88, outputTokens: 6, ...none },
    ]);
  });

  it("say when each request was meant to be sent, in that order: our own records", async () => {
    expect(await read(sample("records.jsonl"))).toEqual([
      { place: 0, dueNs: 0, inputTokens: 51, outputTokens: 9, hashIds: null, phase: "warmup" },
      { place: 1, dueNs: 20_000_000, inputTokens: 33, outputTokens: 4, hashIds: null, phase: "measured" },
      { place: 2, dueNs: 45_000_000, inputTokens: 64, outputTokens: 7, hashIds: null, phase: "measured" },
      { place: 3, dueNs: 90_000_000, inputTokens: null, outputTokens: null, hashIds: null, phase: "measured" },
    ]);
  });
});

describe("a trace", () => {
  it("is as fast as it is asked to be", async () => {
    const dueNs = async (speed: number): Promise<readonly number[]> =>
      (await read(sample("mooncake.jsonl"), { speed })).map((row) => row.dueNs);
    expect(await dueNs(2)).toEqual([0, 10_000_000, 25_250_000, 40_000_000]);
    expect(await dueNs(0.5)).toEqual([0, 40_000_000, 101_000_000, 160_000_000]);
    expect(await refusal(line(0), "mooncake", { speed: 0 })).toContain("Expected the speed of a trace to be a number above 0, got `0`.");
  });

  it("may have blank lines, carriage returns, a mark of the byte order and no end to its last line", async () => {
    const path = await fileOf(`\uFEFF${line(0)}\r\n\r\n\n${line(7)}`);
    expect((await read(path)).map(({ dueNs }) => dueNs)).toEqual([0, 7_000_000]);
  });

  it("is read whole, however its lines fall into blocks", async () => {
    const times = Array.from({ length: 5_000 }, (_, index) => index * 3);
    // Lines of many lengths, some longer than a block.
    const text = times.map((ms, index) =>
      line(ms, { hash_ids: Array.from({ length: index % 997 === 0 ? 9_000 : index % 50 }, (_, id) => id) }),
    );
    const rows = await read(await fileOf(text.join("\n")));
    expect(rows.map(({ dueNs }) => dueNs / 1e6)).toEqual(times);
    expect(rows.map(({ hashIds }) => hashIds?.length)).toEqual(times.map((_, index) => (index % 997 === 0 ? 9_000 : index % 50)));
  });

  it("names file, line and column of what it cannot use", async () => {
    const good = `${line(0)}\n`;
    expect(await refusal(`${good}\n${line("soon")}`, "mooncake")).toBe(
      "LensError: Expected `timestamp` to be milliseconds from 0 up, got `soon`, in `FILE`, line 3, column 2.",
    );
    expect(await refusal(`${good}${line(1, { output_length: 0 })}`, "mooncake")).toBe(
      "LensError: Expected `output_length` to be a whole number from 1 up, got `0`, in `FILE`, line 2, column 33.",
    );
    expect(await refusal(`${good}{"timestamp": 1, "input_length": 5,`, "mooncake")).toBe(
      "LensError: Expected JSON, but it breaks off, in `FILE`, line 2, column 36.",
    );
    expect(await refusal("Timestamp,Request tokens,Response tokens\n1,10,20\n2,0,5\n", "burstgpt")).toBe(
      "LensError: Expected `Request tokens` to be a whole number from 1 up, got `0`, in `FILE`, line 3, column 3.",
    );
    expect(await refusal("TIMESTAMP,ContextTokens,GeneratedTokens\n16 Nov,10,20\n", "azure")).toBe(
      "LensError: Expected `TIMESTAMP` to be a date and time such as 2023-11-16 18:17:03.9799600, got `16 Nov`, in `FILE`, line 2, column 1.",
    );
    expect(await refusal("TIMESTAMP,Tokens\n", "azure")).toBe(
      "LensError: Expected a column `ContextTokens`, got `TIMESTAMP,Tokens`, in `FILE`, line 1, column 1.",
    );
    expect(await refusal('{"schema": 1, "startedAtMs": 5}\n', "records")).toMatch(
      /Expected `target` of the record .*, in `FILE`, line 1, column 1\.$/,
    );
  });

  it("may not run backwards", async () => {
    expect(await refusal([line(5), line(9), line(8.5)].join("\n"), "mooncake")).toBe(
      "LensError: Expected a trace that runs forwards, got a request 0.5 ms before the one above it, in `FILE`, line 3, column 2.",
    );
  });

  it("leaves out and counts what it cannot use, where that is wanted", async () => {
    const path = await fileOf([line(0), "{", line(9), line(8), line(10, { input_length: 0 }), line(11)].join("\n"));
    const trace = await openTrace({ path, format: "mooncake", onBadLine: "skip" });
    expect((await readRows(trace)).map(({ place, dueNs }) => [place, dueNs / 1e6])).toEqual([
      [0, 0],
      [1, 9],
      [2, 11],
    ]);
    expect(trace.skippedLines()).toBe(3);
  });

  it("may not be empty, nor of no known format", async () => {
    expect(await refusal("\n\n", "mooncake")).toBe("LensError: Expected requests in `FILE`, got an empty file.");
    expect(await refusal("TIMESTAMP,ContextTokens,GeneratedTokens\n", "azure")).toBe("LensError: Expected requests in `FILE`, got none.");
    expect(await recognizeTrace(await fileOf("hello\n"))).toBeNull();
    expect(await recognizeTrace(await fileOf(""))).toBeNull();
    await expect(recognizeTrace(join(folder, "none"))).rejects.toMatchObject({ code: "FILE_FAILED" });
    await expect(recognizeTrace(folder)).rejects.toMatchObject({ code: "FILE_FAILED", message: expect.stringContaining("it is a folder") });
  });
});

describe("a records file", () => {
  const record = (startMs: number, durationMs: number): string =>
    JSON.stringify({
      schema: 1,
      id: "r",
      target: { provider: "p", model: "m", label: "l", origin: null },
      phase: "measured",
      labels: {},
      startedAtMs: 1_790_000_000_000 + startMs,
      queuedNs: null,
      attempts: [{ startedNs: 0 }],
      arrivals: { atNs: [], kind: [], events: [], chars: [] },
      reasoningForm: "none",
      endNs: durationMs * 1e6,
      usage: null,
      usageSource: "none",
      outcome: { kind: "ok" },
      latenessNs: null,
    });

  it("is put in order while it is read, ten minutes ahead", async () => {
    // One an 100 ms for half an hour; each third lasts for up to nine minutes, and is written when it has ended.
    const sent = Array.from({ length: 18_000 }, (_, index) => ({
      startMs: index * 100,
      durationMs: index % 3 === 0 ? (index * 7919) % 540_000 : 50,
    }));
    const written = sent.toSorted((a, b) => a.startMs + a.durationMs - (b.startMs + b.durationMs));
    const rows = await read(await fileOf(written.map(({ startMs, durationMs }) => record(startMs, durationMs)).join("\n")));
    expect(rows.map(({ dueNs }) => dueNs / 1e6)).toEqual(sent.map(({ startMs }) => startMs));
  });

  it("is refused where a request stands more than ten minutes too late", async () => {
    expect(await refusal([record(0, 10), record(20, 10), record(650_000, 10), record(5, 650_100)].join("\n"), "records")).toContain(
      "line 4, column",
    );
  });
});

describe("inspectTrace", () => {
  it("says how many requests there are, how fast and how long they are, and what is wrong", async () => {
    const text = [line(0), line(400, { hash_ids: [1] }), line(999, { input_length: 50 }), "{", line(3_000), line(2_000)].join("\n");
    const path = await fileOf(text);
    expect(await inspectTrace(path, "mooncake", "t.jsonl")).toEqual({
      format: "mooncake",
      requests: 4,
      spanNs: 3e9,
      meanPerSecond: 1,
      mostPerSecond: 3,
      input: { min: 5, median: 5, mean: 16.25, p95: 50, max: 50 },
      output: { min: 2, median: 2, mean: 2, p95: 2, max: 2 },
      withoutLength: 0,
      withBlocks: 1,
      first: expect.toSatisfy((rows: readonly TraceRow[]) => rows.length === 3),
      broken: 2,
      problems: [
        { line: 4, column: 2, problem: "Expected JSON, but it breaks off" },
        { line: 6, column: 2, problem: "Expected a trace that runs forwards, got a request 1000 ms before the one above it" },
      ],
    });
    expect(await inspectTrace(sample("records.jsonl"), "records")).toMatchObject({ requests: 4, withoutLength: 1, broken: 0 });
  });
});
