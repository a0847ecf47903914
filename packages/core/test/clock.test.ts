import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { systemClock } from "../src/index.ts";

const MS = 1_000_000;

describe("systemClock", () => {
  it("never runs backwards", () => {
    const instants = Array.from({ length: 1000 }, () => systemClock.nowNs());
    expect(instants.every((instant, index) => index === 0 || instant >= (instants[index - 1] ?? 0n))).toBe(true);
  });

  it("wakes a sleeper at its time and not before", async () => {
    const dueNs = systemClock.nowNs() + BigInt(5 * MS);
    await systemClock.sleepUntil(dueNs);
    expect(systemClock.nowNs()).toBeGreaterThanOrEqual(dueNs);
  });

  it("does not sleep for what is past", async () => {
    await expect(systemClock.sleepUntil(systemClock.nowNs() - 1n)).resolves.toBeUndefined();
  });

  it("wakes a sleeper when its signal aborts, or has aborted", async () => {
    const farNs = systemClock.nowNs() + BigInt(3600e9);
    const controller = new AbortController();
    const sleeping = systemClock.sleepUntil(farNs, controller.signal);
    controller.abort();
    await sleeping;
    await systemClock.sleepUntil(farNs, controller.signal);
    expect(systemClock.nowNs()).toBeLessThan(farNs);
  });

  it("calls back no earlier than asked, and not at all once cancelled", async () => {
    const startNs = systemClock.nowNs();
    let cancelled = false;
    systemClock.after(MS, () => (cancelled = true))();
    await new Promise<void>((resolve) => void systemClock.after(3 * MS, resolve));
    expect(systemClock.nowNs() - startNs).toBeGreaterThanOrEqual(BigInt(3 * MS));
    expect(cancelled).toBe(false);
  });

  it("gives wall time that moves with the monotonic time", () => {
    const [beforeMs, beforeNs] = [systemClock.epochMs(), systemClock.nowNs()];
    const [afterMs, afterNs] = [systemClock.epochMs(), systemClock.nowNs()];
    expect(afterMs - beforeMs).toBeLessThanOrEqual(Number(afterNs - beforeNs) / MS + 1);
    expect(afterMs).toBeGreaterThanOrEqual(beforeMs);
  });
});

describe("createVirtualClock", () => {
  it("jumps from sleeper to sleeper in the order of their times", async () => {
    const clock = createVirtualClock({ startNs: 7n, epochMs: 1000 });
    const woken: string[] = [];
    const note = (name: string) => (): void => void woken.push(`${name}@${clock.nowNs()}`);
    await Promise.all([
      clock.sleepUntil(50n).then(note("late")),
      clock.sleepUntil(20n).then(note("early")),
      clock.sleepUntil(20n).then(note("second")),
    ]);
    expect(woken).toEqual(["early@20", "second@20", "late@50"]);
    expect(clock.epochMs()).toBe(1000 + 43 / MS);
  });

  it("lets those who were woken go to sleep again before it jumps further", async () => {
    const clock = createVirtualClock();
    const instants: bigint[] = [];
    const worker = async (stepNs: bigint): Promise<void> => {
      for (let count = 0; count < 3; count += 1) {
        await clock.sleepUntil(clock.nowNs() + stepNs);
        instants.push(clock.nowNs());
      }
    };
    await Promise.all([worker(10n), worker(15n)]);
    expect(instants).toEqual([10n, 15n, 20n, 30n, 30n, 45n]);
  });

  it("advances by hand, waking whoever is due on the way", () => {
    const clock = createVirtualClock();
    const calls: bigint[] = [];
    clock.after(5, () => void calls.push(clock.nowNs()));
    clock.after(50, () => void calls.push(clock.nowNs()));
    clock.after(7, () => void calls.push(-1n))();
    clock.advance(20);
    expect(calls).toEqual([5n]);
    expect(clock.nowNs()).toBe(20n);
  });

  it("ends a sleep at its signal, without moving time", async () => {
    const clock = createVirtualClock();
    const controller = new AbortController();
    const sleeping = clock.sleepUntil(100n, controller.signal);
    controller.abort();
    await sleeping;
    await clock.sleepUntil(100n, controller.signal);
    expect(clock.nowNs()).toBe(0n);
  });
});
