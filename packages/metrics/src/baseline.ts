import { LensError } from "@lens/core";
import type { Report } from "./report.ts";

/** Where baselines are kept, beside the code that they belong to: relative to the folder that is worked in. */
export const BASELINE_FOLDER = ".lens/baselines";
const ENDING = ".json";
const NAME = /^[A-Za-z0-9]([\w.-]{0,62}\w)?$/;
/** A path that begins at the root of a file system, of whatever platform. */
const ABSOLUTE = /^(?:\/|\\|[A-Za-z]:[/\\])/;

/** The file of a baseline, relative to the working folder. Throws `INVALID_ARGUMENT` for what cannot be the name of one. */
export function baselinePath(name: string): string {
  if (!NAME.test(name))
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the name of a baseline in letters, digits, \`.\`, \`_\` and \`-\`, such as \`main\`, got \`${name.slice(0, 60)}\`.`,
    );
  return `${BASELINE_FOLDER}/${name}${ENDING}`;
}

/** The names of the baselines among the files of their folder, in alphabetical order. */
export function baselineNames(files: readonly string[]): readonly string[] {
  return files
    .filter((file) => file.endsWith(ENDING))
    .map((file) => file.slice(0, -ENDING.length))
    .filter((name) => NAME.test(name))
    .toSorted();
}

const withoutFolder = <T>(value: T): T | string =>
  typeof value === "string" && ABSOLUTE.test(value) ? (/[^/\\]*$/.exec(value.replace(/[/\\]+$/, ""))?.[0] ?? "") : value;

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, entry]) => [name, sorted(entry)]));
}

/**
 * A report as the text of a baseline, fit for a repository: keys in alphabetical order, so that a difference is one of figures, and no folder of the
 * machine that measured. `parseReport` reads it.
 */
export function renderBaseline(report: Report): string {
  const options = Object.fromEntries(Object.entries(report.run.options).map(([name, value]) => [name, withoutFolder(value)]));
  return `${JSON.stringify(sorted({ ...report, run: { ...report.run, options } }), null, 2)}\n`;
}
