import { LensError } from "@lens/core";
import type { ProviderAdapter } from "./adapter.ts";
import { anthropic } from "./anthropic.ts";
import { compatibleAdapters } from "./compatible.ts";
import { google } from "./google.ts";
import { ollamaNative } from "./ollama.ts";
import { openaiChat } from "./openai.ts";
import { openaiResponses } from "./openai-responses.ts";

/** Every provider that is known by name. */
export const adapters: readonly ProviderAdapter[] = [openaiChat, openaiResponses, anthropic, google, ollamaNative, ...compatibleAdapters];

/** Other names that people look for. */
const ALIASES: Readonly<Record<string, string>> = { gemini: "google" };

/** The adapter of that id. Throws `UNKNOWN_PROVIDER`, naming the known ones and the likeliest. */
export function findAdapter(id: string): ProviderAdapter {
  const wanted = id.toLowerCase();
  const name = Object.hasOwn(ALIASES, wanted) ? ALIASES[wanted] : wanted;
  const found = adapters.find((adapter) => adapter.id === name);
  if (found !== undefined) return found;
  const ids = adapters.map((adapter) => adapter.id);
  const nearest = nearestOf(wanted.slice(0, 40), ids);
  const hint = nearest === null ? "" : ` Did you mean \`${nearest}\`?`;
  throw new LensError("UNKNOWN_PROVIDER", `Expected the provider to be one of ${ids.join(", ")}, got \`${id.slice(0, 40)}\`.${hint}`);
}

/** The word that takes the fewest changes, if it is near enough to have been meant. */
function nearestOf(word: string, known: readonly string[]): string | null {
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(1, Math.floor(word.length / 3)) ? best.candidate : null;
}

/** Levenshtein's distance, one row at a time. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min((row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, change));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
