import { LensError } from "@lens/core";
import { renderThresholds } from "@lens/exporters";
import { wantsColor } from "../color.ts";
import { resolveConfiguration } from "../config.ts";
import { exitCodeOfThresholds, planGates } from "../gates.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { openPriceBook } from "../price-book.ts";
import { readResult } from "../saved-results.ts";
import { summaryOptions } from "../summary-options.ts";
import { requestedTargets } from "../targets.ts";

/** Holds a saved result against thresholds. */
export async function runCheck(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { settings } = await resolveConfiguration(flags, [], io);
  const [path] = positionals;
  if (path === undefined)
    throw new LensError("INVALID_ARGUMENT", "Expected the result to check, a report as JSON or a file of records, got none.");
  const targets = requestedTargets(settings);
  const summary = summaryOptions(settings, await openPriceBook(targets, settings, io));
  const gates = await planGates(settings, targets, { io, summary, saved: true });
  if (!gates.present)
    throw new LensError(
      "INVALID_ARGUMENT",
      'Expected `--threshold`, such as "ttft p95 < 800ms", or `thresholds` in a configuration file, got none.',
    );
  const { groups } = await readResult(path, io, summary);
  const thresholds = gates.judge(groups, groups.length === 0 ? [path] : []);
  const color = wantsColor(settings.color, io.env, io.stdout);
  const code = exitCodeOfThresholds(thresholds);
  const json = { schema: 1, ok: code === 0, thresholds };
  await io.stdout.write(settings.json ? `${JSON.stringify(json, null, 2)}\n` : renderThresholds({ thresholds, groups }, { color }));
  return code;
}
