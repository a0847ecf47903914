import { LensError, type Target } from "@lens/core";
import type { PriceBook, Slo } from "@lens/metrics";

/** How requests are told of as they end. */
export interface LiveOptions {
  /** Prices the requests (`loadPriceBook`); all are unpriced without it. */
  readonly priceBook?: PriceBook | null;
  /** What a good request is; none are judged without it. */
  readonly slo?: Slo | null;
  /** How many targets (provider, model and label) are told apart; all further ones are told of as `(others)`. 64 unless given. */
  readonly maxTargets?: number;
}

export const DEFAULT_MAX_TARGETS = 64;
const OTHERS: Target = { provider: "(others)", model: "(others)", label: "(others)", origin: null };

/**
 * Makes something for each target, and no more than `most` times: names that come from outside must fill neither the memory nor whoever stores the
 * metrics. Nothing makes way for what is new, since a counter that goes and comes back is no counter. Throws `INVALID_ARGUMENT` unless `most` is a whole
 * number from 1 up.
 */
export function forEachTarget<T>(most: number, make: (target: Target) => T): (target: Target) => T {
  if (!Number.isSafeInteger(most) || most < 1)
    throw new LensError("INVALID_ARGUMENT", `Expected \`maxTargets\` to be a whole number from 1 up, got \`${most}\`.`);
  const known = new Map<string, T>();
  let others: T | null = null;
  return (target) => {
    const { provider, model, label } = target;
    const key = `${provider}\n${model}\n${label}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    if (known.size >= most) return (others ??= make(OTHERS));
    const made = make(target);
    known.set(key, made);
    return made;
  };
}
