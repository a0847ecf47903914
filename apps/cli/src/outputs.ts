import { extname } from "node:path";
import { LensError } from "@lens/core";
import { type Exporter, EXPORTERS } from "@lens/exporters";
import type { ResolvedSettings } from "./config.ts";
import { assertWritable, writeFileAtomically } from "./files.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";

/** One report to write, in one format. */
export interface PlannedOutput {
  readonly format: Exporter;
  /** Null for standard output. */
  readonly path: string | null;
}

const STDOUT = "-";

/**
 * Pairs formats with files in order: a format without a file goes to standard output, a file without a format takes the one of its ending. Files alone
 * leave standard output to the console. Throws `INVALID_ARGUMENT`, and `FILE_FAILED` for a file that cannot be written, before anything is sent.
 */
export async function planOutputs(
  settings: ResolvedSettings,
  sources: Readonly<Record<string, string>>,
  io: Io,
): Promise<readonly PlannedOutput[]> {
  const paths = settings.output.map((path) => (path === STDOUT ? null : path));
  const named = settings.json ? ["json"] : sources.format === "default" && paths.length > 0 ? null : settings.format;
  const outputs = named === null ? byEnding(paths) : pair(named.map(findFormat), paths);
  if (outputs.filter((output) => output.path === null).length > 1) {
    throw new LensError("INVALID_ARGUMENT", "Expected one format on standard output, got more. Give the others an `--output` each.");
  }
  for (const { path } of outputs) if (path !== null) await assertWritable(path, io.cwd);
  return outputs;
}

function pair(formats: readonly Exporter[], paths: readonly (string | null)[]): readonly PlannedOutput[] {
  if (paths.length > formats.length)
    throw new LensError("INVALID_ARGUMENT", `Expected at most as many \`--output\` as formats, got ${paths.length} for ${formats.length}.`);
  return formats.map((format, index) => ({ format, path: paths[index] ?? null }));
}

function byEnding(paths: readonly (string | null)[]): readonly PlannedOutput[] {
  const files = paths.map((path): PlannedOutput => {
    const format = EXPORTERS.find((candidate) => path === null || `.${candidate.extension}` === extname(path));
    if (format === undefined)
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected \`--format\` for \`${path}\`, whose ending tells none. Known are ${EXPORTERS.map(({ id }) => id).join(", ")}.`,
      );
    return { format, path };
  });
  return files.some((file) => file.path === null) ? files : [{ format: findFormat("console"), path: null }, ...files];
}

function findFormat(id: string): Exporter {
  const ids = EXPORTERS.map((format) => format.id);
  const found = EXPORTERS.find((format) => format.id === id);
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
export async function writeOutputs(outputs: readonly PlannedOutput[], render: (output: PlannedOutput) => string, io: Io): Promise<void> {
  for (const output of outputs) {
    const text = render(output);
    if (output.path === null) await io.stdout.write(text);
    else await writeFileAtomically(output.path, text, io.cwd);
  }
}
