import { nearest } from "@lens/core";

/** ` Did you mean X?`, or nothing, to end an error message with. */
export function suggestion(typed: string, words: readonly string[], mark = ""): string {
  const word = nearest(typed, words);
  return word === null ? "" : ` Did you mean \`${mark}${word}\`?`;
}
