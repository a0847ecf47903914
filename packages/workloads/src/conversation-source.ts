import { LensError } from "@lens/core";
import type { PromptMessage } from "@lens/providers";
import { createStamp, stampPrompt } from "./cache-stamp.ts";
import { openScriptFile, type Script, writeScript } from "./conversation-script.ts";
import { withDefaults } from "./prompt-defaults.ts";
import type { Asked, ConversationPlace, PromptSource, SourceContext } from "./source.ts";
import type { ConversationsSpec } from "./spec.ts";
import { createTextMaker, type TextMaker } from "./text-maker.ts";

/** What was said so far. */
interface History {
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
}

const NOTHING_SAID: History = { messages: [], tokens: 0 };

function placeOf({ index, conversation }: Asked): ConversationPlace {
  if (conversation === undefined) throw new LensError("INTERNAL", `Expected a turn of a conversation with request ${index}, got none.`);
  return conversation;
}

const openScript = (from: ConversationsSpec["from"], maker: TextMaker, context: SourceContext): Script | Promise<Script> =>
  from.kind === "file" ? openScriptFile(from, context) : writeScript(from, maker, context);

const countTokens = (maker: TextMaker, messages: readonly PromptMessage[]): number =>
  messages.reduce((sum, { content }) => sum + maker.count(typeof content === "string" ? content : JSON.stringify(content)), 0);

/**
 * Conversations, each turn of which carries all that was said before it: the user's words, and the answers as they came. They are kept as long as their
 * conversation goes on. Of an answer the visible text is kept; one without any is left out.
 */
export async function openConversations(spec: ConversationsSpec, context: SourceContext): Promise<PromptSource> {
  const { from, cache = { kind: from.kind === "file" ? "as-is" : "bust" }, defaults = {} } = spec;
  const maker = await createTextMaker(spec);
  // Only what opens a conversation is stamped: its own beginning it may find in a cache.
  const stamp = createStamp(cache, maker, context);
  const script = await openScript(from, maker, context);
  const histories = new Map<string, History>();
  const keyOf = (asked: Asked): string => `${asked.target}/${placeOf(asked).number}`;

  return {
    ...(script.skipped === undefined ? {} : { skipped: script.skipped }),
    turnsOf: script.turnsOf,
    async next(asked) {
      const { number, turn } = placeOf(asked);
      const { messages, settings, entry, askedOutputTokens } = await script.say(number, turn);
      const before = turn === 0 ? NOTHING_SAID : (histories.get(keyOf(asked)) ?? NOTHING_SAID);
      const opening = turn === 0 ? stamp(asked) : null;
      const whole = withDefaults({ ...settings, messages: [...before.messages, ...messages] }, defaults);
      const prompt = opening === null ? whole : stampPrompt(whole, opening);
      const tokens = before.tokens + countTokens(maker, prompt.messages.slice(before.messages.length));
      histories.set(keyOf(asked), { messages: prompt.messages, tokens });
      return {
        prompt,
        mark: {
          entry,
          askedInputTokens: null,
          sentInputTokens: tokens,
          countedBy: maker.countedBy,
          askedOutputTokens,
          sharedPrefixTokens: opening?.sharedPrefixTokens ?? null,
          conversation: `c${String(number).padStart(6, "0")}`,
          turn,
        },
      };
    },
    learn(asked, { record, text }) {
      const { number, turn } = placeOf(asked);
      const key = keyOf(asked);
      const history = histories.get(key);
      const goesOn = record.outcome.kind === "ok" || record.outcome.kind === "truncated";
      if (history === undefined || !goesOn || turn + 1 >= script.turnsOf(number)) histories.delete(key);
      else if (text !== "") {
        const answer: PromptMessage = { role: "assistant", content: text };
        histories.set(key, { messages: [...history.messages, answer], tokens: history.tokens + maker.count(text) });
      }
    },
    close: script.close,
  };
}
