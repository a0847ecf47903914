import { describe, expect, test } from "vitest";
import { findKnee } from "../src/index.ts";

describe("the knee", () => {
  const points = (latencies: Readonly<Record<number, number | null>>) =>
    Object.entries(latencies).map(([level, latencyNs]) => ({ level: Number(level), latencyNs }));

  test("of a server with 4 slots of 500 ms, by concurrency, is at 4", () => {
    expect(findKnee(points({ 1: 500, 2: 500, 4: 500, 8: 1000, 16: 2000, 32: 4000, 64: 8000 }))).toBe(4);
  });

  test("of a queue that overflows, by rate, is the last rate that it carried", () => {
    expect(findKnee(points({ 1: 500, 2: 500, 3: 505, 4: 510, 5: 530, 6: 560, 7: 640, 8: 2000, 9: 15_000, 10: 30_000 }))).toBe(7);
  });

  test("does not depend on the order of the points, and passes over unknown ones", () => {
    expect(findKnee(points({ 1: 500, 2: null, 4: 510, 8: 1000, 16: 2000, 32: null }).toReversed())).toBe(4);
  });

  test.each<[string, Readonly<Record<number, number | null>>]>([
    ["two points", { 1: 500, 2: 5000 }],
    ["flat latency", { 1: 500, 2: 490, 4: 510, 8: 530 }],
    ["latency in proportion to load from the start", { 1: 100, 2: 200, 4: 400, 8: 800 }],
    ["latency that rises less and less", { 1: 100, 2: 400, 4: 600, 8: 700 }],
    ["no latency at all", { 1: null, 2: null, 4: null }],
  ])("is null for %s", (_, latencies) => {
    expect(findKnee(points(latencies))).toBeNull();
  });
});
