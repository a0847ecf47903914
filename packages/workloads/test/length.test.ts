import { createRandom } from "@lens/core";
import { describe, expect, it } from "vitest";
import { drawLength, longestLength, meanLength, parseLength } from "../src/length.ts";

const draw = (written: string | number, count = 20_000): readonly number[] => {
  const random = createRandom(1, 1);
  const spec = parseLength(written);
  return Array.from({ length: count }, () => drawLength(spec, random));
};

function momentsOf(values: readonly number[]): readonly [number, number] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [mean, Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)];
}

describe("a length", () => {
  it("is a number, or drawn from a distribution", () => {
    expect(parseLength("1000")).toEqual({ distribution: "fixed", tokens: 1000 });
    expect(parseLength(12)).toEqual({ distribution: "fixed", tokens: 12 });
    expect(parseLength("normal:1000,200")).toEqual({ distribution: "normal", meanTokens: 1000, stdDevTokens: 200 });
    expect(parseLength("lognormal: 1000, 400.5")).toEqual({ distribution: "lognormal", meanTokens: 1000, stdDevTokens: 400.5 });
    expect(parseLength("uniform:1,9")).toEqual({ distribution: "uniform", minTokens: 1, maxTokens: 9 });
  });

  it.each(["0", "0.5", "1.5", "-1", "", "abc", "normal:0,1", "normal:5", "1,2", "uniform:5,4", "uniform:0,4", "gamma:1,2", "99999999"])(
    "cannot be `%s`",
    (written) => {
      expect(() => parseLength(written, "`--input-tokens`")).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
      expect(() => parseLength(written, "`--input-tokens`")).toThrow("Expected `--input-tokens` to be a number of tokens from 1 up");
    },
  );

  it("has the mean and the deviation that it was given", () => {
    const [mean, deviation] = momentsOf(draw("normal:1000,200"));
    expect(Math.abs(mean - 1000)).toBeLessThan(6);
    expect(Math.abs(deviation - 200)).toBeLessThan(5);
    const [logMean, logDeviation] = momentsOf(draw("lognormal:1000,400"));
    expect(Math.abs(logMean - 1000)).toBeLessThan(12);
    expect(Math.abs(logDeviation - 400)).toBeLessThan(20);
  });

  it("is whole, and at least 1", () => {
    const drawn = draw("normal:2,50");
    expect(drawn.every((length) => Number.isInteger(length) && length >= 1)).toBe(true);
    const uniform = draw("uniform:3,5");
    expect(new Set(uniform)).toEqual(new Set([3, 4, 5]));
  });

  it("is hardly ever longer than is reckoned with", () => {
    for (const written of ["7", "uniform:3,5", "normal:1000,200", "lognormal:1000,400"]) {
      const most = longestLength(parseLength(written));
      expect(draw(written).filter((length) => length > most).length).toBeLessThan(5);
      expect(meanLength(parseLength(written))).toBeLessThanOrEqual(most);
    }
  });
});
