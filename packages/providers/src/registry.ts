import { LensError, nearest } from "@lens/core";
import type { ProviderAdapter } from "./adapter.ts";
import { anthropic } from "./anthropic.ts";
import { cohere } from "./cohere.ts";
import { compatibleAdapters } from "./compatible.ts";
import { google } from "./google.ts";
import { ollamaNative } from "./ollama.ts";
import { openaiChat } from "./openai.ts";
import { openaiResponses } from "./openai-responses.ts";

/** Every provider that is known by name. */
export const adapters: readonly ProviderAdapter[] = [
  openaiChat,
  openaiResponses,
  anthropic,
  google,
  cohere,
  ollamaNative,
  ...compatibleAdapters,
];

/** Other names that people look for. */
const ALIASES: Readonly<Record<string, string>> = { gemini: "google" };

/** The adapter of that id. Throws `UNKNOWN_PROVIDER`, naming the known ones and the likeliest. */
export function findAdapter(id: string): ProviderAdapter {
  const wanted = id.toLowerCase();
  const name = Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : wanted;
  const found = adapters.find((adapter) => adapter.id === name);
  if (found !== undefined) return found;
  const ids = adapters.map((adapter) => adapter.id);
  const meant = nearest(wanted, ids);
  const hint = meant === null ? "" : ` Did you mean \`${meant}\`?`;
  throw new LensError("UNKNOWN_PROVIDER", `Expected the provider to be one of ${ids.join(", ")}, got \`${id.slice(0, 40)}\`.${hint}`);
}
