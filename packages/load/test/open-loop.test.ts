import type { RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { responseTtftNs, ttftNs } from "@lens/metrics";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Arrivals, type LoadPlan, runLoad, type RunLoadHere } from "../src/index.ts";
import { abortAfter, createVirtualServer, MS, S, type VirtualServerOptions } from "./virtual-server.ts";

const constant = (ratePerSecond: number): Arrivals => ({ process: "constant", ratePerSecond });

function harness(options: VirtualServerOptions) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, options);
  const records: RequestRecord[] = [];
  const run = (
    arrivals: Arrivals,
    rest: Omit<LoadPlan, "load"> & { readonly maxInFlight?: number } = {},
    others: Partial<RunLoadHere> = {},
  ) => {
    const { maxInFlight = null, ...plan } = rest;
    return runLoad({
      plan: { load: { mode: "open", arrivals, maxInFlight }, ...plan },
      clock,
      send: server.send,
      onRecord: (record) => void records.push(record),
      ...others,
    });
  };
  return { clock, server, records, run, sentMs: () => server.seen.map(({ atNs }) => atNs / MS) };
}

/** When each of a line's requests is done: the textbook's queue, served in order by `slots`. */
function queueSimulation(dueNs: readonly number[], slots: number, serviceNs: number): readonly number[] {
  const freeNs = Array.from({ length: slots }, () => 0);
  return dueNs.map((due) => {
    const slot = freeNs.indexOf(Math.min(...freeNs));
    const doneNs = Math.max(due, freeNs[slot] ?? 0) + serviceNs;
    freeNs[slot] = doneNs;
    return doneNs;
  });
}

describe("an open loop", () => {
  it("sends at the due times, whatever becomes of the requests before", async () => {
    const { run, sentMs, server } = harness({ serviceNs: 10 * S });
    const result = await run(constant(10), { requests: 5 });
    expect(sentMs()).toEqual([0, 100, 200, 300, 400]);
    expect(server.mostInFlight()).toBe(5);
    expect(result).toMatchObject({
      sent: 5,
      stoppedBy: "requests",
      interrupted: false,
      startedAtMs: 0,
      durationNs: 10.4 * S,
      window: { fromMs: 0, toMs: 400 },
    });
  });

  it("shows a server's queue in ttft: one slot of 500 ms at 10 requests a second", async () => {
    const { run, records } = harness({ slots: 1, serviceNs: 500 * MS });
    await run(constant(10), { requests: 10 });
    const expected = Array.from({ length: 10 }, (_, index) => (500 + 400 * index) * MS);
    expect(records.map(ttftNs)).toEqual(expected);
    expect(records.map(responseTtftNs)).toEqual(expected);
    expect(records.map(({ queuedNs }) => queuedNs)).toEqual(Array(10).fill(0));
  });

  it("shows its own queue in response.ttft only: the same, with one request in flight at most", async () => {
    const { run, records, sentMs } = harness({ slots: 1, serviceNs: 500 * MS });
    const { schedule } = await run(constant(10), { requests: 10, maxInFlight: 1 });
    expect(records.map(ttftNs)).toEqual(Array(10).fill(500 * MS));
    expect(records.map(responseTtftNs)).toEqual(Array.from({ length: 10 }, (_, index) => (500 + 400 * index) * MS));
    expect(sentMs()).toEqual(Array.from({ length: 10 }, (_, index) => 500 * index));
    expect(schedule).toMatchObject({
      sent: 10,
      waitedForSlot: 9,
      targetRatePerSecond: 10,
      deliveredRatePerSecond: 2,
      sendLag: { count: 1, maxNs: 0 },
    });
  });

  it("is the queue simulation, for any arrivals, slots and guard", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 2000 }), { minLength: 1, maxLength: 30 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        async (times, slots, serviceMs, guarded) => {
          const atNs = times.toSorted((a, b) => a - b).map((ms) => ms * MS);
          const { run, records } = harness({ slots, serviceNs: serviceMs * MS });
          await run({ process: "timestamps", atNs }, guarded ? { maxInFlight: slots } : {});
          const doneNs = queueSimulation(atNs, slots, serviceMs * MS);
          const byId = records.toSorted((a, b) => a.id.localeCompare(b.id));
          // More than 16 that are due at once are spread over turns of the event loop, which a virtual clock counts as a nanosecond each.
          byId.forEach((record, index) =>
            expect(Math.abs((responseTtftNs(record) ?? 0) - ((doneNs[index] ?? 0) - (atNs[index] ?? 0)))).toBeLessThan(4),
          );
          expect(byId).toHaveLength(atNs.length);
        },
      ),
      { numRuns: 25 },
    );
  });

  it("takes a burst that is due in one moment", async () => {
    const { run, records, server } = harness({ serviceNs: 10 * MS });
    await run({ process: "timestamps", atNs: Array<number>(100).fill(S) });
    expect(records).toHaveLength(100);
    expect(server.mostInFlight()).toBe(100);
  });

  it("marks warm-up and drain, and keeps them out of the schedule's figures", async () => {
    const { run, server } = harness({ serviceNs: 1 * MS });
    const { schedule, window, startedAtMs } = await run(constant(1), {
      warmup: { durationNs: 2 * S },
      requests: 3,
      drain: { requests: 1 },
    });
    expect(server.seen.map(({ phase }) => phase)).toEqual(["warmup", "warmup", "measured", "measured", "measured", "drain"]);
    expect(schedule).toMatchObject({ sent: 3, targetRatePerSecond: 1, deliveredRatePerSecond: 1 });
    expect([startedAtMs, window]).toEqual([2000, { fromMs: 2000, toMs: 4000 }]);
  });

  it("follows its stages", async () => {
    const { run, sentMs } = harness({ serviceNs: 1 * MS });
    const stages = [
      { durationNs: 2 * S, to: 2 },
      { durationNs: 1 * S, to: 2 },
    ];
    const result = await run({ process: "constant", ratePerSecond: 0, stages });
    expect(sentMs().map(Math.round)).toEqual([0, 1414, 2000, 2500]);
    expect(result.stoppedBy).toBe("duration");
  });

  it("holds sending back while records are not taken, and says so", async () => {
    const { clock, run, sentMs } = harness({ serviceNs: 50 * MS });
    const { schedule } = await run(constant(10), { requests: 3 }, { onRecord: () => clock.sleepUntil(clock.nowNs() + BigInt(200 * MS)) });
    expect(sentMs()).toEqual([0, 250, 250]);
    expect(schedule).toMatchObject({ waitedForRecords: 2, sendLag: { count: 1 } });
  });

  it("stops at the signal and lets what is in flight end", async () => {
    const { clock, run, records } = harness({ serviceNs: 300 * MS });
    const result = await run(constant(10), { requests: 100 }, { signal: abortAfter(clock, 250 * MS) });
    expect(result).toMatchObject({ sent: 3, stoppedBy: "signal", interrupted: true });
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(["ok", "ok", "ok"]);
  });

  it("stops at the signal while a request waits for its slot", async () => {
    const { clock, run, records } = harness({ serviceNs: 300 * MS });
    const result = await run(constant(10), { requests: 100, maxInFlight: 1 }, { signal: abortAfter(clock, 250 * MS) });
    expect(result).toMatchObject({ sent: 1, stoppedBy: "signal" });
    expect(records).toHaveLength(1);
  });

  it("rejects with what send rejects with, when nothing is in flight any more", async () => {
    const { run, records } = harness({ serviceNs: 300 * MS });
    let calls = 0;
    const inner = harness({ serviceNs: 300 * MS });
    const failing = run(
      constant(10),
      { requests: 9 },
      {
        clock: inner.clock,
        send: (ticket) => (++calls === 3 ? Promise.reject(new Error("no such prompt")) : inner.server.send(ticket)),
      },
    );
    await expect(failing).rejects.toThrow("no such prompt");
    expect(records.map(({ outcome }) => outcome.kind)).toEqual(["aborted", "aborted"]);
  });
});
