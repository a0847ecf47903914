/** What stands in a cell; null leaves it empty. */
export type Cell = string | number | boolean | null;

/** One column: its title, and what a row has in it. */
export interface Column<Row> {
  readonly title: string;
  readonly read: (row: Row) => Cell;
}

/** A table in the making. */
export interface CsvTable<Row> {
  /** The line of titles. */
  readonly head: string;
  line(row: Row): string;
}

/** With these a spreadsheet takes text for a formula, in full width too. Numbers are left alone: `-2` is no formula. */
const FORMULA = /^[=+\-@\t\r\n＝＋－＠]/;

/**
 * Prepares lines of CSV as RFC 4180 has it, but for the line break, which is that of all other files. Text that a spreadsheet would take for a
 * formula has an apostrophe put before it. Numbers are written to their last digit, with a point.
 */
export async function openCsv<Row>(columns: readonly Column<Row>[]): Promise<CsvTable<Row>> {
  const { default: papaparse } = await import("papaparse");
  const write = (cells: readonly Cell[]): string => `${papaparse.unparse([cells], { escapeFormulae: FORMULA, newline: "\n" })}\n`;
  return { head: write(columns.map(({ title }) => title)), line: (row) => write(columns.map(({ read }) => read(row))) };
}

/** A count for each name in one cell, `RATE_LIMITED=3 TIMEOUT=1`; null where there is none. */
export function countsCell(counts: Readonly<Record<string, number | undefined>>): string | null {
  const parts = Object.entries(counts).map(([name, count]) => `${name}=${count ?? 0}`);
  return parts.length === 0 ? null : parts.join(" ");
}
