import { LensError } from "@lens/core";
import type { TokenizerName } from "./spec.ts";

/** Counts the tokens of a text. */
export type TokenCount = (text: string) => number;

const CHARS_PER_TOKEN = 4;
const LONGEST_COMMON_WORD = 10;
const PIECE = /[\p{L}\p{M}]+|\p{N}{1,3}|[^\s\p{L}\p{M}\p{N}]+/gu;

/** About how many tokens a text has: one for a common word or three digits, and one for every four letters of a longer word. */
export function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += piece.length <= LONGEST_COMMON_WORD ? 1 : Math.ceil(piece.length / CHARS_PER_TOKEN);
  return tokens;
}

/** A way to count tokens. Rejects with `INVALID_ARGUMENT` where the package that it takes is not installed. */
export async function openTokenizer(name: TokenizerName): Promise<TokenCount> {
  if (name === "estimate") return estimateTokens;
  throw new LensError(
    "INVALID_ARGUMENT",
    "Expected the package gpt-tokenizer, which counts tokens, to be installed. Install it, or leave the lengths to an estimate.",
  );
}
