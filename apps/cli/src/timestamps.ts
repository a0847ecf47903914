import { LensError, parseDurationNs } from "@lens/core";
import { readTextFile } from "./files.ts";

/**
 * Reads due times in nanoseconds after the start of a run: one a line, as milliseconds or a duration. Empty lines and what follows a `#` do not
 * count. Throws `FILE_FAILED`, and `INVALID_ARGUMENT` naming the line.
 */
export async function readTimestamps(path: string, cwd: string): Promise<readonly number[]> {
  const lines = (await readTextFile(path, cwd)).split("\n");
  const atNs: number[] = [];
  for (const [index, line] of lines.entries()) {
    const text = line.replace(/#.*/, "").trim();
    if (text === "") continue;
    const place = `line ${index + 1} of \`${path}\``;
    const nextNs = parseDurationNs(text, place);
    if (nextNs < (atNs.at(-1) ?? 0))
      throw new LensError("INVALID_ARGUMENT", `Expected ${place} to be no earlier than the one before, got \`${text.slice(0, 60)}\`.`);
    atNs.push(nextNs);
  }
  if (atNs.length === 0) throw new LensError("INVALID_ARGUMENT", `Expected due times in \`${path}\`, got none.`);
  return atNs;
}
