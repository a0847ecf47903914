import { LensError, type WorkloadMark } from "@lens/core";
import { createStamp, stampPrompt } from "./cache-stamp.ts";
import { createChoice } from "./choose-entry.ts";
import { longestLength } from "./length.ts";
import { drawLimit } from "./output-limit.ts";
import { isFileProblem, openPromptFile, problemError, type PromptFile } from "./prompt-file.ts";
import { withDefaults } from "./prompt-defaults.ts";
import type { PromptSource, SourceContext } from "./source.ts";
import type { FileSpec, Prompt } from "./spec.ts";
import { createTextMaker } from "./text-maker.ts";

/** What can be asked of a file. */
interface Usable {
  /** The places of the entries that are right. */
  readonly places: readonly number[];
  readonly weights: readonly number[];
  /** How many entries were left out. */
  readonly skipped: number;
  /** The longest of those that are right, and the highest limit of any; null where there is none. */
  readonly longest: Prompt | null;
}

const NO_LENGTHS = {
  askedInputTokens: null,
  sentInputTokens: null,
  countedBy: null,
  conversation: null,
  turn: null,
} as const satisfies Partial<WorkloadMark>;

/** Looks at every entry once. Throws the first problem, unless broken entries are to be skipped. */
async function survey(file: PromptFile, { path, name = path, onBadLine = "stop" }: FileSpec): Promise<Usable> {
  if (file.broken !== null && onBadLine === "stop") throw problemError(name, file.broken);
  const places: number[] = [];
  const weights: number[] = [];
  let place = 0;
  let longest: Prompt | null = null;
  let longestChars = 0;
  let highest = 0;
  for await (const found of file.readAll()) {
    if (!isFileProblem(found)) {
      places.push(place);
      weights.push(found.entry.weight);
      const { prompt } = found.entry;
      const chars = JSON.stringify(prompt.messages).length;
      highest = Math.max(highest, prompt.maxTokens ?? 0);
      if (chars > longestChars) {
        longest = prompt;
        longestChars = chars;
      }
    } else if (onBadLine === "stop") throw problemError(name, found);
    place += 1;
  }
  const limited = longest === null || highest === 0 ? longest : { ...longest, maxTokens: highest };
  return { places, weights, skipped: place - places.length, longest: limited };
}

/** The prompts of a file, which stays where it is: an entry is read when it is asked. */
export async function openFile(spec: FileSpec, context: SourceContext): Promise<PromptSource> {
  const {
    path,
    name = path,
    format,
    template = null,
    values = {},
    order = "in-turn",
    outputTokens = null,
    cache = { kind: "as-is" },
    defaults = {},
  } = spec;
  const file = await openPromptFile({ path, name, format, template, values });
  try {
    const { places, weights, skipped, longest } = await survey(file, spec);
    if (longest === null) {
      const left = skipped === 0 ? "" : `, as all ${skipped} of its entries are broken`;
      throw new LensError("INVALID_ARGUMENT", `Expected prompts in \`${name}\`, got none${left}.`);
    }
    if (order === "weighted" && !weights.some((weight) => weight > 0)) {
      throw new LensError("INVALID_ARGUMENT", `Expected an entry with a weight above 0 in \`${name}\`, got none.`);
    }
    const choose = createChoice({ order, count: places.length, weights, seed: context.seed });
    const stamp = createStamp(cache, await createTextMaker(spec), context);
    return {
      skipped,
      longest: withDefaults({ ...longest, ...(outputTokens === null ? {} : { maxTokens: longestLength(outputTokens) }) }, defaults),
      async next(asked) {
        const found = await file.read(places[choose(asked.phase, asked.turn)] ?? 0);
        if (isFileProblem(found)) throw problemError(name, found);
        const before = stamp(asked);
        const limit = drawLimit(outputTokens, context.seed, asked);
        const prompt = withDefaults({ ...found.entry.prompt, ...limit }, defaults);
        const { sharedPrefixTokens } = before;
        return {
          prompt: stampPrompt(prompt, before),
          mark: { ...NO_LENGTHS, entry: found.line, askedOutputTokens: limit.maxTokens ?? null, sharedPrefixTokens },
        };
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
