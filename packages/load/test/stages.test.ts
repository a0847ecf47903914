import { describe, expect, it } from "vitest";
import { levelAt, levelSteps, peakOf, stagesNs } from "../src/stages.ts";

const S = 1e9;
const UP_HOLD_DOWN = {
  from: 0,
  stages: [
    { durationNs: 2 * S, to: 4 },
    { durationNs: 10 * S, to: 4 },
    { durationNs: 4 * S, to: 2 },
  ],
};

describe("levelAt", () => {
  it.each([
    [0, 0],
    [0.5 * S, 1],
    [2 * S, 4],
    [7 * S, 4],
    [14 * S, 3],
    [16 * S, 2],
    [99 * S, 2],
  ])("is on the straight line %d ns after the beginning", (elapsedNs, level) => {
    expect(levelAt(UP_HOLD_DOWN, elapsedNs)).toBe(level);
  });
});

describe("levelSteps", () => {
  it("gives each whole level when the line reaches it", () => {
    expect([...levelSteps(UP_HOLD_DOWN)].map(({ atNs, level }) => [atNs / S, level])).toEqual([
      [0, 0],
      [0.5, 1],
      [1, 2],
      [1.5, 3],
      [2, 4],
      [14, 3],
      [16, 2],
    ]);
  });

  it("rounds to whole nanoseconds without adding up the rounding", () => {
    const steps = [...levelSteps({ from: 0, stages: [{ durationNs: 1 * S, to: 3 }] })];
    expect(steps.map(({ atNs }) => atNs)).toEqual([0, 333_333_333, 666_666_667, 1_000_000_000]);
  });

  it("is one level where there are no stages", () => {
    expect([...levelSteps({ from: 7, stages: [] })]).toEqual([{ atNs: 0, level: 7 }]);
  });
});

describe("a ramp", () => {
  it("has a length and a peak", () => {
    expect([stagesNs(UP_HOLD_DOWN.stages), peakOf(UP_HOLD_DOWN)]).toEqual([16 * S, 4]);
    expect(peakOf({ from: 9, stages: UP_HOLD_DOWN.stages })).toBe(9);
  });
});
