import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, test } from "vitest";
import { createDayBudget } from "../src/monitor/day-budget.ts";
import { createSchedule, spreadNs } from "../src/monitor/schedule.ts";
import { startTargetLoop } from "../src/monitor/target-loop.ts";
import { SECOND } from "./monitored.ts";

const HOUR = 3600 * SECOND;

/** Rounds that take so long, one after the other; what the loop does until the clock reaches `untilNs`. */
async function loopOf(roundsNs: readonly number[], untilNs: number, stallNs = 0) {
  const clock = createVirtualClock();
  const sent: { readonly atNs: number; readonly lateNs: number }[] = [];
  const missed: (readonly [string, number])[] = [];
  const crashes: unknown[] = [];
  const loop = startTargetLoop({
    clock,
    schedule: createSchedule({ startNs: 0n, intervalNs: 10 * SECOND, jitter: 0, seed: 1 }),
    round: () => clock.sleepUntil(clock.nowNs() + BigInt(roundsNs[sent.length - 1] ?? 0)),
    onSend(lateNs) {
      sent.push({ atNs: Number(clock.nowNs()), lateNs });
      // The process stands still.
      if (stallNs > 0 && sent.length === 1) clock.advance(stallNs);
    },
    onMiss: (by, rounds) => missed.push([by, rounds]),
    onCrash: (error) => crashes.push(error),
  });
  await clock.sleepUntil(BigInt(untilNs));
  loop.stop();
  return { sent: sent.map(({ atNs }) => atNs / SECOND), late: sent.map(({ lateNs }) => lateNs), missed, crashes };
}

describe("the schedule of a target", () => {
  test("never drifts: the ten-thousandth round is due to the nanosecond", () => {
    const schedule = createSchedule({ startNs: 5n, intervalNs: 60 * SECOND, jitter: 0, seed: 1 });
    expect(schedule.dueNs(10_000)).toBe(600_000n * 1_000_000_000n + 5n);
  });

  test("puts each round off by less than its share of the interval, and the first not at all", () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const jitter = (seed % 100) / 100;
      const schedule = createSchedule({ startNs: 0n, intervalNs: HOUR, jitter, seed });
      const slot = 1 + seed * 97;
      const offNs = Number(schedule.dueNs(slot) - BigInt(slot) * BigInt(HOUR));
      expect(offNs).toBeGreaterThanOrEqual(0);
      expect(offNs).toBeLessThanOrEqual(jitter * HOUR);
      expect(schedule.slotAt(schedule.dueNs(slot))).toBe(slot);
      expect(schedule.dueNs(0)).toBe(0n);
    }
  });

  test("spreads targets over the interval, or over a minute of a longer one", () => {
    expect([0, 1, 2].map((index) => spreadNs(index, 3, 30 * SECOND) / SECOND)).toEqual([0, 10, 20]);
    expect([0, 1, 2].map((index) => spreadNs(index, 3, HOUR) / SECOND)).toEqual([0, 20, 40]);
  });
});

describe("the rounds of a target", () => {
  test("are sent when they are due, whatever they take", async () => {
    const { sent, late, missed } = await loopOf([1 * SECOND, 9 * SECOND, 3 * SECOND], 35 * SECOND);
    expect(sent).toEqual([0, 10, 20, 30]);
    expect(late).toEqual([0, 0, 0, 0]);
    expect(missed).toEqual([]);
  });

  test("are left out, and counted, while one is still under way", async () => {
    const { sent, missed } = await loopOf([25 * SECOND], 45 * SECOND);
    expect(sent).toEqual([0, 30, 40]);
    expect(missed).toEqual([
      ["busy", 1],
      ["busy", 1],
    ]);
  });

  test("whose time passed unnoticed are counted, and the rhythm stays", async () => {
    const { sent, late, missed } = await loopOf([], 65 * SECOND, 34 * SECOND);
    expect(missed).toEqual([["missed", 2]]);
    expect(sent).toEqual([0, 34, 40, 50, 60]);
    expect(late).toEqual([0, 4 * SECOND, 0, 0, 0]);
  });
});

describe("the budget of a day", () => {
  const world = () => {
    const clock = createVirtualClock({ epochMs: Date.UTC(2026, 10, 23, 23, 0) });
    const budget = createDayBudget(clock);
    budget.limit(1);
    return { clock, budget };
  };

  test("is kept by what probes cost at most, and given back by what they cost", () => {
    const { budget } = world();
    const [first, second] = [budget.reserve(0.5), budget.reserve(0.5)];
    expect(budget.reserve(0.1)).toBeNull();
    expect(budget.exhausted()).toBe(true);
    first?.settle(0.1);
    second?.settle(null);
    expect(budget.spending().spentUsd).toBeCloseTo(0.6, 12);
    expect(budget.reserve(0.3)).not.toBeNull();
    expect(budget.exhausted()).toBe(false);
  });

  test("begins anew at midnight UTC", () => {
    const { clock, budget } = world();
    budget.reserve(1)?.settle(1);
    expect(budget.reserve(0.1)).toBeNull();
    clock.advance(59 * 60 * SECOND);
    expect(budget.reserve(0.1)).toBeNull();
    clock.advance(60 * SECOND);
    expect(budget.exhausted()).toBe(false);
    expect(budget.spending()).toEqual({ day: Date.UTC(2026, 10, 24) / 86_400_000, spentUsd: 0 });
    expect(budget.reserve(1)).not.toBeNull();
  });

  test("counts what was spent before a restart, if that was today", () => {
    const { clock, budget } = world();
    budget.reserve(0.7)?.settle(0.7);
    const saved = budget.spending();
    expect(createDayBudget(clock, saved).spending().spentUsd).toBe(0.7);
    clock.advance(2 * HOUR);
    expect(createDayBudget(clock, saved).spending().spentUsd).toBe(0);
  });

  test("without a limit turns nothing down, and still counts", () => {
    const { budget } = world();
    budget.limit(null);
    budget.reserve(100)?.settle(100);
    expect([budget.exhausted(), budget.spending().spentUsd, budget.limitUsd()]).toEqual([false, 100, null]);
  });
});
