import { LensError } from "@lens/core";
import { MARK_TOKENS, markFor, randomFor } from "./chance.ts";
import { withDefaults } from "./prompt-defaults.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { TracePromptsSpec } from "./spec.ts";
import { createTextMaker } from "./text-maker.ts";

/** What one id of Mooncake's traces stands for (kvcache-ai/Mooncake, FAST25 traces). */
const BLOCK_TOKENS = 512;

/** Prompts of the lengths that a trace says. Blocks of one id are the same text wherever they occur, so what shared a beginning shares it again. */
export async function openTracePrompts(spec: TracePromptsSpec, { seed, scope = "" }: SourceContext): Promise<PromptSource> {
  const { cache, defaults = {}, otherwise } = spec;
  const maker = await createTextMaker(spec);

  /** The text of the blocks, as far as the prompt goes, and how many tokens that is. */
  function blocks(hashIds: readonly number[], tokens: number): { readonly text: string; readonly tokens: number } {
    const parts = hashIds.slice(0, Math.ceil(tokens / BLOCK_TOKENS)).map((id, place) => {
      const length = Math.min(BLOCK_TOKENS, tokens - place * BLOCK_TOKENS);
      return { length, text: maker.words(length, randomFor(seed, "block", id)) };
    });
    return { text: parts.map(({ text }) => text).join(""), tokens: parts.reduce((sum, { length }) => sum + length, 0) };
  }

  return {
    next({ index, target, row }) {
      if (row === undefined) throw new LensError("INTERNAL", `Expected a line of a trace with request ${index}, got none.`);
      const { place, inputTokens, outputTokens, hashIds } = row;
      const length = outputTokens === null ? {} : { maxTokens: outputTokens };
      const unsaid = { sharedPrefixTokens: null, conversation: null, turn: null };
      const asked = { entry: place, askedInputTokens: inputTokens, askedOutputTokens: outputTokens, ...unsaid };
      if (inputTokens === null)
        return { prompt: withDefaults({ ...otherwise, ...length }, defaults), mark: { ...asked, sentInputTokens: null, countedBy: null } };
      const isMarked = (cache ?? (hashIds === null ? "bust" : "as-is")) === "bust";
      const mark = isMarked ? markFor(seed, scope, "trace", target, place) : "";
      const marked = isMarked ? MARK_TOKENS : 0;
      const known = blocks(hashIds ?? [], Math.max(0, inputTokens - marked));
      const rest = Math.max(0, inputTokens - marked - known.tokens);
      const content = `${mark}${known.text}${maker.words(rest, randomFor(seed, "trace", place))}`.trimStart();
      return {
        prompt: withDefaults({ messages: [{ role: "user", content }], ...length }, defaults),
        mark: { ...asked, sentInputTokens: marked + known.tokens + rest, countedBy: maker.countedBy },
      };
    },
    close: () => Promise.resolve(),
  };
}
