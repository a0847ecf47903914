import { printable } from "@lens/exporters";

/** Text from elsewhere in one line, fit for a terminal. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, " ")).trim();
}

/** Text from elsewhere with its lines kept, fit for a terminal. */
export function manyLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}
