import { describe, expect, it } from "vitest";
import { createLatenessProbe, type EventLoop, systemClock, threadLatenessProbe } from "../src/index.ts";

/** An event loop whose time passes only when told to; it starts at 1,000,000 ns. */
function scriptLoop() {
  let nowNs = 1_000_000n;
  let sleptNs = 0;
  let delayedNs = 0;
  let looks = 0;
  let endOfReads: (() => void) | null = null;
  const loop: EventLoop = {
    nowNs: () => nowNs,
    sleptNs: () => sleptNs,
    delayedNs: () => {
      looks += 1;
      return delayedNs;
    },
    afterReads: (callback) => {
      endOfReads = callback;
    },
  };
  return {
    loop,
    looks: () => looks,
    /** The thread works for so long, and the instant at which it is done. */
    work(durationNs: number): bigint {
      nowNs += BigInt(durationNs);
      return nowNs;
    },
    /** The loop sleeps; for the last part of that it was ready, and others had the processor. */
    sleep(durationNs: number, delayNs = 0): void {
      nowNs += BigInt(durationNs);
      sleptNs += durationNs;
      delayedNs += delayNs;
    },
    /** Others have the processor while the thread has work. */
    preempt(durationNs: number): void {
      nowNs += BigInt(durationNs);
      delayedNs += durationNs;
    },
    endReads: (): void => endOfReads?.(),
  };
}

describe("createLatenessProbe", () => {
  it("bounds reads after a sleep by the time since the loop woke", () => {
    const { loop, work, sleep, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    endReads();
    sleep(20_000_000);
    expect(probe.boundNs(work(3_000))).toBe(3_000);
    expect(probe.boundNs(work(40_000))).toBe(43_000);
  });

  it("bounds reads without a sleep by the time since the loop asked for ready sockets in the turn before", () => {
    const { loop, work, sleep, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    endReads();
    sleep(5_000_000);
    work(2_000_000);
    endReads();
    work(70_000);
    expect(probe.boundNs(work(1_000))).toBe(2_071_000);
    work(500_000);
    endReads();
    // It asked after the first 2 ms; what was ready by then has been read.
    expect(probe.boundNs(work(1_000))).toBe(70_000 + 1_000 + 500_000 + 1_000);
  });

  it("counts work in a turn that read nothing, though the loop slept before it", () => {
    const { loop, work, sleep, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    endReads();
    sleep(10_000_000);
    // A timer has woken the loop, and what it calls takes 8 ms.
    endReads();
    work(8_000_000);
    expect(probe.boundNs(work(1_000))).toBe(8_001_000);
  });

  it("counts the time for which others had the processor while the loop seemed to sleep", () => {
    const { loop, work, sleep, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    endReads();
    sleep(20_000_000, 6_000_000);
    expect(probe.boundNs(work(10_000))).toBe(6_010_000);
    endReads();
    sleep(20_000_000);
    expect(probe.boundNs(work(10_000))).toBe(10_000);
  });

  it("takes no delay to be longer than the sleep that it was in", () => {
    const { loop, work, sleep, preempt, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    preempt(50_000_000);
    endReads();
    sleep(1_000_000);
    expect(probe.boundNs(work(10_000))).toBe(1_010_000);
  });

  it("does not ask for delays after a sleep too short to hide one", () => {
    const { loop, looks, work, sleep, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    endReads();
    sleep(99_999, 90_000);
    expect(probe.boundNs(work(10_000))).toBe(10_000);
    expect(looks()).toBe(1);
  });

  it("gives no bound below zero", () => {
    const { loop } = scriptLoop();
    expect(createLatenessProbe(loop).boundNs(0n)).toBe(0);
  });

  it("gives all reads of one turn one number, and the next turn another", () => {
    const { loop, endReads } = scriptLoop();
    const probe = createLatenessProbe(loop);
    const first = probe.turn();
    probe.boundNs(0n);
    expect(probe.turn()).toBe(first);
    endReads();
    expect(probe.turn()).toBe(first + 1);
  });
});

describe("threadLatenessProbe", () => {
  const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

  it("is one for all of a thread", () => {
    expect(threadLatenessProbe()).toBe(threadLatenessProbe());
  });

  it("sees the turns of the thread's own event loop", async () => {
    const probe = threadLatenessProbe();
    await nextTurn();
    const first = probe.turn();
    expect(probe.turn()).toBe(first);
    await nextTurn();
    expect(probe.turn()).toBeGreaterThan(first);
  });

  it("lets the loop sleep", async () => {
    threadLatenessProbe();
    await nextTurn();
    const sleptMs = performance.nodeTiming.idleTime;
    await new Promise<void>((resolve) => void setTimeout(resolve, 50));
    // A loop that is kept awake never waits for its sockets; how many turns others give it meanwhile is not the probe's affair.
    expect(performance.nodeTiming.idleTime - sleptMs).toBeGreaterThan(1);
  });

  it("bounds a stamp by the work that went before it in the same turn", async () => {
    const probe = threadLatenessProbe();
    await nextTurn();
    probe.turn();
    expect(probe.boundNs(systemClock.nowNs() + 5_000_000n)).toBeGreaterThanOrEqual(5_000_000);
  });
});
