import { appendFile, stat } from "node:fs/promises";
import { LensError } from "@lens/core";
import type { ResolvedSettings } from "./config.ts";
import type { Io } from "./io.ts";
import { oneLine } from "./printable.ts";

/** GitHub refuses a longer summary of a step as a whole. */
const LARGEST_BYTES = 1024 * 1024;

/**
 * Appends Markdown to the summary of the step, where this runs in GitHub Actions and nobody turned that off. A summary that cannot be written is told on
 * standard error and fails nothing: the figures are elsewhere, too.
 */
export async function appendStepSummary(
  markdown: string | Promise<string>,
  settings: Pick<ResolvedSettings, "stepSummary">,
  io: Io,
): Promise<void> {
  const path = io.env.GITHUB_STEP_SUMMARY ?? "";
  if (path === "" || settings.stepSummary === false) return;
  try {
    const text = `\n${await markdown}`;
    const present = await stat(path).catch(() => null);
    if ((present?.size ?? 0) + Buffer.byteLength(text) > LARGEST_BYTES)
      throw new LensError("FILE_FAILED", "the summary of a step may have 1 MiB, and this one would have more");
    await appendFile(path, text);
  } catch (error) {
    await io.stderr.write(
      `lens: nothing was added to the step's summary: ${oneLine(error instanceof Error ? error.message : String(error))}.\n`,
    );
  }
}
