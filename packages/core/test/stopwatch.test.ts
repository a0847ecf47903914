import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { createStopwatch, measure, measureAsync } from "../src/index.ts";

describe("createStopwatch", () => {
  it("keeps named checkpoints with their distance from the start and from each other", () => {
    const clock = createVirtualClock({ startNs: 1000n });
    const stopwatch = createStopwatch(clock);
    clock.advance(30);
    stopwatch.checkpoint("read");
    clock.advance(12);
    stopwatch.checkpoint("parsed");
    clock.advance(8);
    expect(stopwatch.read()).toEqual({
      totalNs: 50,
      checkpoints: [
        { name: "read", atNs: 30, sinceLastNs: 30 },
        { name: "parsed", atNs: 42, sinceLastNs: 12 },
      ],
    });
  });

  it("goes on after it was read", () => {
    const clock = createVirtualClock();
    const stopwatch = createStopwatch(clock);
    clock.advance(5);
    expect(stopwatch.read().totalNs).toBe(5);
    clock.advance(5);
    expect(stopwatch.read().totalNs).toBe(10);
  });
});

describe("measure", () => {
  it("returns the value, the time and the checkpoints", () => {
    const clock = createVirtualClock();
    const measured = measure((checkpoint) => {
      clock.advance(20);
      checkpoint("half");
      clock.advance(20);
      return "done";
    }, clock);
    expect(measured).toEqual({ value: "done", totalNs: 40, checkpoints: [{ name: "half", atNs: 20, sinceLastNs: 20 }] });
  });

  it("lets what the work throws pass", () => {
    expect(() =>
      measure(() => {
        throw new RangeError("mine");
      }),
    ).toThrow(RangeError);
  });

  it("uses the system's clock unless given another", () => {
    expect(measure(() => 1).totalNs).toBeGreaterThanOrEqual(0);
  });
});

describe("measureAsync", () => {
  it("measures until the promise settles", async () => {
    const clock = createVirtualClock();
    const measured = await measureAsync(async (checkpoint) => {
      await clock.sleepUntil(100n);
      checkpoint("slept");
      await clock.sleepUntil(250n);
      return 7;
    }, clock);
    expect(measured).toEqual({ value: 7, totalNs: 250, checkpoints: [{ name: "slept", atNs: 100, sinceLastNs: 100 }] });
  });

  it("rejects with what the work rejects with", async () => {
    await expect(measureAsync(() => Promise.reject(new RangeError("mine")))).rejects.toThrow(RangeError);
  });
});
