import { LensError } from "@lens/core";
import { isComparison, type PriceBook } from "@lens/metrics";
import { resolveConfiguration } from "../config.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { openHiddenFile } from "../files.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../option.ts";
import { openOtlpPush } from "../otlp.ts";
import { namesOf, namesOfComparison } from "../output-names.ts";
import { COMPARISONS, outputsOfFlags, type PlannedRecords, planOutputs, REPORTS, writeDocument } from "../outputs.ts";
import { openPriceBook } from "../price-book.ts";
import { openSaved, type SavedFile } from "../saved-results.ts";
import { summaryOptions } from "../summary-options.ts";
import { requestedTargets } from "../targets.ts";

/** Turns a saved result into other formats. */
export async function runExport(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = outputsOfFlags(await resolveConfiguration(flags, [], io), flags);
  const { settings } = configuration;
  const push = await openOtlpPush(settings);
  const saved = await openSaved(inputOf(positionals, flags), io);
  const priceBook = await openPriceBook(requestedTargets(settings), settings, io);
  const { document, sample } = await saved.read(summaryOptions(settings, priceBook));
  const context = { settings, io, records: sample ?? [] };
  if (isComparison(document)) {
    if (push !== null) throw new LensError("INVALID_ARGUMENT", "Expected a report to send to `--otlp-endpoint`, got a comparison.");
    const names = namesOfComparison(document);
    const { documents } = await planOutputs(configuration, { kind: COMPARISONS, hasRecords: false, names }, io);
    await writeDocument(documents, document, context);
    return EXIT_CODES.ok;
  }
  const request = { kind: REPORTS, hasRecords: sample !== null, names: namesOf(document) };
  const { documents, records } = await planOutputs(configuration, request, io);
  await writeDocument(documents, document, context);
  for (const output of records) await writeRecords(output, saved, { priceBook, io });
  await push?.(document);
  return EXIT_CODES.ok;
}

/** The file to read, as an argument or by `--input`. Throws `INVALID_ARGUMENT` for none, and for both. */
function inputOf([positional]: readonly string[], { input }: Flags): string {
  if (positional !== undefined && input !== undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected one result to export, got \`${positional.slice(0, 60)}\` and \`--input\`.`);
  const path = positional ?? input;
  if (path === undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      "Expected the result to export, a report or a comparison as JSON or a file of records, got none.",
    );
  return path.toString();
}

/** So much is gathered before it is written. */
const CHUNK_CHARS = 65_536;

interface RecordContext {
  readonly priceBook: PriceBook;
  readonly io: Io;
}

/** Writes record after record, so that a file of any length passes through; a file appears only when it is whole. */
async function writeRecords({ format, path }: PlannedRecords, saved: SavedFile, { priceBook, io }: RecordContext): Promise<void> {
  const { head, line } = await format.open({ priceBook });
  const file = path === null ? null : await openHiddenFile(path, io.cwd);
  const write = (text: string): Promise<void> => (file === null ? io.stdout.write(text) : file.write(text));
  try {
    let pending = head;
    for await (const record of saved.records()) {
      pending += line(record);
      if (pending.length < CHUNK_CHARS) continue;
      await write(pending);
      pending = "";
    }
    await write(pending);
    await file?.keep();
  } catch (error) {
    await file?.discard();
    throw error;
  }
}
