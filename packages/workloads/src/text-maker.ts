import type { Random } from "@lens/core";
import { openTokenizer } from "./tokenizer.ts";
import type { TokenizerName } from "./spec.ts";
import { WORDS } from "./words.ts";

/** Makes text of a wanted length. */
export interface TextMaker {
  /** So many tokens of common English words, each with a space before it. The same for the same random. */
  words(tokens: number, random: Random): string;
  /** How many tokens a text of our words and marks has, by the tokenizer or by estimate. */
  readonly countedBy: TokenizerName;
}

/** How the lengths of text are met. */
export interface TextMakerOptions {
  readonly tokenizer?: TokenizerName;
  readonly tokensPerEstimate?: number;
}

/**
 * Creates a maker of text. Each word is one token for the tokenizers of GPT, which is looked up once, so that no text needs to be counted.
 * Rejects with `INVALID_ARGUMENT` where the tokenizer is not installed.
 */
export async function createTextMaker({ tokenizer = "estimate", tokensPerEstimate = 1 }: TextMakerOptions): Promise<TextMaker> {
  const count = await openTokenizer(tokenizer);
  const vocabulary = WORDS.filter((word) => count(` ${word}`) === 1);
  return {
    countedBy: tokenizer,
    words(tokens, random) {
      const length = Math.round(tokens / (tokenizer === "estimate" ? tokensPerEstimate : 1));
      let text = "";
      for (let index = 0; index < length; index++) text += ` ${vocabulary[random.word() % vocabulary.length] ?? ""}`;
      return text;
    },
  };
}
