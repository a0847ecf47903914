import { basename, extname, resolve } from "node:path";
import { LensError } from "@lens/core";
import { isComparison } from "@lens/metrics";
import { type Configuration, resolveConfiguration } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { namesOf, namesOfComparison } from "../output-names.ts";
import { COMPARISONS, outputsOfFlags, planOutputs, REPORTS, writeDocument } from "../outputs.ts";
import { openPriceBook } from "../price-book.ts";
import { openSaved, type SavedResult } from "../saved-results.ts";
import { summaryOptions } from "../summary-options.ts";
import { requestedTargets } from "../targets.ts";

const STDIN = "-";
const PAGE = "html";

/** Turns a saved result into a page of HTML, and shows it where that was asked for and somebody is there to look. */
export async function runReport([path]: readonly string[], flags: Flags, io: Io): Promise<number> {
  if (path === undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected the result to show, a report or a comparison as JSON or a file of records, got none.",
    );
  const configuration = asPage(outputsOfFlags(await resolveConfiguration(flags, [], io), flags), path);
  const { settings } = configuration;
  const priceBook = await openPriceBook(requestedTargets(settings), settings, io);
  const result = await (await openSaved(path, io)).read(summaryOptions(settings, priceBook));
  const written = await writePage(result, configuration, io);
  if (written === null) return EXIT_CODES.ok;
  await io.stdout.write(`${written}\n`);
  if (flags.open === true) await show(written, io);
  return EXIT_CODES.ok;
}

/** One page, beside the working folder's other files unless its place was named: `run.json` makes `run.html`. */
function asPage({ settings, sources, file }: Configuration, path: string): Configuration {
  const name = path === STDIN ? "report" : basename(path, extname(path));
  const output = settings.output.length > 0 ? settings.output : [`${name}.${PAGE}`];
  return { settings: { ...settings, format: [PAGE], json: false, output }, sources: { ...sources, format: "`lens report`" }, file };
}

/** The whole path of what was written; null for standard output. */
async function writePage({ document, sample }: SavedResult, configuration: Configuration, io: Io): Promise<string | null> {
  const inPlace = ([output]: readonly { readonly path: string | null }[]): string | null =>
    output === undefined || output.path === null ? null : resolve(io.cwd, output.path);
  const context = { settings: configuration.settings, io, records: sample ?? [] };
  if (isComparison(document)) {
    const request = { kind: COMPARISONS, hasRecords: false, names: namesOfComparison(document) };
    const { documents } = await planOutputs(configuration, request, io);
    await writeDocument(documents, document, context);
    return inPlace(documents);
  }
  const { documents } = await planOutputs(configuration, { kind: REPORTS, hasRecords: false, names: namesOf(document) }, io);
  await writeDocument(documents, document, context);
  return inPlace(documents);
}

/** Hands the page to the desktop's browser, if there is somebody in front of it. */
async function show(path: string, io: Io): Promise<void> {
  const isWatched = io.stdout.isTty && (io.env.CI ?? "") === "";
  if (isWatched && (await io.openOnDesktop(path))) return;
  await io.stderr.write(`lens: not opened: ${isWatched ? "no program for it was found" : "nobody is at a terminal here"}.\n`);
}
