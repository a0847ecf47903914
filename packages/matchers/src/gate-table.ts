import type { Judgement } from "./matchers.ts";
import { intervalWords, valueWords } from "./message.ts";

/** One line of the table at the end of a run: what was expected of one target, and what became of it. Plain JSON, all in words. */
export interface GateRow {
  readonly test: string;
  readonly target: string;
  readonly expected: string;
  readonly value: string;
  readonly interval: string;
  /** Requests. */
  readonly n: string;
  readonly verdict: string;
}

const COLUMNS = ["test", "target", "expected", "value", "interval", "n", "verdict"] as const satisfies readonly (keyof GateRow)[];

function verdictWords(met: boolean | null, certain: boolean): string {
  if (met === null) return "not judged";
  return `${met ? "met" : "missed"}${certain ? "" : ", not certain"}`;
}

/** The lines of one expectation. */
export function gateRows(test: string, { findings }: Pick<Judgement, "findings">): readonly GateRow[] {
  return findings.map(({ outcome, group }) => ({
    test,
    target: group.target.label,
    expected: outcome.text,
    value: valueWords(outcome),
    interval: intervalWords(outcome.interval, outcome.unit),
    n: String(group.requests),
    verdict: verdictWords(outcome.met, outcome.certain),
  }));
}

/** Fit for a cell, in Markdown and in a terminal. */
const cell = (text: string): string => text.replace(/\p{Cc}+/gu, " ").replaceAll("|", "\\|");

/** A table in Markdown, with columns that line up in a terminal, too. */
export function renderGateTable(rows: readonly GateRow[]): string {
  const cells = [[...COLUMNS], ...rows.map((row) => COLUMNS.map((column) => cell(row[column])))];
  const widths = COLUMNS.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  const lines = cells.map((line) => `| ${line.map((text, index) => text.padEnd(widths[index] ?? 0)).join(" | ")} |`);
  lines.splice(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}
