import { describe, expect, test } from "vitest";
import { parseLevels, runSweep } from "../src/index.ts";

const concurrency = { name: "--concurrency", whole: true };
const rate = { name: "--rate", whole: false };

describe("levels", () => {
  test.each([
    ["8", [8]],
    ["1,2,4..64", [1, 2, 4, 8, 16, 32, 64]],
    ["4..60", [4, 8, 16, 32, 60]],
    ["1..100 x2", [1, 2, 4, 8, 16, 32, 64, 100]],
    ["1..100x10", [1, 10, 100]],
    ["10..50 +10", [10, 20, 30, 40, 50]],
    ["10..45 + 10", [10, 20, 30, 40, 45]],
    [" 16, 1 , 4 ", [1, 4, 16]],
    ["4,4,2..8", [2, 4, 8]],
    ["4..10 x1.5", [4, 6, 9, 10]],
    ["5..5", [5]],
  ])("%s are %j", (written, levels) => {
    expect(parseLevels(written, concurrency)).toEqual(levels);
  });

  test("of rates may be fractions, without those of floating point", () => {
    expect(parseLevels("0.5..4", rate)).toEqual([0.5, 1, 2, 4]);
    expect(parseLevels("0.1..0.5 +0.1", rate)).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  test.each([
    ["", "levels above 0 such as 1,2,4..64"],
    ["1,,2", "levels above 0"],
    ["0..8", "levels above 0"],
    ["-1", "levels above 0"],
    ["1...8", "levels above 0"],
    ["many", "--concurrency to be levels above 0"],
    ["8..4", "from the smaller to the larger"],
    ["1..8 x1", "a factor above 1"],
    ["1..8 +0", "a step above 0"],
    ["1.5", "whole numbers"],
    ["1..1000000 +1", "at most 100 levels"],
    ["1..60 +1, 61..130 +1", "at most 100 levels, got `130 levels`"],
  ])("`%s` are refused", (written, message) => {
    expect(() => parseLevels(written, concurrency)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) }),
    );
  });
});

describe("a sweep", () => {
  test("measures level after level", async () => {
    const log: string[] = [];
    const { steps, stoppedBy } = await runSweep({
      levels: [1, 2, 4],
      probe: async (level) => {
        log.push(`probe ${level}`);
        return level * 10;
      },
      onLevel: ({ level, result }) => void log.push(`level ${level}: ${result}`),
    });
    expect(steps).toEqual([
      { level: 1, result: 10 },
      { level: 2, result: 20 },
      { level: 4, result: 40 },
    ]);
    expect(stoppedBy).toBeNull();
    expect(log).toEqual(["probe 1", "level 1: 10", "probe 2", "level 2: 20", "probe 4", "level 4: 40"]);
  });

  test("stops when it has seen enough", async () => {
    const sweep = await runSweep({
      levels: [1, 2, 4, 8],
      probe: (level) => Promise.resolve(level / 10),
      isEnough: ({ result }) => result > 0.15,
    });
    expect(sweep).toEqual({
      steps: [
        { level: 1, result: 0.1 },
        { level: 2, result: 0.2 },
      ],
      stoppedBy: "enough",
    });
  });

  test("begins no further level once it is told to stop, and keeps the one that was measured", async () => {
    const stop = new AbortController();
    const { steps, stoppedBy } = await runSweep({
      levels: [1, 2, 4],
      probe: async (level, signal) => {
        if (level === 2) stop.abort();
        return signal?.aborted;
      },
      signal: stop.signal,
    });
    expect(steps.map(({ result }) => result)).toEqual([false, true]);
    expect(stoppedBy).toBe("signal");
  });

  test("rejects as its probe does, and without levels", async () => {
    await expect(runSweep({ levels: [1], probe: () => Promise.reject(new Error("no")) })).rejects.toThrow("no");
    await expect(runSweep({ levels: [], probe: () => Promise.resolve(0) })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });
});
