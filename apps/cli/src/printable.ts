import { printable } from "@lens/exporters";

/** Text from elsewhere in one line, fit for a terminal. */
export function oneLine(text: string): string {
  return printable(text.replaceAll(/\s*[\r\n]+\s*/g, " ")).trim();
}

/** Text from elsewhere with its lines kept, fit for a terminal. */
export function manyLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** The text in lines of at most `columns` characters, broken at spaces where there are any. */
export function wrapText(text: string, columns: number): readonly string[] {
  if (text.length <= columns) return [text];
  const space = text.lastIndexOf(" ", columns);
  const end = space > 0 ? space : columns;
  const lines = [text.slice(0, end)];
  for (const line of wrapText(text.slice(end).trimStart(), columns)) lines.push(line);
  return lines;
}
