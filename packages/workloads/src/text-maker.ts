import { createRandom, type Random } from "@lens/core";
import type { TextOptions, TokenizerName } from "./spec.ts";
import { openTokenizer } from "./tokenizer.ts";
import { WORDS } from "./words.ts";

/** Makes text of a wanted length. */
export interface TextMaker {
  /** So many tokens of common English words, each with a space before it. The same for the same random, of which a shorter text is the beginning of a longer one. */
  words(tokens: number, random: Random): string;
  /** How many tokens a text has, by the tokenizer or by estimate. */
  count(text: string): number;
  readonly countedBy: TokenizerName;
}

const BLOCKS = 256;
const BLOCK_WORDS = 64;

/** Words in a row, made once: a prompt of 100,000 words is then put together of them before any socket has to wait for it. */
function createBlocks(vocabulary: readonly string[]): readonly string[] {
  return Array.from({ length: BLOCKS }, (_, stream) => {
    const random = createRandom(0, stream);
    return Array.from({ length: BLOCK_WORDS }, () => ` ${drawFrom(vocabulary, random)}`).join("");
  });
}

/** The block, or as many of its words as are wanted: a short text is the beginning of a long one. */
const firstWords = (block: string, words: number): string => (words >= BLOCK_WORDS ? block : block.split(" ", words + 1).join(" "));

const drawFrom = (texts: readonly string[], random: Random): string => texts[random.word() % texts.length] ?? "";

/**
 * Creates a maker of text. Each word is one token for the tokenizers of GPT, which is looked up once, so that no text needs to be counted.
 * Rejects with `INVALID_ARGUMENT` where the tokenizer is not installed.
 */
export async function createTextMaker({ tokenizer = "estimate", tokensPerEstimate = 1 }: TextOptions): Promise<TextMaker> {
  const count = await openTokenizer(tokenizer);
  const vocabulary = WORDS.filter((word) => count(` ${word}`) === 1);
  const blocks = createBlocks(vocabulary);
  const tokensPerWord = tokenizer === "estimate" ? tokensPerEstimate : 1;
  return {
    countedBy: tokenizer,
    count: (text) => Math.round(count(text) * tokensPerWord),
    words(tokens, random) {
      let left = Math.round(tokens / tokensPerWord);
      let text = "";
      for (let single = 0; single < BLOCK_WORDS && left > 0; single++, left--) text += ` ${drawFrom(vocabulary, random)}`;
      for (; left > 0; left -= BLOCK_WORDS) text += firstWords(drawFrom(blocks, random), left);
      return text;
    },
  };
}
