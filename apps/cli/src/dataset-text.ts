import { formatCount, formatNumber } from "@lens/exporters";
import type { FileProblem, Spread } from "@lens/workloads";
import { oneLine } from "./printable.ts";

const NAME_WIDTH = 10;

/** A name and what it is. */
export const row = (name: string, text: string): string => `${name.padEnd(NAME_WIDTH)}${oneLine(text)}`;

/** How numbers are spread, in words. */
export function spread({ min, median, mean, p95, max }: Spread): string {
  const shown = (value: number): string => (Number.isInteger(value) ? formatCount(value) : formatNumber(value));
  return `${shown(min)} to ${shown(max)}, median ${shown(median)}, mean ${shown(mean)}, p95 ${shown(p95)}`;
}

/** What is wrong with a file: the first of the problems, and how many more there are of so many. */
export function problemRows(file: string, problems: readonly FileProblem[], broken: number): readonly string[] {
  if (problems.length === 0) return [];
  return [
    "",
    "problems",
    ...problems.map(({ line, column, problem }) => `  ${oneLine(`${file}:${line}:${column}  ${problem}`)}`),
    ...(broken > problems.length ? [`  and ${formatCount(broken - problems.length)} more`] : []),
  ];
}
