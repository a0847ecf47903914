import { createRecorder, type RequestPhase, type RequestRecord } from "@lens/core";
import { createVirtualClock, type VirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { type LoadPlan, runLoad, type Ticket } from "../src/index.ts";

const MS = 1_000_000;

function harness(serviceMs: number) {
  const clock = createVirtualClock();
  const sent: { readonly index: number; readonly phase: RequestPhase; readonly atMs: number }[] = [];
  const records: RequestRecord[] = [];
  let inFlight = 0;
  let mostInFlight = 0;
  const send = async (ticket: Ticket): Promise<RequestRecord> => {
    sent.push({ index: ticket.index, phase: ticket.phase, atMs: Number(clock.nowNs()) / MS });
    inFlight += 1;
    mostInFlight = Math.max(mostInFlight, inFlight);
    const recorder = createRecorder({
      clock,
      id: ticket.id,
      phase: ticket.phase,
      target: { provider: "p", model: "m", label: "p:m", origin: null },
    });
    await clock.sleepUntil(clock.nowNs() + BigInt(serviceMs * MS), ticket.signal);
    inFlight -= 1;
    return recorder.finish(clock.nowNs(), { kind: ticket.signal.aborted ? "aborted" : "ok", finishReason: null, error: null });
  };
  interface Loop extends Pick<LoadPlan, "requests" | "durationNs"> {
    readonly concurrency?: number;
    readonly thinkTimeNs?: number;
    readonly warmupRequests?: number;
    readonly signal?: AbortSignal;
    readonly send?: typeof send;
    readonly onRecord?: (record: RequestRecord) => void | Promise<void>;
  }
  const run = ({ concurrency = 1, thinkTimeNs = 0, warmupRequests = 0, requests = null, durationNs = null, signal, ...own }: Loop) =>
    runLoad({
      plan: { load: { mode: "closed", concurrency, thinkTimeNs }, requests, durationNs, warmup: { requests: warmupRequests } },
      clock,
      send,
      onRecord: (record) => void records.push(record),
      ...own,
      ...(signal === undefined ? {} : { signal, abortSignal: signal }),
    });
  return { clock, sent, records, run, mostInFlight: () => mostInFlight };
}

const abortAt = (clock: VirtualClock, atMs: number): AbortSignal => {
  const controller = new AbortController();
  clock.after(atMs * MS, () => controller.abort());
  return controller.signal;
};

describe("a closed loop", () => {
  it("sends the next request when one ends", async () => {
    const { sent, run, records } = harness(10);
    const result = await run({ requests: 3 });
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 10, 20]);
    expect(records.map(({ id }) => id)).toEqual(["r000000", "r000001", "r000002"]);
    expect(result).toMatchObject({
      startedAtMs: 0,
      durationNs: 30 * MS,
      sent: 3,
      stoppedBy: "requests",
      interrupted: false,
      schedule: null,
    });
  });

  it("keeps exactly as many in flight as it is told", async () => {
    const { sent, run, mostInFlight } = harness(10);
    await run({ requests: 7, concurrency: 3 });
    expect(mostInFlight()).toBe(3);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0, 0, 10, 10, 10, 20]);
  });

  it("never sends more than asked for when concurrency is higher than the number of requests", async () => {
    const { sent, run } = harness(10);
    await run({ requests: 2, concurrency: 50 });
    expect(sent).toHaveLength(2);
  });

  it("stops sending when the time is up and waits for those in flight", async () => {
    const { sent, run } = harness(10);
    const result = await run({ durationNs: 25 * MS });
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 10, 20]);
    expect(result).toMatchObject({ durationNs: 30 * MS, interrupted: false });
  });

  it("goes from the warm-up to the measured requests without a pause", async () => {
    const { sent, run } = harness(10);
    const result = await run({ requests: 2, concurrency: 2, warmupRequests: 3 });
    expect(sent.map(({ phase, atMs }) => [phase, atMs])).toEqual([
      ["warmup", 0],
      ["warmup", 0],
      ["warmup", 10],
      ["measured", 10],
      ["measured", 20],
    ]);
    expect(result).toMatchObject({ startedAtMs: 10, durationNs: 20 * MS, sent: 5, window: { fromMs: 10, toMs: 20 } });
  });

  it("pauses each slot for the think time, but not after its last request", async () => {
    const { sent, run } = harness(10);
    const result = await run({ requests: 3, thinkTimeNs: 5 * MS });
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 15, 30]);
    expect(result.durationNs).toBe(40 * MS);
  });

  it("stops at the signal, with one record for every request that was sent", async () => {
    const { clock, sent, records, run } = harness(10);
    const result = await run({ requests: 100, concurrency: 2, signal: abortAt(clock, 25) });
    expect(result.interrupted).toBe(true);
    expect(records).toHaveLength(sent.length);
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(["ok", "ok", "ok", "ok", "aborted", "aborted"]);
  });

  it("sends nothing when the signal has aborted before", async () => {
    const { sent, run } = harness(10);
    expect(await run({ requests: 5, signal: AbortSignal.abort() })).toMatchObject({ sent: 0, interrupted: true });
    expect(sent).toEqual([]);
  });

  it("lets any number of requests listen to one signal without a warning", async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on("warning", note);
    const { run } = harness(10);
    await run({ requests: 50, concurrency: 50 });
    await new Promise((resolve) => void setImmediate(resolve));
    process.off("warning", note);
    expect(warnings).toEqual([]);
  });

  it("waits for onRecord before the slot goes on", async () => {
    const { clock, sent, run } = harness(10);
    await run({ requests: 2, onRecord: () => clock.sleepUntil(clock.nowNs() + BigInt(7 * MS)) });
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 17]);
  });

  it("rejects with what send rejects with, and sends nothing further", async () => {
    const { sent, run } = harness(10);
    let calls = 0;
    const failing = run({
      requests: 10,
      send: () => {
        calls += 1;
        return Promise.reject(new Error("no such prompt"));
      },
    });
    await expect(failing).rejects.toThrow("no such prompt");
    expect([calls, sent.length]).toEqual([1, 0]);
  });

  it.each([
    [{ concurrency: 0, requests: 1 }, "Expected concurrency to be a whole number from 1 up, got `0`."],
    [{ requests: 1.5 }, "Expected requests to be a whole number from 1 up, got `1.5`."],
    [{ requests: 1, warmupRequests: -1 }, "Expected the requests of the warm-up to be a whole number from 0 up, got `-1`."],
    [{}, "Expected a number of requests, a duration, or both, got neither."],
  ])("refuses %o", async (options, message) => {
    await expect(harness(1).run(options)).rejects.toThrow(message);
  });
});
