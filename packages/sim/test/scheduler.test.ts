import { createVirtualClock } from "@lens/core/testing";
import { expect, test } from "vitest";
import { createScheduler } from "../src/scheduler.ts";
import { createSlots } from "../src/slots.ts";

test("a scheduler calls tasks at their instants, whatever the order in which they were asked for", async () => {
  const clock = createVirtualClock({ startNs: 1_000n });
  const scheduler = createScheduler(clock, setImmediate);
  const calls: [string, bigint][] = [];
  const add = (name: string, atNs: bigint): void => scheduler.at(atNs, () => calls.push([name, clock.nowNs()]));
  const done = new Promise<void>((resolve) => scheduler.at(9_000n, resolve));
  add("d", 7_000n);
  add("b", 3_000n);
  add("a", 2_000n);
  add("c", 3_000n);
  await done;
  expect(calls).toEqual([
    ["a", 2_000n],
    ["b", 3_000n],
    ["c", 3_000n],
    ["d", 7_000n],
  ]);
});

test("a scheduler takes tasks from within a task", async () => {
  const clock = createVirtualClock();
  const scheduler = createScheduler(clock, setImmediate);
  const calls: bigint[] = [];
  await new Promise<void>((resolve) => {
    const next = (): void => {
      calls.push(clock.nowNs());
      if (calls.length === 3) resolve();
      else scheduler.at(clock.nowNs() + 20n, next);
    };
    scheduler.at(5n, next);
  });
  expect(calls).toEqual([5n, 25n, 45n]);
});

test("a scheduler keeps a thousand tasks in order", async () => {
  const clock = createVirtualClock();
  const scheduler = createScheduler(clock, setImmediate);
  const calls: number[] = [];
  await new Promise<void>((resolve) => {
    for (let index = 0; index < 1_000; index++) {
      const at = (index * 7_919) % 1_000;
      scheduler.at(BigInt(at), () => {
        calls.push(at);
        if (calls.length === 1_000) resolve();
      });
    }
  });
  expect(calls).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
});

test("a stopped scheduler calls nothing more", async () => {
  const clock = createVirtualClock();
  const scheduler = createScheduler(clock, setImmediate);
  let called = false;
  scheduler.at(10n, () => (called = true));
  scheduler.stop();
  await clock.sleepUntil(100n);
  expect(called).toBe(false);
});

test("slots serve first come, first served, and a leaver frees its slot or its place in the line", () => {
  const slots = createSlots(2);
  const served: string[] = [];
  const [leaveA, , leaveC] = ["a", "b", "c", "d"].map((name) => slots.enter(() => served.push(name)));
  expect(served).toEqual(["a", "b"]);
  leaveC?.();
  leaveA?.();
  leaveA?.();
  expect(served).toEqual(["a", "b", "d"]);
  slots.enter(() => served.push("e"));
  expect(served).toEqual(["a", "b", "d"]);
});

test("slots without a number serve everyone at once", () => {
  const slots = createSlots(null);
  let served = 0;
  for (let index = 0; index < 100; index++) slots.enter(() => served++);
  expect(served).toBe(100);
});

test("a scheduler that falls behind lets the loop turn between its rounds", async () => {
  let nowNs = 0n;
  const clock = { ...createVirtualClock(), nowNs: () => nowNs, sleepUntil: () => Promise.resolve() };
  const deferred: (() => void)[] = [];
  const scheduler = createScheduler(clock, (task) => deferred.push(task));
  const calls: string[] = [];
  scheduler.at(1n, () => {
    calls.push("slow");
    nowNs = 10n;
  });
  scheduler.at(5n, () => calls.push("late"));
  nowNs = 1n;
  await Promise.resolve();
  expect(calls).toEqual(["slow"]);
  scheduler.at(6n, () => calls.push("later"));
  expect(deferred).toHaveLength(1);
  deferred[0]?.();
  expect(calls).toEqual(["slow", "late", "later"]);
});
