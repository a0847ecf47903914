import type { Prompt } from "./prompt.ts";

/** Role marks and the like, which templates put around each message. */
const TOKENS_PER_MESSAGE = 16;
const BYTES_PER_TOKEN = 4;

/** Of all that is read as text; tools are part of what a model reads. */
const bytesOf = ({ messages, body }: Prompt): number =>
  messages.reduce(
    (sum, { content }) => sum + Buffer.byteLength(typeof content === "string" ? content : JSON.stringify(content ?? null)),
    0,
  ) + (body === undefined ? 0 : Buffer.byteLength(JSON.stringify(body)));

/** About how many tokens a prompt has: a token of English takes about four bytes. */
export function likelyTokens(prompt: Prompt): number {
  return Math.ceil(bytesOf(prompt) / BYTES_PER_TOKEN) + prompt.messages.length * TOKENS_PER_MESSAGE;
}

/** How many tokens a prompt has at most: no tokenizer makes more of a text than it has bytes. */
export function mostTokens(prompt: Prompt): number {
  return bytesOf(prompt) + prompt.messages.length * TOKENS_PER_MESSAGE;
}
