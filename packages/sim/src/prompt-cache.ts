import { createHash } from "node:crypto";

/** Remembers prompts by how they begin. Tells how much of this one, from 0 to 1, an earlier one began with, too. */
export type PromptCache = (prompt: string) => number;

const CHARS_PER_TOKEN = 4;
/** The oldest beginnings are forgotten. */
const MOST_BEGINNINGS = 100_000;

/** Creates a cache that knows whole blocks of so many tokens only, as those of providers do. */
export function createPromptCache(blockTokens: number): PromptCache {
  const known = new Set<string>();
  const blockChars = blockTokens * CHARS_PER_TOKEN;
  return (prompt) => {
    const hash = createHash("sha256");
    let knownChars = 0;
    for (let end = blockChars; end <= prompt.length; end += blockChars) {
      hash.update(prompt.slice(end - blockChars, end));
      const beginning = hash.copy().digest("base64");
      if (known.has(beginning)) knownChars = end;
      known.add(beginning);
    }
    for (const oldest of known) {
      if (known.size <= MOST_BEGINNINGS) break;
      known.delete(oldest);
    }
    return prompt.length === 0 ? 0 : knownChars / prompt.length;
  };
}
