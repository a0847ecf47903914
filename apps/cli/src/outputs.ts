import { extname } from "node:path";
import { LensError, type RequestRecord } from "@lens/core";
import {
  COMPARISON_EXPORTERS,
  type Exporter,
  EXPORTERS,
  jsonlExporter,
  RECORD_EXPORTERS,
  type RecordExporter,
  type RenderOptions,
} from "@lens/exporters";
import type { ComparisonReport, Report } from "@lens/metrics";
import { wantsColor } from "./color.ts";
import type { Configuration } from "./config.ts";
import { DEFAULT_SETTINGS } from "./defaults.ts";
import { assertWritable, writeFileAtomically } from "./files.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";
import type { Flags } from "./option.ts";
import { expandName, type NameParts } from "./output-names.ts";
import { findPart, partPaths } from "./part-files.ts";
import { loadOwnExporter, type OwnExport } from "./own-exporters.ts";

/** Something to write in one format. */
interface Planned<Format> {
  readonly format: Format;
  /** Null for standard output. */
  readonly path: string | null;
}

/** One report, or another document, to write in one format. */
export type PlannedOutput<Document = Report> = Planned<Exporter<Document>>;

/** The records of requests, to write in one format. */
export type PlannedRecords = Planned<RecordExporter>;

/** All that is to be written. */
export interface OutputPlan<Document = Report> {
  readonly documents: readonly PlannedOutput<Document>[];
  readonly records: readonly PlannedRecords[];
}

/** A kind of document, and what can show it. */
export interface DocumentKind<Document> {
  readonly exporters: readonly Exporter<Document>[];
  /** What a module of the user's own exports for it. */
  readonly ownExport: OwnExport;
}

export const REPORTS: DocumentKind<Report> = { exporters: EXPORTERS, ownExport: "exporter" };
export const COMPARISONS: DocumentKind<ComparisonReport> = { exporters: COMPARISON_EXPORTERS, ownExport: "comparisonExporter" };

/** What outputs are planned for. */
export interface OutputRequest<Document> {
  readonly kind: DocumentKind<Document>;
  /** Whether single requests are at hand, too. */
  readonly hasRecords: boolean;
  readonly names: NameParts;
}

type FormatOf<Document> = Exporter<Document> | RecordExporter;

const STDOUT = "-";

/**
 * Pairs formats with files in order: a format without a file goes to standard output, a file without a format takes the one of its ending. Files alone
 * leave standard output to the console. Throws `INVALID_ARGUMENT`, and `FILE_FAILED` for a file that cannot be written or is there already, before
 * anything is sent.
 */
export async function planOutputs<Document>(
  { settings, sources }: Pick<Configuration, "settings" | "sources">,
  request: OutputRequest<Document>,
  io: Io,
): Promise<OutputPlan<Document>> {
  const placeOf = (path: string): string | null => (path === STDOUT ? null : expandName(path, request.names));
  const paths = settings.output.map(placeOf);
  const named = settings.json ? ["json"] : sources.format === "default" && paths.length > 0 ? null : settings.format;
  const asked = named === null ? byEnding(paths, request) : pair(await findFormats(named, request, io), paths);
  const ofRecords =
    request.hasRecords && settings.records !== undefined ? [{ format: jsonlExporter, path: placeOf(settings.records) }] : [];
  const outputs = [...asked, ...ofRecords];
  checkStdout(outputs.filter((output) => output.path === null).length);
  const files = outputs.flatMap(({ path }) => path ?? []);
  const twice = files.find((path, index) => files.indexOf(path) !== index);
  if (twice !== undefined) throw new LensError("INVALID_ARGUMENT", `Expected a file of its own for each output, got \`${twice}\` twice.`);
  for (const { format, path } of outputs) {
    if (path === null) continue;
    const isParted = "render" in format && format.parts !== undefined;
    const place = (isParted ? await findPart(path, io.cwd) : null) ?? path;
    await assertWritable(place, { cwd: io.cwd, force: settings.force });
  }
  return {
    documents: outputs.flatMap(({ format, path }) => ("render" in format ? [{ format, path }] : [])),
    records: outputs.flatMap(({ format, path }) => ("render" in format ? [] : [{ format, path }])),
  };
}

function checkStdout(formats: number): void {
  if (formats > 1)
    throw new LensError("INVALID_ARGUMENT", "Expected one format on standard output, got more. Give the others an `--output` each.");
}

/**
 * The configuration of a command that reads a saved result: what a file or the environment says of outputs is meant for runs, and would replace what is
 * being read. Throws `INVALID_ARGUMENT` where too few files are named, before a long result is read.
 */
export function outputsOfFlags({ settings, sources, file }: Configuration, flags: Flags): Configuration {
  const { output, format, json, otlpEndpoint, ...others } = settings;
  const isFormatTyped = flags.format !== undefined || flags.json !== undefined;
  if (flags.format !== undefined && !json) checkStdout(format.length - (flags.output === undefined ? 0 : output.length));
  return {
    file,
    settings: {
      ...others,
      ...(flags["otlp-endpoint"] === undefined || otlpEndpoint === undefined ? {} : { otlpEndpoint }),
      output: flags.output === undefined ? [] : output,
      format: isFormatTyped ? format : [...DEFAULT_SETTINGS.format],
      json: isFormatTyped && json,
    },
    sources: isFormatTyped ? sources : { ...sources, format: "default" },
  };
}

function pair<Document>(formats: readonly FormatOf<Document>[], paths: readonly (string | null)[]): readonly Planned<FormatOf<Document>>[] {
  if (paths.length > formats.length)
    throw new LensError("INVALID_ARGUMENT", `Expected at most as many \`--output\` as formats, got ${paths.length} for ${formats.length}.`);
  return formats.map((format, index) => ({ format, path: paths[index] ?? null }));
}

const formatsOf = <Document>({ kind, hasRecords }: OutputRequest<Document>): readonly FormatOf<Document>[] => [
  ...kind.exporters,
  ...(hasRecords ? RECORD_EXPORTERS : []),
];

function byEnding<Document>(paths: readonly (string | null)[], request: OutputRequest<Document>): readonly Planned<FormatOf<Document>>[] {
  const formats = formatsOf(request);
  const files = paths.map((path) => {
    const format = formats.find((candidate) => path === null || `.${candidate.extension}` === extname(path));
    if (format !== undefined) return { format, path };
    const ids = formats.map(({ id }) => id).join(", ");
    throw new LensError("INVALID_ARGUMENT", `Expected \`--format\` for \`${path}\`, whose ending tells none. Known are ${ids}.`);
  });
  const shown = formats.find(({ id }) => id === "console");
  return shown === undefined || files.some(({ path }) => path === null) ? files : [{ format: shown, path: null }, ...files];
}

const findFormats = <Document>(
  words: readonly string[],
  request: OutputRequest<Document>,
  io: Io,
): Promise<readonly FormatOf<Document>[]> => Promise.all(words.map((word) => findFormat(word, request, io)));

async function findFormat<Document>(word: string, request: OutputRequest<Document>, io: Io): Promise<FormatOf<Document>> {
  const formats = formatsOf(request);
  const found = formats.find(({ id }) => id === word) ?? (await loadOwnExporter<Document>(word, request.kind.ownExport, io));
  const isOfRecords = RECORD_EXPORTERS.some(({ id }) => id === word) || (found !== null && !("render" in found));
  if (isOfRecords && !request.hasRecords)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the records of single requests for the format \`${word.slice(0, 60)}\`, got none here.`,
    );
  if (found !== null) return found;
  const ids = formats.map(({ id }) => id);
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected \`--format\` to be one of ${ids.join(", ")}, or the path of an exporter, got \`${word.slice(0, 60)}\`.${suggestion(word, ids)}`,
  );
}

/** Whether an output is read as it appears, by people. */
export function isForPeople({ format, path }: PlannedOutput): boolean {
  return path === null && format.id === "console";
}

/** How a document is shown at a place: in colour only where somebody looks at it. */
export function renderOptions(
  { settings }: Pick<Configuration, "settings">,
  path: string | null,
  io: Io,
): RenderOptions & Required<Pick<RenderOptions, "color" | "explain">> {
  const { color, explain, semconv } = settings;
  return { color: path === null && wantsColor(color, io.env, io.stdout), explain, ...(semconv === undefined ? {} : { semconv }) };
}

/** What a document is shown with. */
export interface DocumentContext extends Pick<Configuration, "settings"> {
  readonly io: Io;
  /** Some of the requests behind it; empty where none are at hand. */
  readonly records: readonly RequestRecord[];
}

/** As `writeOutputs`, for what the exporters themselves show. */
export function writeDocument<Document>(
  outputs: readonly PlannedOutput<Document>[],
  document: Document,
  { settings, io, records }: DocumentContext,
): Promise<void> {
  const optionsAt = (path: string | null): RenderOptions => ({ ...renderOptions({ settings }, path, io), records });
  return writeOutputs(outputs, ({ format, path }) => partsOf(format, path, document) ?? format.render(document, optionsAt(path)), io);
}

/** The parts of a text by their files, in a format that wants them apart and has any; null where it is one. */
function partsOf<Document>({ parts }: Exporter<Document>, path: string | null, document: Document): readonly PartFile[] | null {
  if (parts === undefined || path === null) return null;
  const found = parts(document);
  const paths = partPaths(path, found);
  return found.length === 0 ? null : found.map(({ text }, index) => ({ path: paths[index] ?? path, text }));
}

/** A text that is one of several of an output. */
interface PartFile {
  readonly path: string;
  readonly text: string;
}

/** Writes each output, files atomically. Where one fails the others are written all the same, and then the first failure is thrown, as `FILE_FAILED` mostly. */
export async function writeOutputs<Document>(
  outputs: readonly PlannedOutput<Document>[],
  render: (output: PlannedOutput<Document>) => string | readonly PartFile[] | Promise<string>,
  io: Io,
): Promise<void> {
  const failures: unknown[] = [];
  for (const output of outputs) {
    try {
      const rendered = await render(output);
      if (typeof rendered !== "string") for (const { path, text } of rendered) await writeFileAtomically(path, text, io.cwd);
      else if (output.path === null) await io.stdout.write(rendered);
      else await writeFileAtomically(output.path, rendered, io.cwd);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
