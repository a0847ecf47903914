import { extname } from "node:path";
import { LensError } from "@lens/core";
import { type Exporter, EXPORTERS } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import type { Configuration, ResolvedSettings } from "./config.ts";
import { assertWritable, writeFileAtomically } from "./files.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";

/** One report, or another document, to write in one format. */
export interface PlannedOutput<Document = Report> {
  readonly format: Exporter<Document>;
  /** Null for standard output. */
  readonly path: string | null;
}

const STDOUT = "-";

/**
 * Pairs formats with files in order: a format without a file goes to standard output, a file without a format takes the one of its ending. Files alone
 * leave standard output to the console. Throws `INVALID_ARGUMENT`, and `FILE_FAILED` for a file that cannot be written, before anything is sent.
 */
export async function planDocuments<Document>(
  { settings, sources }: Pick<Configuration, "settings" | "sources">,
  formats: readonly Exporter<Document>[],
  io: Io,
): Promise<readonly PlannedOutput<Document>[]> {
  const paths = settings.output.map((path) => (path === STDOUT ? null : path));
  const named = settings.json ? ["json"] : sources.format === "default" && paths.length > 0 ? null : settings.format;
  const outputs =
    named === null
      ? byEnding(paths, formats)
      : pair(
          named.map((id) => findFormat(id, formats)),
          paths,
        );
  if (outputs.filter((output) => output.path === null).length > 1) {
    throw new LensError("INVALID_ARGUMENT", "Expected one format on standard output, got more. Give the others an `--output` each.");
  }
  for (const { path } of outputs) if (path !== null) await assertWritable(path, io.cwd);
  return outputs;
}

/** As `planDocuments`, for reports. */
export function planOutputs(
  settings: ResolvedSettings,
  sources: Readonly<Record<string, string>>,
  io: Io,
): Promise<readonly PlannedOutput[]> {
  return planDocuments({ settings, sources }, EXPORTERS, io);
}

function pair<Document>(formats: readonly Exporter<Document>[], paths: readonly (string | null)[]): readonly PlannedOutput<Document>[] {
  if (paths.length > formats.length)
    throw new LensError("INVALID_ARGUMENT", `Expected at most as many \`--output\` as formats, got ${paths.length} for ${formats.length}.`);
  return formats.map((format, index) => ({ format, path: paths[index] ?? null }));
}

function byEnding<Document>(paths: readonly (string | null)[], formats: readonly Exporter<Document>[]): readonly PlannedOutput<Document>[] {
  const files = paths.map((path): PlannedOutput<Document> => {
    const format = formats.find((candidate) => path === null || `.${candidate.extension}` === extname(path));
    if (format === undefined)
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected \`--format\` for \`${path}\`, whose ending tells none. Known are ${formats.map(({ id }) => id).join(", ")}.`,
      );
    return { format, path };
  });
  return files.some((file) => file.path === null) ? files : [{ format: findFormat("console", formats), path: null }, ...files];
}

function findFormat<Document>(id: string, formats: readonly Exporter<Document>[]): Exporter<Document> {
  const ids = formats.map((format) => format.id);
  const found = formats.find((format) => format.id === id);
  if (found === undefined)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected \`--format\` to be one of ${ids.join(", ")}, got \`${id.slice(0, 60)}\`.${suggestion(id, ids)}`,
    );
  return found;
}

/** Whether an output is read as it appears, by people. */
export function isForPeople({ format, path }: PlannedOutput): boolean {
  return path === null && format.id === "console";
}

/** Writes each output, files atomically. Throws `FILE_FAILED`. */
export async function writeOutputs<Document>(
  outputs: readonly PlannedOutput<Document>[],
  render: (output: PlannedOutput<Document>) => string | Promise<string>,
  io: Io,
): Promise<void> {
  for (const output of outputs) {
    const text = await render(output);
    if (output.path === null) await io.stdout.write(text);
    else await writeFileAtomically(output.path, text, io.cwd);
  }
}
