import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { LensError } from "@lens/core";
import { resolveConfiguration } from "../config.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { createNotices } from "../notices.ts";
import type { Flags } from "../option.ts";
import { flagName, type OptionName } from "../options.ts";
import { openSession } from "../session.ts";
import { requestedTargets } from "../targets.ts";

/** The options that have a meaning where results are saved. */
const OF_SAVED: readonly OptionName[] = [
  "baseline",
  "margin",
  "confidence",
  "resamples",
  "seed",
  "slo",
  "series",
  "format",
  "output",
  "json",
  "explain",
  "force",
  "stepSummary",
  "quiet",
  "verbose",
  "color",
];
const OTHER_FLAGS: readonly string[] = ["config", "help", "h", "version"];

/** `lens compare`: targets by turns, or saved results. */
export async function runCompare(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  if (await areFiles(positionals, io)) {
    checkFlags(flags);
    const { compareSaved } = await import("../compare.ts");
    return compareSaved(positionals, await resolveConfiguration(flags, [], io), io);
  }
  return runLive(positionals, flags, io);
}

async function runLive(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = await resolveConfiguration(flags, positionals, io);
  const requests = requestedTargets(configuration.settings);
  const { checkLive, compareLive } = await import("../compare.ts");
  checkLive(configuration, requests.length);
  const notices = createNotices(io.stderr);
  const interrupts = watchInterrupts(io, notices.say);
  const session = openSession(requests, configuration.settings, io);
  const close = session.then(
    (opened) => opened.close,
    () => async () => undefined,
  );
  try {
    return await compareLive({
      command: "compare",
      configuration,
      choice: { requests, byDefault: false },
      session,
      interrupts,
      notices,
      io,
    });
  } finally {
    interrupts.stop();
    await (
      await close
    )();
  }
}

/** Whether the arguments are saved results; false where they are targets, or none. Throws `INVALID_ARGUMENT` for some of each. */
async function areFiles(words: readonly string[], io: Io): Promise<boolean> {
  const found = await Promise.all(words.map((word) => isFile(word, io)));
  const target = words[found.indexOf(false)];
  const file = words[found.indexOf(true)];
  if (target !== undefined && file !== undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected targets only or saved results only, got \`${file.slice(0, 60)}\`, a file, and \`${target.slice(0, 60)}\`. ` +
        "To compare a target with what was saved: `lens baseline save NAME FILE`, then `--baseline NAME`.",
    );
  return file !== undefined;
}

async function isFile(word: string, io: Io): Promise<boolean> {
  if (word === "-" || /\.(json|jsonl|ndjson)$/i.test(word)) return true;
  const found = await stat(resolve(io.cwd, word)).catch(() => null);
  return found?.isFile() === true;
}

function checkFlags(flags: Flags): void {
  const known = [...OF_SAVED.map(flagName), ...OTHER_FLAGS];
  const wrong = Object.keys(flags).find((flag) => flags[flag] !== undefined && !known.includes(flag));
  if (wrong !== undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected no \`--${wrong}\` with saved results, which were measured already.`);
}
