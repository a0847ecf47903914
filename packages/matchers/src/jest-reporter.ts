/**
 * A reporter for jest, which shows every verdict at the end of the run.
 * @module
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { concludeRun } from "./conclude-run.ts";
import type { GateRow } from "./gate-table.ts";
import { ROWS_FILE } from "./rows-file.ts";

/** As much of jest's reporter API as is used here. */
export interface LensReporter {
  onRunComplete(): void;
}

/** Makes a reporter that shows all latency expectations of a run in a table at its end, and in GitHub's step summary: before a test process is started. */
export function createLensReporter(): LensReporter {
  const folder = mkdtempSync(join(tmpdir(), "lens-matchers-"));
  const path = join(folder, "rows.jsonl");
  process.env[ROWS_FILE] = path;
  return {
    onRunComplete() {
      const lines = existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
      rmSync(folder, { recursive: true, force: true });
      const rows = lines.map((line) => JSON.parse(line) as GateRow);
      concludeRun(rows, { print: (text) => void process.stderr.write(text), stepSummary: process.env["GITHUB_STEP_SUMMARY"] });
    },
  };
}

/** What jest takes of a module in `reporters: ["default", "@lens/matchers/jest-reporter"]`: the default export, which it calls with `new`. */
export default function LensReporterForJest(): LensReporter {
  return createLensReporter();
}
