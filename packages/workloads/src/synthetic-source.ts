import { LensError } from "@lens/core";
import { createStamp, stampPrompt } from "./cache-stamp.ts";
import { randomFor } from "./chance.ts";
import { drawLength, longestLength } from "./length.ts";
import { drawLimit } from "./output-limit.ts";
import { withDefaults } from "./prompt-defaults.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { SyntheticSpec } from "./spec.ts";
import { createTextMaker } from "./text-maker.ts";

/** Prompts made of words, of the lengths that the spec draws. What is put before them, and a system prompt, are part of their length. */
export async function openSynthetic(spec: SyntheticSpec, context: SourceContext): Promise<PromptSource> {
  const { inputTokens, outputTokens, cache = { kind: "bust" }, defaults = {} } = spec;
  const { seed } = context;
  checkPrefix(spec);
  const maker = await createTextMaker(spec);
  const stamp = createStamp(cache, maker, context);
  const systemTokens = maker.count(defaults.system ?? "");

  const longestText = maker.words(longestLength(inputTokens), randomFor(seed, "longest"));
  const highest = outputTokens === null ? {} : { maxTokens: longestLength(outputTokens) };

  return {
    longest: withDefaults({ messages: [{ role: "user", content: longestText }], ...highest }, defaults),
    next(asked) {
      const random = randomFor(seed, "synthetic", asked.phase, asked.turn);
      const askedInputTokens = drawLength(inputTokens, random);
      const limit = drawLimit(outputTokens, seed, asked);
      const before = stamp(asked);
      const fixedTokens = systemTokens + before.tokens;
      const ownTokens = Math.max(0, askedInputTokens - fixedTokens);
      const messages = [{ role: "user" as const, content: maker.words(ownTokens, random).trimStart() }];
      return {
        prompt: stampPrompt(withDefaults({ messages, ...limit }, defaults), before),
        mark: {
          entry: null,
          askedInputTokens,
          sentInputTokens: fixedTokens + ownTokens,
          countedBy: maker.countedBy,
          askedOutputTokens: limit.maxTokens ?? null,
          sharedPrefixTokens: before.sharedPrefixTokens,
          conversation: null,
          turn: null,
        },
      };
    },
    close: () => Promise.resolve(),
  };
}

/** A prompt that is no longer than what all have in common would be the same as all others. */
function checkPrefix({ inputTokens, cache }: SyntheticSpec): void {
  if (cache?.kind !== "shared" || inputTokens.distribution !== "fixed" || cache.prefixTokens < inputTokens.tokens) return;
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected a shared prefix shorter than the prompts, which have ${inputTokens.tokens} tokens, got ${cache.prefixTokens}.`,
  );
}
