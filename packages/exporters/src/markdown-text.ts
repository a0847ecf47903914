import { printable, truncate } from "./terminal-text.ts";

/** Longer names are cut: a table of ten thousand characters is read by nobody. */
const LONGEST_NAME = 80;
/** Longer texts, such as notes, are cut. */
const LONGEST_TEXT = 500;

const oneLine = (text: string): string => printable(text.replaceAll(/\s+/g, " ")).trim();

/** A name from outside as code, so that nothing in it is markup, a link or somebody's name. */
export function codeOf(name: string): string {
  const text = truncate(oneLine(name), LONGEST_NAME);
  if (text === "") return "(no name)";
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  const padding = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** Text from outside in which nothing is markup. What GitHub would take for the name of a person or the number of an issue is broken up. */
export function plainOf(text: string): string {
  return truncate(oneLine(text), LONGEST_TEXT)
    .replaceAll(/[\\`*_~[\]<>&]/g, String.raw`\$&`)
    .replaceAll(/[@#](?=\w)/g, "$&<!-- -->")
    .replaceAll(/^([#+-]|\d+[.)])/g, String.raw`\$1`);
}

/** A table, the columns but for the `left` ones set to the right. A bar within a cell is escaped, in code as well; backslashes before it go. */
export function tableOf(titles: readonly string[], rows: readonly (readonly string[])[], left: readonly number[] = [0]): string {
  const cell = (markdown: string): string => markdown.replaceAll(/\\*\|/g, String.raw`\|`);
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;
  const dashes = titles.map((_, index) => (left.includes(index) ? "---" : "---:"));
  return [line(titles), `| ${dashes.join(" | ")} |`, ...rows.map(line)].join("\n");
}

/** What is folded until it is asked for. */
export function foldedOf(title: string, body: string): string {
  return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Paragraphs with an empty line between them. */
export function joined(paragraphs: readonly string[]): string {
  return `${paragraphs.filter((paragraph) => paragraph !== "").join("\n\n")}\n`;
}
