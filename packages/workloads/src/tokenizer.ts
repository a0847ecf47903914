import { LensError } from "@lens/core";
import type { TokenizerName } from "./spec.ts";

/** Counts the tokens of a text. */
export type TokenCount = (text: string) => number;

const CHARS_PER_TOKEN = 4;
const LONGEST_COMMON_WORD = 10;
const PIECE = /[\p{L}\p{M}]+|\p{N}{1,3}|[^\s\p{L}\p{M}\p{N}]+/gu;

/** About how many tokens a text has: one for a common word or three digits, and one for every four letters of a longer word. */
function estimateTokens(text: string): number {
  let tokens = 0;
  for (const [piece] of text.matchAll(PIECE)) tokens += piece.length <= LONGEST_COMMON_WORD ? 1 : Math.ceil(piece.length / CHARS_PER_TOKEN);
  return tokens;
}

/** Null where gpt-tokenizer is not installed. */
async function loadGpt(): Promise<TokenCount | null> {
  try {
    const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
    // Text that looks like one of the tokenizer's own marks is text, as it is for the API.
    return (text) => countTokens(text, { disallowedSpecial: new Set() });
  } catch {
    return null;
  }
}

/** Whether the package that a tokenizer takes is installed. */
export async function isInstalled(name: TokenizerName): Promise<boolean> {
  return name === "estimate" || (await loadGpt()) !== null;
}

/** A way to count tokens. Rejects with `INVALID_ARGUMENT` where the package that it takes is not installed. */
export async function openTokenizer(name: TokenizerName): Promise<TokenCount> {
  const count = name === "estimate" ? estimateTokens : await loadGpt();
  if (count !== null) return count;
  throw new LensError(
    "INVALID_ARGUMENT",
    "Expected the package gpt-tokenizer, which counts tokens, to be installed. Install it, or leave the lengths to an estimate.",
  );
}
