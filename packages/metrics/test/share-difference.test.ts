import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fisherExact, type Hits, shareDifferenceInterval } from "../src/share-difference.ts";

const of = (hits: number, count: number): Hits => ({ hits, count });

function choose(n: number, k: number): bigint {
  if (k < 0 || k > n) return 0n;
  let ways = 1n;
  for (let i = 1n; i <= BigInt(k); i += 1n) ways = (ways * (BigInt(n) - i + 1n)) / i;
  return ways;
}

describe("Fisher's exact test", () => {
  test("of the lady who tasted three of four cups right", () => {
    expect(fisherExact(of(3, 4), of(1, 4))).toBeCloseTo(34 / 70, 12);
  });

  test("of the convictions of twins of criminals (Fisher 1935)", () => {
    expect(fisherExact(of(10, 13), of(2, 17))).toBeCloseTo(0.0005367, 7);
  });

  test("sums, in whole numbers, all tables that are no likelier", () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(40), fc.nat(40), fc.nat(40), (a, b, c, d) => {
        const ways = (hits: number): bigint => choose(a + b, hits) * choose(c + d, a + c - hits);
        let tail = 0n;
        for (let hits = 0; hits <= a + c; hits += 1) if (ways(hits) <= ways(a)) tail += ways(hits);
        const exact = Number((tail * 10n ** 12n) / choose(a + b + c + d, a + c)) / 1e12;
        expect(fisherExact(of(a, a + b), of(c, c + d))).toBeCloseTo(exact, 6);
      }),
    );
  });

  test("stays finite for a million requests", () => {
    expect(fisherExact(of(5000, 1e6), of(5000, 1e6))).toBeCloseTo(1, 6);
    expect(fisherExact(of(5000, 1e6), of(6000, 1e6))).toBeLessThan(1e-15);
    expect(fisherExact(of(0, 1e6), of(0, 1e6))).toBe(1);
  });
});

describe("the interval of a difference of shares", () => {
  // Newcombe 1998, table II, method 10. He subtracts the other way round.
  test.each([
    [of(48, 80), of(56, 70), 0.0524, 0.3339],
    [of(3, 10), of(9, 10), 0.1705, 0.809],
    [of(2, 7), of(6, 7), 0.0582, 0.8062],
    [of(0, 29), of(5, 56), -0.0381, 0.1926],
    [of(0, 20), of(0, 10), -0.1611, 0.2775],
    [of(0, 10), of(0, 10), -0.2775, 0.2775],
    [of(0, 10), of(10, 10), 0.6075, 1],
  ])("from %j to %j is %s to %s", (base, candidate, lower, upper) => {
    const interval = shareDifferenceInterval(base, candidate, 0.95);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });

  test("says nothing without requests", () => {
    expect(shareDifferenceInterval(of(0, 0), of(1, 2), 0.95)).toEqual({ lower: null, upper: null });
  });
});
