import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { criticalValue, twoSidedTail } from "../src/student.ts";

describe("Student's distribution", () => {
  // The tables of any textbook, two-sided.
  test.each([
    [1, 0.05, 12.706],
    [2, 0.05, 4.303],
    [3, 0.01, 5.841],
    [5, 0.05, 2.571],
    [10, 0.05, 2.228],
    [15, 0.05, 2.131],
    [23, 0.05, 2.069],
    [30, 0.01, 2.75],
    [120, 0.05, 1.98],
    [Infinity, 0.05, 1.96],
    [Infinity, 0.01, 2.576],
    [Infinity, 0.001, 3.291],
  ])("of %s degrees of freedom exceeds with a chance of %s at least %s", (degrees, tail, critical) => {
    expect(criticalValue(tail, degrees)).toBeCloseTo(critical, 3);
    expect(twoSidedTail(-criticalValue(tail, degrees), degrees)).toBeCloseTo(tail, 9);
  });

  test("is the Cauchy distribution for one degree of freedom, and has a formula for two", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 50, noNaN: true }), (t) => {
        expect(twoSidedTail(t, 1)).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(t), 7);
        expect(twoSidedTail(t, 2)).toBeCloseTo(1 - t / Math.sqrt(2 + t * t), 7);
      }),
    );
  });

  test("nears the normal one, as its density says, with many degrees of freedom", () => {
    let sum = 0;
    const step = 1e-4;
    for (let z = 1.3 + step / 2; z < 9; z += step) sum += Math.exp((-z * z) / 2) * step;
    const tail = (2 * sum) / Math.sqrt(2 * Math.PI);
    expect(twoSidedTail(1.3)).toBeCloseTo(tail, 8);
    expect(twoSidedTail(1.3, 1e6)).toBeCloseTo(tail, 6);
  });

  test("is smooth where the normal distribution's two formulas meet, and right far out", () => {
    expect(twoSidedTail(2.4999999999)).toBeCloseTo(twoSidedTail(2.5), 10);
    expect(twoSidedTail(6) / 1.9731752900753e-9).toBeCloseTo(1, 9);
    expect(twoSidedTail(Infinity)).toBe(0);
    expect(twoSidedTail(0)).toBe(1);
    expect(twoSidedTail(0, 7)).toBe(1);
  });
});
