import { MARK_TOKENS, markFor, randomFor } from "./chance.ts";
import { drawLength } from "./length.ts";
import { withDefaults } from "./prompt-defaults.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { SyntheticSpec } from "./spec.ts";
import { createTextMaker } from "./text-maker.ts";

/** Prompts made of words, of the lengths that the spec draws. */
export async function openSynthetic(spec: SyntheticSpec, { seed, scope = "" }: SourceContext): Promise<PromptSource> {
  const { inputTokens, outputTokens, cache = { kind: "bust" }, defaults = {} } = spec;
  const maker = await createTextMaker(spec);
  const prefix = cache.kind === "shared" ? maker.words(cache.prefixTokens, randomFor(seed, "prefix")) : "";

  return {
    next({ phase, target, turn }) {
      const random = randomFor(seed, "synthetic", phase, turn);
      const askedInputTokens = drawLength(inputTokens, random);
      const askedOutputTokens = outputTokens === null ? null : drawLength(outputTokens, random);
      const isShared = cache.kind === "shared" && random.uniform() < (cache.share ?? 1);
      const mark = cache.kind === "as-is" ? "" : markFor(seed, scope, phase, target, turn);
      const before = (isShared ? cache.prefixTokens : 0) + (mark === "" ? 0 : MARK_TOKENS);
      const rest = Math.max(0, askedInputTokens - before);
      const content = `${isShared ? `${prefix} ` : ""}${mark}${maker.words(rest, random)}`.trimStart();
      const messages = [{ role: "user" as const, content }];
      return {
        prompt: withDefaults({ messages, ...(askedOutputTokens === null ? {} : { maxTokens: askedOutputTokens }) }, defaults),
        mark: {
          entry: null,
          askedInputTokens,
          sentInputTokens: before + rest,
          countedBy: maker.countedBy,
          askedOutputTokens,
          sharedPrefixTokens: isShared ? cache.prefixTokens : null,
          conversation: null,
          turn: null,
        },
      };
    },
    close: () => Promise.resolve(),
  };
}
