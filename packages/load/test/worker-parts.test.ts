import { type RequestRecord, systemClock } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { chooseWorkers, type LoadPlan, resolvePlan } from "../src/index.ts";
import { createWorkerClock, readMoment } from "../src/worker-clock.ts";
import { createOutbox } from "../src/worker-outbox.ts";

const MS = 1e6;
const record = (id: number): RequestRecord => ({ id: `r${id}` }) as RequestRecord;

function harness() {
  const clock = createVirtualClock();
  const batches: (readonly string[])[] = [];
  const outbox = createOutbox(clock, (lines) => void batches.push(lines));
  return { clock, outbox, batches, sizes: () => batches.map((lines) => lines.length) };
}

describe("an outbox", () => {
  it("sends what came together after 50 ms", () => {
    const { clock, outbox, batches } = harness();
    void outbox.add(record(1));
    clock.advance(30 * MS);
    void outbox.add(record(2));
    expect(batches).toEqual([]);
    clock.advance(20 * MS);
    expect(batches).toEqual([['{"id":"r1"}', '{"id":"r2"}']]);
  });

  it("sends 256 at once", () => {
    const { clock, outbox, sizes } = harness();
    for (let id = 0; id < 300; id += 1) void outbox.add(record(id));
    expect(sizes()).toEqual([256]);
    clock.advance(50 * MS);
    expect(sizes()).toEqual([256, 44]);
  });

  it("asks to wait while eight batches are not taken", async () => {
    const { outbox } = harness();
    let waiting: Promise<void> | undefined;
    for (let id = 0; id < 8 * 256; id += 1) waiting = outbox.add(record(id));
    expect(waiting).toBeInstanceOf(Promise);
    let woken = false;
    void waiting?.then(() => {
      woken = true;
    });
    await Promise.resolve();
    expect(woken).toBe(false);
    outbox.taken();
    await waiting;
    expect(outbox.add(record(1))).toBeUndefined();
  });

  it("is flushed when all was taken", async () => {
    const { outbox, sizes } = harness();
    void outbox.add(record(1));
    const flushed = outbox.flush();
    expect(sizes()).toEqual([1]);
    outbox.taken();
    await flushed;
    await outbox.flush();
    expect(sizes()).toEqual([1]);
  });
});

describe("chooseWorkers", () => {
  const closed = (concurrency: number, rest: Partial<LoadPlan> = {}) =>
    resolvePlan({ load: { mode: "closed", concurrency }, requests: 1, ...rest });
  const open = (ratePerSecond: number, maxInFlight: number | null = null) =>
    resolvePlan({ load: { mode: "open", arrivals: { process: "poisson", ratePerSecond }, maxInFlight }, requests: 1 });
  const timestamps = resolvePlan({ load: { mode: "open", arrivals: { process: "timestamps", atNs: [1] } } });

  it.each([
    ["one for up to 1,000 streams", closed(1000), 16, 1],
    ["one for each 1,000 streams", closed(3500), 16, 4],
    ["of a shard's streams", closed(3500, { shard: { index: 0, of: 4 } }), 16, 1],
    ["all cores but one", closed(20_000), 4, 3],
    ["one on a machine of one core", closed(20_000), 1, 1],
    ["one for up to 500 requests a second", open(500), 16, 1],
    ["one for each 500 requests a second", open(1200), 16, 3],
    ["no more than may be in flight", open(5000, 2), 16, 2],
    ["one for timestamps", timestamps, 16, 1],
  ])("gives %s", (_, plan, cores, workers) => {
    expect(chooseWorkers(plan, "auto", cores)).toBe(workers);
  });

  it("takes a number as it is, but starts none that could never send", () => {
    expect([chooseWorkers(closed(10), 4, 2), chooseWorkers(closed(3), 4, 2), chooseWorkers(open(1, 2), 4, 2)]).toEqual([4, 3, 2]);
  });
});

describe("a worker's clock", () => {
  it("agrees with the main thread's to the microsecond", () => {
    const clock = createWorkerClock(readMoment(systemClock));
    // Another program may run between two reads; the least of many differences is what the clocks themselves differ by.
    const differences = Array.from({ length: 100 }, () => {
      const beforeMs = systemClock.epochMs();
      const atMs = clock.epochMs();
      const afterMs = systemClock.epochMs();
      return Math.max(0, beforeMs - atMs, atMs - afterMs);
    });
    expect(Math.min(...differences)).toBeLessThan(0.001);
  });

  it("is a moment of the main thread's, and the time since", () => {
    const clock = createWorkerClock({ nowNs: systemClock.nowNs() - 5_000_000_000n, epochMs: 1_000 });
    expect(clock.epochMs()).toBeGreaterThanOrEqual(6_000);
  });
});
