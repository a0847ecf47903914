import { LensError } from "@lens/core";
import { mergeReports } from "@lens/metrics";
import { resolveConfiguration } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { openOtlpPush } from "../otlp.ts";
import { namesOf } from "../output-names.ts";
import { outputsOfFlags, planOutputs, REPORTS, writeDocument } from "../outputs.ts";
import { openPriceBook } from "../price-book.ts";
import { readResult } from "../saved-results.ts";
import { summaryOptions } from "../summary-options.ts";
import { requestedTargets } from "../targets.ts";

/** Joins the results of several processes or runs in one report. */
export async function runMerge(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = outputsOfFlags(await resolveConfiguration(flags, [], io), flags);
  if (positionals.length === 0)
    throw new LensError("INVALID_ARGUMENT", "Expected results to merge, reports as JSON or files of records, got none.");
  const { settings } = configuration;
  const push = await openOtlpPush(settings);
  // Records do not say what they cost, nor what a good request is.
  const summing = summaryOptions(settings, await openPriceBook(requestedTargets(settings), settings, io));
  const reports = [];
  for (const path of positionals) reports.push(await readResult(path, io, summing));
  const report = mergeReports(reports, { names: positionals.map((path) => `\`${path}\``) });
  const { documents } = await planOutputs(configuration, { kind: REPORTS, hasRecords: false, names: namesOf(report) }, io);
  await writeDocument(documents, report, { settings, io, records: [] });
  await push?.(report);
  return EXIT_CODES.ok;
}
