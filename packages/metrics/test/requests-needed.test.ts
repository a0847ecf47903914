import { describe, expect, test } from "vitest";
import { type OpenQuestion, requestsNeeded } from "../src/requests-needed.ts";

const OPEN: OpenQuestion = {
  requests: 100,
  difference: 0,
  standardError: 0.05,
  degrees: Infinity,
  margin: 0.02,
  tail: 0.05,
  fewest: 0,
};

describe("the requests that are still needed", () => {
  test("tell a difference of the margin's size from nothing with 90 % power", () => {
    // (1.96 + 1.2816)² (0.05 / 0.02)² × 100 = 6,568, of which 100 are there, rounded up to two digits.
    expect(requestsNeeded(OPEN)).toBe(6500);
  });

  test("are fewer for a greater difference, of which only what is certain is counted on", () => {
    // 0.2 − 0.8416 × 0.05 = 0.1579; 3.2415² × (0.05 / 0.1579)² × 100 = 105.3.
    expect(requestsNeeded({ ...OPEN, difference: -0.2 })).toBe(6);
    expect(requestsNeeded({ ...OPEN, difference: 0.05 })).toBe(6500);
  });

  test("are more where more is tested, and where the error is less certain", () => {
    expect(requestsNeeded({ ...OPEN, tail: 0.005 })).toBeGreaterThan(10_000);
    expect(requestsNeeded({ ...OPEN, degrees: 5 })).toBeGreaterThan(9000);
  });

  test("are at least as many as an interval takes", () => {
    expect(requestsNeeded({ ...OPEN, difference: 0.5, fewest: 368 })).toBe(270);
  });

  test("are as many again where enough were sent, and the difference lies at the margin", () => {
    expect(requestsNeeded({ ...OPEN, standardError: 0.001, difference: 0.02 })).toBe(100);
  });

  test("are not known where no difference is too small to matter, and none was measured", () => {
    expect(requestsNeeded({ ...OPEN, margin: 0 })).toBeNull();
  });
});
