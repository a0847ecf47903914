import type { PromptMessage } from "@lens/providers";
import { MARK_TOKENS, markFor, randomFor } from "./chance.ts";
import type { Asked, SourceContext } from "./source.ts";
import type { CacheSpec, Prompt } from "./spec.ts";
import type { TextMaker } from "./text-maker.ts";

/** What is put before a prompt, and how long that is. */
export interface Stamp {
  readonly text: string;
  readonly tokens: number;
  /** Null where the prompt begins as no other does. */
  readonly sharedPrefixTokens: number | null;
}

/** Says what is put before the prompt of a request. */
export type DrawStamp = (asked: Asked) => Stamp;

const NOTHING: Stamp = { text: "", tokens: 0, sharedPrefixTokens: null };

/** Prepares what is put before prompts, so that a server has of each in its cache what the spec says. */
export function createStamp(cache: CacheSpec, maker: TextMaker, { seed, scope = "" }: SourceContext): DrawStamp {
  if (cache.kind === "as-is") return () => NOTHING;
  const mark = ({ phase, target, turn }: Asked): string => markFor(seed, scope, phase, target, turn);
  if (cache.kind === "bust") return (asked) => ({ text: mark(asked), tokens: MARK_TOKENS, sharedPrefixTokens: null });
  const { prefixTokens, share = 1 } = cache;
  const prefix = maker.words(prefixTokens, randomFor(seed, "prefix")).trimStart();
  return (asked) => {
    const isShared = randomFor(seed, "share", asked.phase, asked.turn).uniform() < share;
    return isShared
      ? { text: `${prefix} ${mark(asked)}`, tokens: prefixTokens + MARK_TOKENS, sharedPrefixTokens: prefixTokens }
      : { text: mark(asked), tokens: MARK_TOKENS, sharedPrefixTokens: null };
  };
}

const isTextPart = (part: unknown): part is { readonly text: string } =>
  typeof part === "object" && part !== null && typeof (part as { readonly text?: unknown }).text === "string";

/** A message with a text before its own. Images and the like stay where they are: the text goes before the first text, or before all where there is none. */
function prepend(message: PromptMessage, text: string): PromptMessage {
  const { content } = message;
  if (typeof content === "string") return { ...message, content: `${text} ${content}` };
  const first = content.findIndex(isTextPart);
  if (first === -1) return { ...message, content: [{ type: "text", text }, ...content] };
  return {
    ...message,
    content: content.map((part, at) => (at === first && isTextPart(part) ? { ...part, text: `${text} ${part.text}` } : part)),
  };
}

/** A prompt that begins with a stamp: in its first message, which is what a model reads first. */
export function stampPrompt(prompt: Prompt, { text }: Stamp): Prompt {
  if (text === "") return prompt;
  const [first, ...rest] = prompt.messages;
  return first === undefined ? prompt : { ...prompt, messages: [prepend(first, text), ...rest] };
}
