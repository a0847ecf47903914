import { mkdir, readdir } from "node:fs/promises";
import { basename, isAbsolute, join, resolve, win32 } from "node:path";
import { LensError } from "@lens/core";
import { parseReport, type Report } from "@lens/metrics";
import { fileError, readTextFile, writeFileAtomically } from "./files.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";

/** Where baselines are kept, beside the code that they belong to. */
const FOLDER = ".lens/baselines";
const ENDING = ".json";
const NAME = /^[A-Za-z0-9]([\w.-]{0,62}\w)?$/;

/** The file of a baseline, relative to the working folder. Throws `INVALID_ARGUMENT` for what cannot be the name of one. */
export function baselinePath(name: string): string {
  if (!NAME.test(name))
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the name of a baseline in letters, digits, \`.\`, \`_\` and \`-\`, such as \`main\`, got \`${name.slice(0, 60)}\`.`,
    );
  return `${FOLDER}/${name}${ENDING}`;
}

/** The report that was saved as a baseline. Throws `INVALID_ARGUMENT` where there is none of that name, `INVALID_REPORT` and `FILE_FAILED`. */
export async function readBaseline(name: string, io: Io): Promise<Report> {
  const path = baselinePath(name);
  const names = await listBaselines(io);
  if (!names.includes(name)) {
    const known = names.length === 0 ? "there are none here" : `there are ${names.join(", ")}`;
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a baseline in \`${FOLDER}\`, got \`${name}\`: ${known}.${suggestion(name, names)} \`lens baseline save ${name} FILE\` makes it.`,
    );
  }
  const text = await readTextFile(path, io.cwd);
  try {
    return parseReport(text);
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
    throw new LensError(error.code, `In \`${path}\`: ${error.message}`, { cause: error });
  }
}

/** Keeps a report as a baseline, in place of one of that name. Throws `INVALID_ARGUMENT` and `FILE_FAILED`. */
export async function saveBaseline(name: string, report: Report, io: Io): Promise<void> {
  const path = baselinePath(name);
  try {
    await mkdir(resolve(io.cwd, FOLDER), { recursive: true });
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  await writeFileAtomically(path, renderBaseline(report), io.cwd);
}

/** The names of the baselines that there are, in alphabetical order. Throws `FILE_FAILED`. */
export async function listBaselines(io: Io): Promise<readonly string[]> {
  try {
    const files = await readdir(join(io.cwd, FOLDER));
    const names = files.filter((file) => file.endsWith(ENDING)).map((file) => basename(file, ENDING));
    return names.filter((name) => NAME.test(name)).toSorted();
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileError("read", FOLDER, cause);
  }
}

/** Fit for a repository: keys in alphabetical order, so that a difference is one of figures, and no folder of the machine that measured. */
function renderBaseline(report: Report): string {
  const options = Object.fromEntries(Object.entries(report.run.options).map(([name, value]) => [name, withoutFolder(value)]));
  return `${JSON.stringify(sorted({ ...report, run: { ...report.run, options } }), null, 2)}\n`;
}

function withoutFolder<T>(value: T): T | string {
  if (typeof value !== "string") return value;
  return isAbsolute(value) || win32.isAbsolute(value) ? win32.basename(value) : value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, entry]) => [name, sorted(entry)]));
}
