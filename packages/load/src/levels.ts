import { LensError } from "@lens/core";

/** How levels are read. */
export interface ParseLevelsOptions {
  /** What error messages call them, such as `--concurrency`. */
  readonly name: string;
  /** Whether only whole numbers will do, as for concurrency. */
  readonly whole: boolean;
}

const MOST_LEVELS = 100;
const PART = /^(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?) ?(?:([x×*+]) ?(\d+(?:\.\d+)?))?)?$/;
/** Keeps 0.1 + 0.2 from being a level of its own beside 0.3. */
const DIGITS = 12;

function refuse({ name }: ParseLevelsOptions, expected: string, got: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${name} to be ${expected}, got \`${got.slice(0, 60)}\`.`);
}

/** One part: a number, or a range that always ends in its upper bound. */
function readPart(part: string, options: ParseLevelsOptions): readonly number[] {
  const [, from, to, sign, by] = PART.exec(part) ?? [];
  const first = Number(from ?? Number.NaN);
  const last = Number(to ?? first);
  const step = Number(by ?? 2);
  if (!(first > 0)) return refuse(options, "levels above 0 such as 1,2,4..64, 1..100 x2 or 10..100 +10", part);
  if (last < first) return refuse(options, "ranges from the smaller to the larger number", part);
  if (sign === "+" ? step <= 0 : step <= 1) return refuse(options, "ranges with a factor above 1 or a step above 0", part);
  const levels: number[] = [];
  const at = (index: number): number => (sign === "+" ? first + index * step : first * step ** index);
  for (let index = 0; at(index) < last * (1 - 1e-9); index += 1) {
    if (index >= MOST_LEVELS) return refuse(options, `at most ${MOST_LEVELS} levels`, part);
    levels.push(options.whole ? Math.round(at(index)) : Number(at(index).toPrecision(DIGITS)));
  }
  return [...levels, last];
}

/**
 * Reads the levels of a sweep, ascending and without repeats: numbers and ranges with commas between them. `4..64` doubles (4, 8, 16, 32, 64),
 * `1..100 x3` goes by another factor, `10..100 +10` by steps; a range always ends in its upper bound. Throws `INVALID_ARGUMENT` for
 * anything else, and for more than 100 levels.
 */
export function parseLevels(written: string, options: ParseLevelsOptions): readonly number[] {
  const parts = written.split(",").map((part) => part.trim().replace(/\s+/g, " "));
  const levels = [...new Set(parts.flatMap((part) => readPart(part, options)))].toSorted((a, b) => a - b);
  const fraction = levels.find((level) => options.whole && !Number.isSafeInteger(level));
  if (fraction !== undefined) refuse(options, "whole numbers", String(fraction));
  if (levels.length > MOST_LEVELS) refuse(options, `at most ${MOST_LEVELS} levels`, `${levels.length} levels`);
  return levels;
}
