import { createHash } from "node:crypto";
import { createRandom, type Random } from "@lens/core";

const digest = (parts: readonly (string | number)[]): Buffer => createHash("sha256").update(parts.join("/")).digest();

/** A generator that depends on what it is for, and on nothing drawn before: the same parts give the same numbers on every machine. */
export function randomFor(...parts: readonly (string | number)[]): Random {
  const bytes = digest(parts);
  return createRandom(bytes.readUIntBE(0, 6), bytes.readUInt32BE(6));
}

const MARK_DIGITS = 16;

/** How many tokens a mark takes: the tokenizers of GPT and Llama take three digits for one. */
export const MARK_TOKENS = 6;

/** Sixteen digits, which no other parts give: of a million marks, two are the same with a chance of 1 in 20,000. */
export function markFor(...parts: readonly (string | number)[]): string {
  const drawn = digest(parts).readBigUInt64BE() % 10n ** BigInt(MARK_DIGITS);
  return String(drawn).padStart(MARK_DIGITS, "0");
}
