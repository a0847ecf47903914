import type { Random } from "@lens/core";
import type { TextOptions, TokenizerName } from "./spec.ts";
import { openTokenizer } from "./tokenizer.ts";
import { WORDS } from "./words.ts";

/** Makes text of a wanted length. */
export interface TextMaker {
  /** So many tokens of common English words, each with a space before it. The same for the same random. */
  words(tokens: number, random: Random): string;
  /** How many tokens a text has, by the tokenizer or by estimate. */
  count(text: string): number;
  readonly countedBy: TokenizerName;
}

/**
 * Creates a maker of text. Each word is one token for the tokenizers of GPT, which is looked up once, so that no text needs to be counted.
 * Rejects with `INVALID_ARGUMENT` where the tokenizer is not installed.
 */
export async function createTextMaker({ tokenizer = "estimate", tokensPerEstimate = 1 }: TextOptions): Promise<TextMaker> {
  const count = await openTokenizer(tokenizer);
  const vocabulary = WORDS.filter((word) => count(` ${word}`) === 1);
  const tokensPerWord = tokenizer === "estimate" ? tokensPerEstimate : 1;
  return {
    countedBy: tokenizer,
    count: (text) => Math.round(count(text) * tokensPerWord),
    words(tokens, random) {
      const length = Math.round(tokens / tokensPerWord);
      let text = "";
      for (let index = 0; index < length; index++) text += ` ${vocabulary[random.word() % vocabulary.length] ?? ""}`;
      return text;
    },
  };
}
