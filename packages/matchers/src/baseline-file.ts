import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { LensError, nearest } from "@lens/core";
import { BASELINE_FOLDER, baselineNames, baselinePath, parseReport, renderBaseline, type Report } from "@lens/metrics";

function savedNames(): readonly string[] {
  try {
    return baselineNames(readdirSync(BASELINE_FOLDER));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

/**
 * The report that was saved as a baseline in the working folder. At once, as a matcher cannot wait. Throws `INVALID_ARGUMENT` where there is none of that
 * name, and `INVALID_REPORT` for what is no report.
 */
export function readBaseline(name: string): Report {
  const path = baselinePath(name);
  const names = savedNames();
  if (!names.includes(name)) {
    const known = names.length === 0 ? "there are none here" : `there are ${names.join(", ")}`;
    const meant = nearest(name, names);
    const hint = meant === null ? "" : ` Did you mean \`${meant}\`?`;
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a baseline in \`${BASELINE_FOLDER}\`, got \`${name}\`: ${known}.${hint} Run the tests with \`-u\` to make it of this run, or \`lens baseline save ${name} FILE\`.`,
    );
  }
  try {
    return parseReport(readFileSync(path, "utf8"));
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
    throw new LensError(error.code, `In \`${path}\`: ${error.message}`, { cause: error });
  }
}

/** Keeps a report as a baseline, in place of one of that name: a reader sees the old one or the whole new one. */
export function saveBaseline(name: string, report: Report): void {
  const path = baselinePath(name);
  mkdirSync(BASELINE_FOLDER, { recursive: true });
  const hidden = `${BASELINE_FOLDER}/.${name}.tmp`;
  writeFileSync(hidden, renderBaseline(report));
  renameSync(hidden, path);
}
