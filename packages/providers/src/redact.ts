import type { ErrorInfo, RequestRecord } from "@lens/core";
import type { Credentials, PromptMessage } from "./adapter.ts";
import { cleanText } from "./error-document.ts";
import { asObject } from "./json.ts";

/** Shorter ones would take letters out of words. */
const SHORTEST_KEY = 4;
/** What is shorter stands in many a sentence. */
const SHORTEST_PROMPT = 8;
const SECRET_NAME = /auth|key|token|secret|cookie|password|credential|signature/i;
/** No provider nests its usage nearly as deeply, and JSON that is nested without end cannot be written. */
const DEEPEST = 32;

/** Whether a header, or a part of a URL's query, that is called so holds a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

/** What credentials hold that must not be repeated: the key, and the values of headers whose names speak of a secret, also without their scheme. */
export function secretsIn({ apiKey, headers = {} }: Credentials): readonly string[] {
  const values = Object.entries(headers).flatMap(([name, value]) => (isSecretName(name) ? [value, value.split(" ").at(-1) ?? value] : []));
  return apiKey === null ? values : [apiKey, ...values];
}

/** The text with `[key]` in place of each secret. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((cleaned, secret) => (secret.length < SHORTEST_KEY ? cleaned : cleaned.replaceAll(secret, "[key]")), text);
}

/** The record with each of its errors as `clean` gives it. */
function withErrors(record: RequestRecord, clean: (error: ErrorInfo) => ErrorInfo): RequestRecord {
  const { attempts, outcome } = record;
  return {
    ...record,
    attempts: attempts.map((attempt) => (attempt.error === null ? attempt : { ...attempt, error: clean(attempt.error) })),
    outcome: outcome.error === null ? outcome : { ...outcome, error: clean(outcome.error) },
  };
}

/**
 * The record with the keys taken out of whatever its server said: it may repeat what it was given in any of its words, and a record must not. What it
 * nested too deeply to be written is null.
 */
export function withoutKeys(record: RequestRecord, keys: readonly (string | null)[]): RequestRecord {
  const secrets = keys.filter((key) => key !== null);
  const clean = (value: unknown, depth: number): unknown => {
    if (typeof value === "string") return withoutSecrets(value, secrets);
    if (typeof value !== "object" || value === null) return value;
    if (depth === DEEPEST) return null;
    if (Array.isArray(value)) return value.map((entry) => clean(entry, depth + 1));
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [withoutSecrets(name, secrets), clean(entry, depth + 1)]));
  };
  const cleaned = <T>(part: T): T => clean(part, 0) as T;
  const { usage, reply, outcome } = record;
  return withErrors(
    {
      ...record,
      usage: cleaned(usage),
      reply: cleaned(reply),
      outcome: { ...outcome, finishReason: cleaned(outcome.finishReason) },
    },
    cleaned,
  );
}

/** The lines of a prompt as an error would repeat them. */
function linesOf(messages: readonly PromptMessage[]): readonly string[] {
  const texts = messages.flatMap(({ content }) =>
    typeof content === "string" ? [content] : content.map((part) => asObject(part)?.["text"]),
  );
  const lines = texts.flatMap((text) => (typeof text === "string" ? text.split("\n") : []));
  return lines.map(cleanText).filter((line) => line.length >= SHORTEST_PROMPT);
}

/** The text with `[prompt]` in place of the line, and of any beginning of it: who repeats it may cut it short. */
function withoutLine(text: string, line: string): string {
  const [before = "", ...rest] = text.split(line.slice(0, SHORTEST_PROMPT));
  const tail = line.slice(SHORTEST_PROMPT);
  const told = rest.map((piece) => {
    let end = 0;
    while (end < tail.length && piece[end] === tail[end]) end += 1;
    return `[prompt]${piece.slice(end)}`;
  });
  return before + told.join("");
}

/** The record with the prompt taken out of the errors that its server told, as many do that refuse one: line by line, each from its beginning. */
export function withoutPrompt(record: RequestRecord, messages: readonly PromptMessage[]): RequestRecord {
  const { attempts, outcome } = record;
  if (outcome.error === null && attempts.every(({ error }) => error === null)) return record;
  const lines = linesOf(messages);
  return withErrors(record, (error) => ({ ...error, message: lines.reduce(withoutLine, error.message) }));
}
