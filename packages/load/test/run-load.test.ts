import { type RequestRecord, systemClock } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { type ClosedLoad, type LoadPlan, type LoadProgress, runLoad, type RunLoadHere } from "../src/index.ts";
import { abortAfter, createVirtualServer, MS, S, type VirtualServerOptions } from "./virtual-server.ts";

function harness(options: VirtualServerOptions) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, options);
  const records: RequestRecord[] = [];
  const run = (load: Omit<ClosedLoad, "mode">, plan: Omit<LoadPlan, "load"> = {}, others: Partial<RunLoadHere> = {}) =>
    runLoad({
      plan: { load: { mode: "closed", ...load }, ...plan },
      clock,
      send: server.send,
      onRecord: (record) => void records.push(record),
      ...others,
    });
  return { clock, server, records, run };
}

/** Takes a millisecond of CPU: a system counts it by ticks, of which a run must have some to be seen to take any. */
function keepBusy(): void {
  const endNs = systemClock.nowNs() + BigInt(MS);
  while (systemClock.nowNs() < endNs);
}

describe("a closed loop", () => {
  it("warms up with its first wave unless told otherwise", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    const result = await run({ concurrency: 3 }, { requests: 3 });
    expect(server.seen.map(({ phase, atNs }) => `${phase} ${atNs / MS}`)).toEqual([
      "warmup 0",
      "warmup 0",
      "warmup 0",
      "measured 10",
      "measured 10",
      "measured 10",
    ]);
    expect(result).toMatchObject({ sent: 6, startedAtMs: 10, durationNs: 10 * MS });
  });

  it("begins when all that is to come before it is done", async () => {
    const { clock, run, server } = harness({ serviceNs: 10 * MS });
    const beforeStart = (): Promise<void> => clock.sleepUntil(5_000_000_000n);
    const result = await run({ concurrency: 1 }, { requests: 1, warmup: null }, { beforeStart });
    expect(server.seen.map(({ atNs }) => atNs)).toEqual([5 * S]);
    expect(result).toMatchObject({ startedAtMs: 5000, durationNs: 10 * MS });
  });

  it("keeps the load up with its drain until the measured requests have ended", async () => {
    const { run, server, records } = harness({ serviceNs: 10 * MS });
    const result = await run({ concurrency: 2 }, { requests: 3, warmup: null, drain: { requests: 2 } });
    expect(server.seen.map(({ phase }) => phase)).toEqual(["measured", "measured", "measured", "drain", "drain"]);
    expect(records.map(({ phase }) => phase)).toEqual(server.seen.map(({ phase }) => phase));
    expect(result).toMatchObject({ stoppedBy: "requests", sent: 5 });
  });

  it("counts phases in time, from where the one before ended", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    const plan = { warmup: { durationNs: 25 * MS }, durationNs: 20 * MS, drain: { durationNs: 20 * MS } };
    const result = await run({ concurrency: 1 }, plan);
    expect(server.seen.map(({ phase, atNs }) => `${phase} ${atNs / MS}`)).toEqual([
      "warmup 0",
      "warmup 10",
      "warmup 20",
      "measured 30",
      "measured 40",
      "drain 50",
      "drain 60",
    ]);
    expect(result.stoppedBy).toBe("duration");
  });

  it("follows its stages up and down", async () => {
    const { run, server, records } = harness({ serviceNs: 100 * MS });
    const stages = [
      { durationNs: 300 * MS, to: 3 },
      { durationNs: 200 * MS, to: 3 },
      { durationNs: 300 * MS, to: 0 },
    ];
    const result = await run({ concurrency: 0, stages });
    expect(server.mostInFlight()).toBe(3);
    // One slot from 100 ms, two from 200, three from 300 to 600, two until 700, one until 800.
    const sentAt = (ms: number): number => server.seen.filter(({ atNs }) => atNs === ms * MS).length;
    expect([0, 100, 200, 300, 400, 500, 600, 700, 800].map(sentAt)).toEqual([0, 1, 2, 3, 3, 3, 2, 1, 0]);
    expect(records).toHaveLength(server.seen.length);
    expect(result).toMatchObject({ stoppedBy: "duration", interrupted: false });
  });

  it("ends with its requests though stages would go on", async () => {
    const { run, server } = harness({ serviceNs: 100 * MS });
    const result = await run({ concurrency: 1, stages: [{ durationNs: 1000 * S, to: 2 }] }, { requests: 3 });
    expect(server.seen).toHaveLength(3);
    expect(result).toMatchObject({ stoppedBy: "requests", durationNs: 300 * MS });
  });

  it("ends where the stages leave no slot and the requests are not all sent", async () => {
    const { run } = harness({ serviceNs: 100 * MS });
    expect(await run({ concurrency: 1, stages: [{ durationNs: 150 * MS, to: 0 }] }, { requests: 30 })).toMatchObject({
      sent: 2,
      stoppedBy: "duration",
    });
  });

  it("numbers the requests of a shard so that none bears another's name", async () => {
    const { run, records } = harness({ serviceNs: 10 * MS });
    await run({ concurrency: 4 }, { requests: 6, warmup: null, shard: { index: 1, of: 2 } });
    expect(records.map(({ id }) => id)).toEqual(["r000001", "r000003", "r000005"]);
  });
});

describe("stopping", () => {
  it("gives what is in flight the time of the grace, and no more", async () => {
    const { clock, run, records } = harness({ serviceNs: 500 * MS });
    const signal = abortAfter(clock, 100 * MS);
    const result = await run({ concurrency: 2 }, { requests: 50, warmup: null }, { signal, graceNs: 200 * MS });
    expect(records.map(({ outcome, endNs }) => [outcome.kind, endNs / MS])).toEqual([
      ["aborted", 300],
      ["aborted", 300],
    ]);
    expect(result).toMatchObject({ sent: 2, stoppedBy: "signal", interrupted: true });
  });

  it("breaks off at once at the second signal", async () => {
    const { clock, run, records } = harness({ serviceNs: 500 * MS });
    const signals = { signal: abortAfter(clock, 100 * MS), abortSignal: abortAfter(clock, 150 * MS) };
    await run({ concurrency: 2 }, { requests: 50, warmup: null }, signals);
    expect(records.map(({ outcome, endNs }) => [outcome.kind, endNs / MS])).toEqual([
      ["aborted", 150],
      ["aborted", 150],
    ]);
  });

  it("sends nothing when a signal has aborted before", async () => {
    const { run } = harness({ serviceNs: 1 });
    const nothing = { sent: 0, window: null, stoppedBy: "signal", interrupted: true, durationNs: 0 };
    expect(await run({ concurrency: 2 }, { requests: 5 }, { abortSignal: AbortSignal.abort() })).toMatchObject(nothing);
    expect(await run({ concurrency: 2 }, { requests: 5 }, { signal: AbortSignal.abort() })).toMatchObject(nothing);
  });

  it("is no interruption when everything was sent before the signal", async () => {
    const { clock, run } = harness({ serviceNs: 500 * MS });
    const result = await run({ concurrency: 2 }, { requests: 2, warmup: null }, { signal: abortAfter(clock, 100 * MS) });
    expect(result).toMatchObject({ sent: 2, stoppedBy: "requests", interrupted: false });
  });

  it("wakes a slot that thinks", async () => {
    const { clock, run } = harness({ serviceNs: 10 * MS });
    const result = await run(
      { concurrency: 1, thinkTimeNs: 1000 * S },
      { requests: 2, warmup: null },
      { signal: abortAfter(clock, 100 * MS) },
    );
    expect([result.sent, Number(clock.nowNs())]).toEqual([1, 100 * MS]);
  });
});

describe("onProgress", () => {
  it("tells ten times a second how the run goes", async () => {
    const seen: LoadProgress[] = [];
    const refused = { code: "SERVER_ERROR", message: "", status: 500, providerType: null, retryable: true, retryAfterMs: null } as const;
    const { run } = harness({ serviceNs: 150 * MS, failure: (arrived) => (arrived === 0 ? refused : null) });
    await run({ concurrency: 2 }, { requests: 4, warmup: { requests: 2 } }, { onProgress: (progress) => void seen.push(progress) });
    expect(seen[0]).toEqual({ elapsedNs: 100 * MS, phase: "warmup", sent: 2, done: 0, inFlight: 2, lost: 0, level: 2, failedByCode: {} });
    expect(seen[1]).toEqual({
      elapsedNs: 200 * MS,
      phase: "measured",
      sent: 4,
      done: 2,
      inFlight: 2,
      lost: 0,
      level: 2,
      failedByCode: { SERVER_ERROR: 1 },
    });
    expect(seen).toHaveLength(4);
  });
});

describe("the result", () => {
  it("says what the measuring thread had to do", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    const { instrument, workers, crashes, lost } = await run({ concurrency: 2 }, { requests: 20 }, { onRecord: keepBusy });
    expect({ workers, crashes, lost }).toEqual({ workers: 0, crashes: [], lost: 0 });
    const [thread] = instrument.threads;
    expect(thread?.worker).toBeNull();
    expect(thread?.elapsedNs).toBeGreaterThan(0);
    expect(thread?.cpuNs).toBeGreaterThan(0);
    expect(thread?.utilization.mean).toBeLessThanOrEqual(thread?.utilization.max ?? 0);
    expect(instrument.rss.maxBytes).toBeGreaterThanOrEqual(instrument.rss.startBytes);
  });

  it("is plain JSON", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    const result = await run({ concurrency: 2 }, { requests: 2 });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
  });
});
