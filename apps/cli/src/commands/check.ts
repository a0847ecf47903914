import { LensError } from "@lens/core";
import { markdownExporter, renderThresholds } from "@lens/exporters";
import { resolveConfiguration } from "../config.ts";
import { exitCodeOfThresholds, planGates } from "../gates.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { namesOf } from "../output-names.ts";
import { outputsOfFlags, type PlannedOutput, planOutputs, renderOptions, REPORTS, writeOutputs } from "../outputs.ts";
import { openPriceBook } from "../price-book.ts";
import { readResult } from "../saved-results.ts";
import { appendStepSummary } from "../step-summary.ts";
import { summaryOptions } from "../summary-options.ts";
import { requestedTargets } from "../targets.ts";

/** Holds a saved result against thresholds. */
export async function runCheck(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = outputsOfFlags(await resolveConfiguration(flags, [], io), flags);
  const { settings } = configuration;
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
  const saved = await readResult(path, io, summary);
  const { groups } = saved;
  const thresholds = gates.judge(groups, groups.length === 0 ? [path] : []);
  const report = { ...saved, thresholds };
  const code = exitCodeOfThresholds(thresholds);
  const { documents } = await planOutputs(configuration, { kind: REPORTS, hasRecords: false, names: namesOf(report) }, io);
  const render = ({ format, path: place }: PlannedOutput): string | Promise<string> => {
    const options = renderOptions(configuration, place, io);
    if (format.id === "console") return renderThresholds(report, options);
    if (format.id === "json") return `${JSON.stringify({ schema: 1, ok: code === 0, thresholds }, null, 2)}\n`;
    return format.render(report, options);
  };
  await writeOutputs(documents, render, io);
  await appendStepSummary(markdownExporter.render(report), settings, io);
  return code;
}
