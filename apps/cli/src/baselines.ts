import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { LensError } from "@lens/core";
import { BASELINE_FOLDER, baselineNames, baselinePath, parseReport, renderBaseline, type Report } from "@lens/metrics";
import { fileError, readTextFile, writeFileAtomically } from "./files.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";

/** The report that was saved as a baseline. Throws `INVALID_ARGUMENT` where there is none of that name, `INVALID_REPORT` and `FILE_FAILED`. */
export async function readBaseline(name: string, io: Io): Promise<Report> {
  const path = baselinePath(name);
  const names = await listBaselines(io);
  if (!names.includes(name)) {
    const known = names.length === 0 ? "there are none here" : `there are ${names.join(", ")}`;
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a baseline in \`${BASELINE_FOLDER}\`, got \`${name}\`: ${known}.${suggestion(name, names)} \`lens baseline save ${name} FILE\` makes it.`,
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
    await mkdir(resolve(io.cwd, BASELINE_FOLDER), { recursive: true });
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  await writeFileAtomically(path, renderBaseline(report), io.cwd);
}

/** The names of the baselines that there are, in alphabetical order. Throws `FILE_FAILED`. */
export async function listBaselines(io: Io): Promise<readonly string[]> {
  try {
    return baselineNames(await readdir(join(io.cwd, BASELINE_FOLDER)));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw fileError("read", BASELINE_FOLDER, cause);
  }
}
