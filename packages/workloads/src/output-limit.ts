import { randomFor } from "./chance.ts";
import { drawLength, type LengthSpec } from "./length.ts";
import type { Asked } from "./source.ts";

/** The limit on the output tokens of a request, as a prompt says it; nothing where none is wanted. */
export interface OutputLimit {
  readonly maxTokens?: number;
}

/** Draws the limit for a request. */
export function drawLimit(outputTokens: LengthSpec | null, seed: number, { phase, turn }: Asked): OutputLimit {
  return outputTokens === null ? {} : { maxTokens: drawLength(outputTokens, randomFor(seed, "output", phase, turn)) };
}
