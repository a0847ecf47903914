import { describe, expect, it } from "vitest";
import { createRandom, type Random } from "../src/index.ts";

const take = (random: Random, count: number): readonly number[] => Array.from({ length: count }, () => random.word());

describe("createRandom", () => {
  it("gives the same numbers for the same seed and stream, on every machine", () => {
    expect(take(createRandom(7, 3), 4)).toEqual(take(createRandom(7, 3), 4));
    expect(take(createRandom(1, 0), 3)).toEqual([2719816156, 329822289, 138300035]);
  });

  it("gives others for another seed or stream, seeds beyond 32 bits included", () => {
    const first = (seed: number, stream: number): number | undefined => take(createRandom(seed, stream), 1)[0];
    const values = [first(1, 0), first(2, 0), first(1, 1), first(1 + 2 ** 32, 0)];
    expect(new Set(values).size).toBe(4);
  });

  it("is uniform from 0 up to 1, and normal with mean 0 and deviation 1", () => {
    const random = createRandom(5, 0);
    const uniform = Array.from({ length: 20_000 }, () => random.uniform());
    const normal = Array.from({ length: 20_000 }, () => random.normal());
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1);
  });
});
