import { appendFileSync, statSync } from "node:fs";

/** GitHub refuses a longer summary of a step as a whole. */
const LARGEST_BYTES = 1024 * 1024;

/** Appends Markdown to the summary of a step at `path`, unless that would be too long for GitHub then; the same is in the log. */
export function appendStepSummary(path: string, markdown: string): void {
  const text = `\n${markdown}`;
  const sizeBytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (sizeBytes + Buffer.byteLength(text) <= LARGEST_BYTES) appendFileSync(path, text);
}
