import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDurationNs } from "../src/index.ts";

describe("parseDurationNs", () => {
  it.each([
    ["250", 250e6],
    [250, 250e6],
    ["0.5", 0.5e6],
    ["250ms", 250e6],
    ["1.5s", 1.5e9],
    ["2m", 120e9],
    ["2min", 120e9],
    ["1m30s", 90e9],
    ["1h", 3600e9],
    ["7us", 7e3],
    ["7µs", 7e3],
    ["9ns", 9],
    [" 3s ", 3e9],
  ])("reads %s", (text, expectedNs) => {
    expect(parseDurationNs(text)).toBe(expectedNs);
  });

  it.each(["", "s", "-5ms", "5 ms s", "ten", "1e400", "NaN", "5msx", "x5ms", "5..5s"])("refuses `%s`, saying what it wants", (text) => {
    expect(() => parseDurationNs(text, "`--timeout`")).toThrow(
      /^Expected `--timeout` to be milliseconds or a duration such as 250ms, 30s or 5m, got `/,
    );
  });

  it("takes no time for hostile text", () => {
    expect(() => parseDurationNs("1".repeat(100_000))).toThrow("Expected duration");
    expect(() => parseDurationNs(`${"1s".repeat(50_000)}x`)).toThrow("Expected duration");
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0 ns"],
    [999, "999 ns"],
    [1500, "1.50 µs"],
    [999_600, "1.00 ms"],
    [12_400_000, "12.4 ms"],
    [123_456_789, "123 ms"],
    [999_700_000, "1.00 s"],
    [1.25e9, "1.25 s"],
    [125e9, "2 min 5 s"],
    [-12_400_000, "-12.4 ms"],
  ])("writes %d ns as %s", (durationNs, text) => {
    expect(formatDuration(durationNs)).toBe(text);
  });

  it("stays within half a percent of the duration", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 119e9 }), (durationNs) => {
        const shownNs = parseDurationNs(formatDuration(durationNs).replace(" ", ""));
        return Math.abs(shownNs - durationNs) <= durationNs * 0.0051;
      }),
    );
  });
});
