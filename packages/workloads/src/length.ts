import { LensError, type Random } from "@lens/core";

/**
 * How long texts are, in tokens. Each drawn length is a whole number, and no less than 1. The mean and standard deviation of `lognormal` are
 * those of the lengths themselves, not of their logarithms.
 */
export type LengthSpec =
  | { readonly distribution: "fixed"; readonly tokens: number }
  | { readonly distribution: "normal" | "lognormal"; readonly meanTokens: number; readonly stdDevTokens: number }
  /** Both ends included. */
  | { readonly distribution: "uniform"; readonly minTokens: number; readonly maxTokens: number };

const FORMS = "a number of tokens from 1 up, or normal:MEAN,STDDEV, lognormal:MEAN,STDDEV or uniform:MIN,MAX";
/** No context window is longer, and no typing error with a few digits too many passes. */
const MOST_TOKENS = 10_000_000;
const WRITTEN = /^(?:(normal|lognormal|uniform):)?(\d+(?:\.\d+)?)(?:,(\d+(?:\.\d+)?))?$/;

/** Reads a length as people type it: `1000`, `normal:1000,200`, `lognormal:1000,400`, `uniform:500,1500`. Throws `INVALID_ARGUMENT`, naming `name`. */
export function parseLength(written: string | number, name = "length"): LengthSpec {
  const [, distribution, first, second] = WRITTEN.exec(String(written).replaceAll(/\s/g, "")) ?? [];
  const found = first === undefined ? null : readLength(distribution, Number(first), second === undefined ? null : Number(second));
  if (found !== null) return found;
  throw new LensError("INVALID_ARGUMENT", `Expected ${name} to be ${FORMS}, got \`${String(written).slice(0, 60)}\`.`);
}

function readLength(distribution: string | undefined, first: number, second: number | null): LengthSpec | null {
  if (first < 1 || Math.max(first, second ?? 0) > MOST_TOKENS) return null;
  if (distribution === undefined) return second === null && Number.isInteger(first) ? { distribution: "fixed", tokens: first } : null;
  if (second === null) return null;
  if (distribution !== "uniform") {
    return { distribution: distribution === "normal" ? "normal" : "lognormal", meanTokens: first, stdDevTokens: second };
  }
  const isRange = Number.isInteger(first) && Number.isInteger(second) && second >= first;
  return isRange ? { distribution, minTokens: first, maxTokens: second } : null;
}

/** In standard deviations. */
const RARE = 4;

/** A length from a normal one, by those of its logarithm (Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions, 14.3). */
function lognormal({ meanTokens, stdDevTokens }: { readonly meanTokens: number; readonly stdDevTokens: number }, normal: number): number {
  const variance = Math.log1p((stdDevTokens / meanTokens) ** 2);
  return Math.exp(Math.log(meanTokens) - variance / 2 + Math.sqrt(variance) * normal);
}

/** Draws a length: whole, and no less than 1. */
export function drawLength(spec: LengthSpec, random: Random): number {
  switch (spec.distribution) {
    case "fixed":
      return spec.tokens;
    case "uniform":
      return spec.minTokens + Math.floor(random.uniform() * (spec.maxTokens - spec.minTokens + 1));
    case "normal":
      return atLeastOne(spec.meanTokens + spec.stdDevTokens * random.normal());
    case "lognormal":
      return atLeastOne(lognormal(spec, random.normal()));
  }
}

/** As long as lengths get: of those without an end, all but one in 30,000 are shorter. */
export function longestLength(spec: LengthSpec): number {
  switch (spec.distribution) {
    case "fixed":
      return spec.tokens;
    case "uniform":
      return spec.maxTokens;
    case "normal":
      return atLeastOne(spec.meanTokens + RARE * spec.stdDevTokens);
    case "lognormal":
      return atLeastOne(lognormal(spec, RARE));
  }
}

/** The mean of the lengths; that of those cut off at 1 is a little more. */
export function meanLength(spec: LengthSpec): number {
  switch (spec.distribution) {
    case "fixed":
      return spec.tokens;
    case "uniform":
      return (spec.minTokens + spec.maxTokens) / 2;
    case "normal":
    case "lognormal":
      return spec.meanTokens;
  }
}

const atLeastOne = (tokens: number): number => Math.max(1, Math.round(tokens));
