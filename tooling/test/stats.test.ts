import { describe, expect, test } from "vitest";
import { MODELS } from "../bench/stats/models.mjs";
import { apart, askAndCompare, compareAlike, interleaved } from "../bench/stats/trials.mjs";

/** Fewer and coarser trials than `pnpm bench:stats` makes; all of them are seeded. */
const TRIALS = { trials: 200, resamples: 400 };
const models = Object.entries(MODELS);

describe.each(models)("with %s latencies", (_, model) => {
  test.each([
    ["one after the other", apart, 100],
    ["one after the other", apart, 300],
    ["by turns", interleaved, 300],
  ] as const)("what does not differ, measured %s, is hardly ever called different (%#)", (_order, design, requests) => {
    const { called, missed, worth } = compareAlike(design(model, requests, 1), TRIALS);
    expect(called).toBeLessThanOrEqual(0.05);
    // Three standard deviations of so many trials above 5 %.
    expect(missed).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / TRIALS.trials));
    expect(worth).toBeLessThanOrEqual(requests);
  });

  test("as many requests as are asked for show that a median is slower by 10 %", () => {
    const { power, asked } = askAndCompare((requests) => apart(model, requests, 1.1), 200, { trials: 40, resamples: 400 });
    expect(asked).toBeGreaterThan(15);
    expect(power).toBeGreaterThanOrEqual(0.9);
  });
});

test("requests that follow slow ones are worth fewer, unless two targets share their times", () => {
  const { autocorrelated, lognormal } = MODELS;
  expect(compareAlike(apart(autocorrelated, 300, 1), { ...TRIALS, trials: 20 }).worth).toBeLessThan(80);
  expect(compareAlike(interleaved(autocorrelated, 300, 1), { ...TRIALS, trials: 20 }).worth).toBeGreaterThan(250);
  expect(compareAlike(apart(lognormal, 300, 1), { ...TRIALS, trials: 20 }).worth).toBeGreaterThan(200);
});
