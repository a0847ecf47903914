import { closeSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRecorder, type RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { type LoadPlan, parseSentNote, type Resumption, runLoad, type SentPhase, type Ticket } from "../src/index.ts";

const MS = 1_000_000;

const measured = (sent: Partial<SentPhase>): SentPhase => ({ phase: "measured", startedNs: 0, nextTurn: 0, missing: [], ...sent });

/** Runs a plan against a server that answers after so long, and tells what was sent, and when. */
async function run(plan: LoadPlan, { serviceMs = 10, sendLog = null as number | null } = {}) {
  const clock = createVirtualClock();
  const sent: { readonly index: number; readonly turn: number; readonly phase: string; readonly atMs: number; readonly dueMs: number }[] =
    [];
  const send = async ({ index, id, turn, phase, dueNs, signal }: Ticket): Promise<RequestRecord> => {
    sent.push({ index, turn, phase, atMs: Number(clock.nowNs()) / MS, dueMs: Number(dueNs ?? clock.nowNs()) / MS });
    const recorder = createRecorder({ clock, id, phase, target: { provider: "p", model: "m", label: "p:m", origin: null } });
    await clock.sleepUntil(clock.nowNs() + BigInt(serviceMs * MS), signal);
    return recorder.finish(clock.nowNs(), { kind: "ok", finishReason: null, error: null });
  };
  const result = await runLoad({ plan, clock, send, onRecord: () => undefined, sendLog });
  return { sent, result, turns: sent.map(({ turn }) => turn), timesMs: sent.map(({ atMs }) => atMs) };
}

const closed = (resume: Resumption, more: Partial<LoadPlan> = {}): LoadPlan => ({
  load: { mode: "closed", concurrency: 1 },
  requests: 10,
  warmup: null,
  resume,
  ...more,
});

describe("a run that is resumed", () => {
  test("sends the turns that are missing, then those that are left, under new indices", async () => {
    const { sent, turns, result } = await run(
      closed({ elapsedNs: 60 * MS, nextIndex: 7, phases: [measured({ nextTurn: 6, missing: [2, 4] })] }),
    );
    expect(turns).toEqual([2, 4, 6, 7, 8, 9]);
    expect(sent.map(({ index }) => index)).toEqual([7, 8, 9, 10, 11, 12]);
    expect(result).toMatchObject({ sent: 6, stoppedBy: "requests", interrupted: false });
  });

  test("sends nothing where all was sent", async () => {
    const { sent, result } = await run(closed({ elapsedNs: 60 * MS, nextIndex: 10, phases: [measured({ nextTurn: 10 })] }));
    expect(sent).toEqual([]);
    expect(result.stoppedBy).toBe("requests");
  });

  test("goes on in the phase in which it was", async () => {
    const phases: readonly SentPhase[] = [{ phase: "warmup", startedNs: 0, nextTurn: 2, missing: [] }];
    const { sent } = await run(closed({ elapsedNs: 20 * MS, nextIndex: 2, phases }, { warmup: { requests: 3 }, requests: 2 }));
    expect(sent.map(({ phase, turn }) => [phase, turn])).toEqual([
      ["warmup", 2],
      ["measured", 0],
      ["measured", 1],
    ]);
  });

  test("has the time that was left, without the pause", async () => {
    const resume = { elapsedNs: 70 * MS, nextIndex: 5, phases: [measured({ nextTurn: 5, startedNs: 20 * MS })] };
    const { timesMs, result } = await run(closed(resume, { requests: null, durationNs: 75 * MS }));
    // It began at 20 ms, so 25 of 75 ms are left.
    expect(timesMs).toEqual([0, 10, 20]);
    expect(result.stoppedBy).toBe("duration");
  });

  test("goes on at the level that its stages had reached, and at none before", async () => {
    const stages = [
      { durationNs: 100 * MS, to: 8 },
      { durationNs: 100 * MS, to: 2 },
      { durationNs: 20 * MS, to: 2 },
    ];
    const resume = { elapsedNs: 200 * MS, nextIndex: 99, phases: [measured({ nextTurn: 99 })] };
    const { timesMs } = await run(closed(resume, { load: { mode: "closed", concurrency: 1, stages }, requests: null }));
    expect(timesMs).toEqual([0, 0, 10, 10]);
  });

  test("continues the schedule of an open loop where it stopped", async () => {
    const resume = { elapsedNs: 450 * MS, nextIndex: 5, phases: [measured({ nextTurn: 5 })] };
    const load = { mode: "open", arrivals: { process: "constant", ratePerSecond: 10 } } as const;
    const { sent, timesMs } = await run({ load, requests: 8, warmup: null, resume });
    expect(timesMs).toEqual([50, 150, 250]);
    expect(sent.map(({ index, turn }) => [index, turn])).toEqual([
      [5, 5],
      [6, 6],
      [7, 7],
    ]);
  });

  test("lets what was overdue keep the time that it had waited", async () => {
    const resume = { elapsedNs: 450 * MS, nextIndex: 5, phases: [measured({ nextTurn: 5, missing: [3] })] };
    const load = { mode: "open", arrivals: { process: "constant", ratePerSecond: 10 } } as const;
    const { sent, result } = await run({ load, requests: 6, warmup: null, resume });
    expect(sent).toMatchObject([
      { turn: 3, atMs: 0, dueMs: -150 },
      { turn: 5, atMs: 50, dueMs: 50 },
    ]);
    expect(result.schedule).toMatchObject({ sent: 2, waitedForSlot: 1 });
  });

  test.each<[Partial<LoadPlan>, string]>([
    [{ targets: 2 }, "Expected a run of one target and one shard to resume, got 2 and 1."],
    [{ resume: { elapsedNs: -1, nextIndex: 0, phases: [] } }, "Expected elapsedNs of what is resumed to be a whole number"],
    [{ resume: { elapsedNs: 0, nextIndex: 1, phases: [measured({ nextTurn: 2, missing: [1, 0] })] } }, "Expected missing turns below 2"],
  ])("refuses %o", async (plan, message) => {
    await expect(run(closed({ elapsedNs: 0, nextIndex: 0, phases: [] }, plan))).rejects.toThrow(message);
  });
});

describe("the log of what is sent", () => {
  test("has a line for each request, with its turn and its times", async () => {
    const path = join(mkdtempSync(join(tmpdir(), "lens-sent-")), "sent.log");
    const file = openSync(path, "a");
    await run({ load: { mode: "closed", concurrency: 1 }, warmup: { requests: 1 }, requests: 2 }, { sendLog: file });
    closeSync(file);
    expect(readFileSync(path, "utf8").trimEnd().split("\n").map(parseSentNote)).toEqual([
      { index: 0, phase: "warmup", turn: 0, atNs: 0, atMs: 0 },
      { index: 1, phase: "measured", turn: 0, atNs: 10 * MS, atMs: 10 },
      { index: 2, phase: "measured", turn: 1, atNs: 20 * MS, atMs: 20 },
    ]);
  });

  test.each(["", "[1,", '[1,"measured",0,5]', '[1,"other",0,5,5]', '{"index":1}'])("takes %j for no line of it", (line) => {
    expect(parseSentNote(line)).toBeNull();
  });

  test("stops a run whose sendings cannot be noted, before the first is sent", async () => {
    const file = openSync(join(mkdtempSync(join(tmpdir(), "lens-sent-")), "sent.log"), "a");
    closeSync(file);
    await expect(run({ load: { mode: "closed", concurrency: 1 }, requests: 2 }, { sendLog: file })).rejects.toMatchObject({
      code: "FILE_FAILED",
    });
  });
});
