import { LensError } from "@lens/core";
import type { PromptSource } from "./source.ts";
import type { PromptsSpec } from "./spec.ts";

/** The prompts that a spec holds, in turn. */
export async function openPrompts({ prompts }: PromptsSpec): Promise<PromptSource> {
  if (prompts.length === 0) throw new LensError("INVALID_ARGUMENT", "Expected at least one prompt, got none.");
  return {
    next({ turn }) {
      const prompt = prompts[turn % prompts.length];
      if (prompt === undefined) throw new LensError("INTERNAL", `Expected a turn from 0 up, got ${turn}.`);
      return { prompt, mark: null };
    },
    close: () => Promise.resolve(),
  };
}
