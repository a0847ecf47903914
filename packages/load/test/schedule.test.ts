import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dueTimes } from "../src/arrivals.ts";
import { type Arrivals, type LoadPlan, type OpenPlan, type PlannedRequest, planRequests, resolvePlan, type Stage } from "../src/index.ts";

const S = 1e9;

const take = (arrivals: Arrivals, count: number, seed = 1): readonly number[] => {
  const due: number[] = [];
  for (const dueNs of dueTimes(arrivals, seed)) {
    if (due.length === count) break;
    due.push(dueNs);
  }
  return due;
};

const planOpen = (arrivals: Arrivals, rest: Omit<LoadPlan, "load"> = {}): OpenPlan =>
  resolvePlan({ load: { mode: "open", arrivals }, ...rest }) as OpenPlan;

/** All requests of a part, and what ended them. */
function walk(plan: OpenPlan, part = { index: 0, of: 1 }): { readonly requests: readonly PlannedRequest[]; readonly end: string } {
  const planned = planRequests(plan, part);
  const requests: PlannedRequest[] = [];
  for (;;) {
    const step = planned.next();
    if (step.done === true) return { requests, end: step.value };
    requests.push(step.value);
  }
}

const gapsOf = (due: readonly number[]): readonly number[] => due.slice(1).map((dueNs, index) => dueNs - (due[index] ?? 0));
const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const variationOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2))) / mean;
};

const ratePerSecond = fc.double({ min: 0.01, max: 10_000, noNaN: true });
const level = fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 2_000, noNaN: true }));
const stage = fc.record({ durationNs: fc.integer({ min: 1, max: 20 * S }), to: level });

describe("dueTimes at a constant rate", () => {
  it("is i × 1e9 / rate, rounded", () => {
    expect(take({ process: "constant", ratePerSecond: 3 }, 5)).toEqual([0, 333_333_333, 666_666_667, 1_000_000_000, 1_333_333_333]);
    fc.assert(
      fc.property(ratePerSecond, (rate) => {
        const due = take({ process: "constant", ratePerSecond: rate }, 200);
        expect(due).toEqual(due.map((_, index) => Math.round((index * 1e9) / rate)));
      }),
    );
  });

  it("has not drifted by a nanosecond after a million requests", () => {
    let index = 0;
    let last = 0;
    for (const dueNs of dueTimes({ process: "constant", ratePerSecond: 7 }, 1)) {
      last = dueNs;
      if (index === 1_000_000) break;
      index += 1;
    }
    expect(last).toBe(Math.round(1e15 / 7));
  });
});

describe("dueTimes at a changing rate", () => {
  it("inverts the cumulative rate exactly: on a ramp from 0 to 10 in 10 s the count is t² / 2", () => {
    const due = take({ process: "constant", ratePerSecond: 0, stages: [{ durationNs: 10 * S, to: 10 }] }, 71);
    expect(due.slice(0, 51)).toEqual(Array.from({ length: 51 }, (_, count) => Math.round(Math.sqrt(2 * count) * 1e9)));
    expect(due[60]).toBe(11 * S);
    expect(due[70]).toBe(12 * S);
  });

  it("waits through a stage without requests, and ends where the rate falls to 0 for good", () => {
    const pause: readonly Stage[] = [
      { durationNs: 1 * S, to: 2 },
      { durationNs: 1, to: 0 },
      { durationNs: 5 * S, to: 0 },
      { durationNs: 1, to: 2 },
      { durationNs: 1 * S, to: 2 },
      { durationNs: 1 * S, to: 0 },
    ];
    const due = take({ process: "constant", ratePerSecond: 2, stages: pause }, 100);
    expect(due.slice(0, 3)).toEqual([0, 0.5 * S, 1 * S]);
    expect(due[3]).toBeGreaterThan(6 * S);
    expect(due).toHaveLength(6);
  });

  it("has the expected count at every moment, for any ramp", () => {
    fc.assert(
      fc.property(level, fc.array(stage, { minLength: 1, maxLength: 5 }), (from, stages) => {
        const countAt = (atNs: number): number => {
          let count = 0;
          let startNs = 0;
          let rate = from;
          for (const { durationNs, to } of stages) {
            const inside = Math.min(durationNs, Math.max(0, atNs - startNs));
            const rateInside = rate + ((to - rate) * inside) / durationNs;
            count += (((rate + rateInside) / 2) * inside) / 1e9;
            startNs += durationNs;
            rate = to;
          }
          return count + (rate * Math.max(0, atNs - startNs)) / 1e9;
        };
        for (const [index, dueNs] of take({ process: "constant", ratePerSecond: from, stages }, 50).entries()) {
          // Half a nanosecond of rounding is worth so much of a request at the highest rate.
          expect(Math.abs(countAt(dueNs) - index)).toBeLessThan(1e-5);
        }
      }),
    );
  });
});

describe("random dueTimes", () => {
  it.each<[string, Arrivals, number]>([
    ["poisson", { process: "poisson", ratePerSecond: 50 }, 1],
    ["gamma of burstiness 0.25", { process: "gamma", ratePerSecond: 50, burstiness: 0.25 }, 2],
    ["gamma of burstiness 1", { process: "gamma", ratePerSecond: 50, burstiness: 1 }, 1],
    ["gamma of burstiness 4", { process: "gamma", ratePerSecond: 50, burstiness: 4 }, 0.5],
  ])("have the rate and the variation of %s", (_, arrivals, variation) => {
    const gaps = gapsOf(take(arrivals, 40_000, 3));
    expect(meanOf(gaps) / (S / 50)).toBeCloseTo(1, 1);
    expect(variationOf(gaps) / variation).toBeCloseTo(1, 1);
  });

  it("repeat with their seed, and differ with another", () => {
    const arrivals: Arrivals = { process: "poisson", ratePerSecond: 10 };
    expect(take(arrivals, 100, 5)).toEqual(take(arrivals, 100, 5));
    expect(take(arrivals, 100, 5)).not.toEqual(take(arrivals, 100, 6));
  });

  it("never go back in time, and are whole nanoseconds", () => {
    fc.assert(
      fc.property(
        ratePerSecond,
        fc.double({ min: 0.05, max: 20, noNaN: true }),
        fc.nat(),
        fc.array(stage, { maxLength: 3 }),
        (rate, burstiness, seed, stages) => {
          const due = take({ process: "gamma", ratePerSecond: rate, burstiness, stages }, 100, seed);
          expect(due.every((dueNs) => Number.isSafeInteger(dueNs) && dueNs >= 0)).toBe(true);
          expect(gapsOf(due).every((gap) => gap >= 0)).toBe(true);
        },
      ),
    );
  });
});

describe("planRequests", () => {
  const constant: Arrivals = { process: "constant", ratePerSecond: 1 };
  const phasesOf = (requests: readonly PlannedRequest[]): string => requests.map(({ phase }) => phase.charAt(0)).join("");

  it("ends after the measured requests", () => {
    const { requests, end } = walk(planOpen(constant, { requests: 3 }));
    expect(requests.map(({ dueNs }) => dueNs / S)).toEqual([0, 1, 2]);
    expect(end).toBe("requests");
  });

  it("ends with the duration, whose last instant is no longer part of it", () => {
    const { requests, end } = walk(planOpen(constant, { durationNs: 3 * S }));
    expect(requests.map(({ dueNs }) => dueNs / S)).toEqual([0, 1, 2]);
    expect(end).toBe("duration");
  });

  it("tells warm-up and drain apart, counted in requests or in time", () => {
    expect(phasesOf(walk(planOpen(constant, { warmup: { requests: 2 }, requests: 3, drain: { requests: 1 } })).requests)).toBe("wwmmmd");
    expect(
      phasesOf(walk(planOpen(constant, { warmup: { durationNs: 2 * S }, durationNs: 3 * S, drain: { durationNs: 1 * S } })).requests),
    ).toBe("wwmmmd");
    expect(phasesOf(walk(planOpen(constant, { warmup: { requests: 2 }, durationNs: 1.5 * S, drain: { requests: 2 } })).requests)).toBe(
      "wwmmdd",
    );
  });

  it("cuts warm-up and drain from the ends of the stages", () => {
    const arrivals: Arrivals = {
      process: "constant",
      ratePerSecond: 1,
      stages: [
        { durationNs: 2 * S, to: 1 },
        { durationNs: 4 * S, to: 1 },
      ],
    };
    const { requests, end } = walk(planOpen(arrivals, { warmup: { durationNs: 2 * S }, drain: { durationNs: 1 * S } }));
    expect(phasesOf(requests)).toBe("wwmmmd");
    expect(end).toBe("duration");
  });

  it("takes timestamps as they are, and ends with them", () => {
    const { requests, end } = walk(planOpen({ process: "timestamps", atNs: [0, 5, 5, 9] }));
    expect(requests.map(({ index, dueNs }) => [index, dueNs])).toEqual([
      [0, 0],
      [1, 5],
      [2, 5],
      [3, 9],
    ]);
    expect(end).toBe("requests");
  });

  it("ends by itself where the rate falls to 0", () => {
    const { requests, end } = walk(
      planOpen({ process: "constant", ratePerSecond: 2, stages: [{ durationNs: 2 * S, to: 0 }] }, { requests: 100 }),
    );
    expect(requests).toHaveLength(3);
    expect(end).toBe("duration");
  });

  it("deals the same schedule out to its parts, each request to one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.nat(), (of, seed) => {
        const plan = planOpen({ process: "poisson", ratePerSecond: 100 }, { warmup: { requests: 5 }, requests: 50, seed });
        const dealt = Array.from({ length: of }, (_, index) => walk(plan, { index, of }).requests).flat();
        expect(dealt.toSorted((a, b) => a.index - b.index)).toEqual(walk(plan).requests);
      }),
    );
  });
});
