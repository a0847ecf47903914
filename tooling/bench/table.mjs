// @ts-check
/** @typedef {readonly (string | number | null)[]} Row numbers are printed to three figures; null is nothing */
/** @typedef {{ readonly title: string, readonly columns: readonly string[], readonly rows: readonly Row[], readonly notes: readonly string[] }} Table */

/** Three figures, without an exponent. @param {number} value */
function figure(value) {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  return size >= 10 ? value.toFixed(1) : size >= 1 ? value.toFixed(2) : value.toFixed(3);
}

/** @param {string | number | null} cell */
const cellText = (cell) => (cell === null || Number.isNaN(cell) ? "–" : typeof cell === "number" ? figure(cell) : cell);

/** A table in Markdown whose columns stand in line on a terminal too. @param {Table} table */
export function render({ title, columns, rows, notes }) {
  const texts = [columns, ...rows.map((row) => row.map(cellText))];
  const widths = columns.map((_, column) => Math.max(...texts.map((row) => (row[column] ?? "").length)));
  const [head = "", ...body] = texts.map(
    (row) =>
      `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))).join(" | ")} |`,
  );
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(Math.max(1, width - 1))}:`)).join(" | ")} |`;
  return [`## ${title}`, "", head, rule, ...body, ...(notes.length === 0 ? [] : ["", ...notes]), ""].join("\n");
}

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
