import type { Random } from "@lens/core";

/**
 * How a number is drawn: always the same; lognormal, given by its median and the standard deviation of its logarithm; or a list, in turn
 * and from the start again.
 */
export type Draw = number | { readonly median: number; readonly sigma: number } | readonly number[];

/** One number of a `Draw`; `turn` counts the draws of a list. */
export function drawNumber(draw: Draw, random: Random, turn: number): number {
  if (typeof draw === "number") return draw;
  if ("median" in draw) return draw.median * Math.exp(draw.sigma * random.normal());
  return draw[turn % draw.length] ?? 0;
}
