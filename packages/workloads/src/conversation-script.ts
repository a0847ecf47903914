import { LensError } from "@lens/core";
import type { PromptMessage } from "@lens/providers";
import { randomFor } from "./chance.ts";
import { createChoice } from "./choose-entry.ts";
import { drawLength } from "./length.ts";
import { isFileProblem, openPromptFile, type PlacedEntry, problemError, type FileProblem } from "./prompt-file.ts";
import type { SourceContext } from "./source.ts";
import type { ConversationFile, Prompt, SyntheticConversations } from "./spec.ts";
import type { TextMaker } from "./text-maker.ts";

/** What the user says in one turn. */
export interface Saying {
  /** The user's words; before the first, what opens the conversation. */
  readonly messages: readonly PromptMessage[];
  readonly settings: Omit<Prompt, "messages">;
  /** The line of the file; null where there is none. */
  readonly entry: number | null;
  /** The limit on the answer that was wanted; null where none was. */
  readonly askedOutputTokens: number | null;
}

/** What users say, conversation by conversation. It depends on the seed and the place alone. */
export interface Script {
  turnsOf(conversation: number): number;
  say(conversation: number, turn: number): Saying | Promise<Saying>;
  /** Conversations that were left out because they are broken; left out where that cannot be. */
  readonly skipped?: number;
  close(): Promise<void>;
}

/** Users who speak in common words, at the lengths that are drawn. */
export function writeScript(
  { turns, inputTokens, outputTokens }: SyntheticConversations,
  maker: TextMaker,
  { seed }: SourceContext,
): Script {
  return {
    turnsOf: (conversation) => drawLength(turns, randomFor(seed, "turns", conversation)),
    say(conversation, turn) {
      const random = randomFor(seed, "saying", conversation, turn);
      const content = maker.words(drawLength(inputTokens, random), random).trimStart();
      const askedOutputTokens = outputTokens === null ? null : drawLength(outputTokens, random);
      return {
        messages: [{ role: "user", content }],
        settings: askedOutputTokens === null ? {} : { maxTokens: askedOutputTokens },
        entry: null,
        askedOutputTokens,
      };
    },
    close: () => Promise.resolve(),
  };
}

/** A conversation of a file, without the answers that were given then. */
interface Talk {
  readonly opening: readonly PromptMessage[];
  readonly sayings: readonly PromptMessage[];
  readonly settings: Omit<Prompt, "messages">;
}

/** Takes the answers out. Results of tools belong to answers that will not come again, so with them a conversation cannot be had. */
function talkOf({ line, entry }: PlacedEntry): Talk | FileProblem {
  const { messages, ...settings } = entry.prompt;
  const first = messages.findIndex(({ role }) => role === "user");
  const strange = messages.find(({ role }) => !["system", "developer", "user", "assistant"].includes(role));
  const problem = (expected: string): FileProblem => ({ line, column: 1, problem: expected });
  if (first === -1) return problem("Expected a conversation in which the user speaks, got one without");
  if (strange !== undefined)
    return problem(`Expected a conversation of user and assistant alone, got the role \`${strange.role.slice(0, 20)}\``);
  return {
    opening: messages.slice(0, first).filter(({ role }) => role !== "assistant"),
    sayings: messages.filter(({ role }) => role === "user"),
    settings,
  };
}

/** The users of a file, which stays where it is: what one says is read when it is said. Rejects with what is wrong with the file. */
export async function openScriptFile(spec: ConversationFile, { seed }: SourceContext): Promise<Script> {
  const { path, format, order = "in-turn", onBadLine = "stop" } = spec;
  const file = await openPromptFile({ path, format, template: null, values: {}, isWhole: true });

  async function read(place: number): Promise<{ readonly talk: Talk; readonly line: number } | FileProblem> {
    const found = await file.read(place);
    if (isFileProblem(found)) return found;
    const talk = talkOf(found);
    return "problem" in talk ? talk : { talk, line: found.line };
  }

  async function survey(): Promise<{
    readonly places: readonly number[];
    readonly turns: readonly number[];
    readonly weights: readonly number[];
  }> {
    const [places, turns, weights]: [number[], number[], number[]] = [[], [], []];
    if (file.broken !== null && onBadLine === "stop") throw problemError(path, file.broken);
    let place = 0;
    for await (const found of file.readAll()) {
      const talk = isFileProblem(found) ? found : talkOf(found);
      if ("problem" in talk) {
        if (onBadLine === "stop") throw problemError(path, talk);
      } else if (!isFileProblem(found)) {
        places.push(place);
        turns.push(talk.sayings.length);
        weights.push(found.entry.weight);
      }
      place += 1;
    }
    if (places.length === 0) throw new LensError("INVALID_ARGUMENT", `Expected conversations in \`${path}\`, got none.`);
    return { places, turns, weights };
  }

  try {
    const { places, turns, weights } = await survey();
    const choose = createChoice({ order, count: places.length, weights, seed });
    const chosen = (conversation: number): number => choose("measured", conversation);
    return {
      turnsOf: (conversation) => turns[chosen(conversation)] ?? 1,
      skipped: file.count - places.length,
      async say(conversation, turn) {
        const found = await read(places[chosen(conversation)] ?? 0);
        if ("problem" in found) throw problemError(path, found);
        const { opening, sayings, settings } = found.talk;
        const saying = sayings[turn];
        if (saying === undefined) throw new LensError("INTERNAL", `Expected one of ${sayings.length} turns, got ${turn}.`);
        return {
          messages: turn === 0 ? [...opening, saying] : [saying],
          settings,
          entry: found.line,
          askedOutputTokens: settings.maxTokens ?? null,
        };
      },
      close: file.close,
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}
