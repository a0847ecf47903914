import { LensError } from "@lens/core";
import { createStamp, stampPrompt } from "./cache-stamp.ts";
import { longestLength } from "./length.ts";
import { drawLimit } from "./output-limit.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { Prompt, PromptsSpec } from "./spec.ts";
import { createTextMaker } from "./text-maker.ts";

const sizeOf = ({ messages }: Prompt): number => JSON.stringify(messages).length;

/** The prompts that a spec holds, in turn. */
export async function openPrompts(spec: PromptsSpec, context: SourceContext): Promise<PromptSource> {
  const { prompts, outputTokens = null, cache = { kind: "as-is" } } = spec;
  if (prompts.length === 0) throw new LensError("INVALID_ARGUMENT", "Expected at least one prompt, got none.");
  const isPlain = outputTokens === null && cache.kind === "as-is";
  const stamp = createStamp(cache, await createTextMaker(spec), context);
  const longest = prompts.toSorted((one, other) => sizeOf(other) - sizeOf(one))[0] ?? { messages: [] };
  return {
    longest: outputTokens === null ? longest : { ...longest, maxTokens: longestLength(outputTokens) },
    next(asked) {
      const place = asked.turn % prompts.length;
      const prompt = prompts[place];
      if (prompt === undefined) throw new LensError("INTERNAL", `Expected a turn from 0 up, got ${asked.turn}.`);
      if (isPlain) return { prompt, mark: null };
      const before = stamp(asked);
      const limit = drawLimit(outputTokens, context.seed, asked);
      return {
        prompt: stampPrompt({ ...prompt, ...limit }, before),
        mark: {
          entry: place,
          askedInputTokens: null,
          sentInputTokens: null,
          countedBy: null,
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
