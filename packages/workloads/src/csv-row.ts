import { type Entry, type EntryFault, type EntryRules, readRow } from "./entry.ts";
import type { Values } from "./template.ts";

/** Reads the lines of one CSV file. */
export interface RowReader {
  /** The columns, in their order; null, or what is wrong with a header. */
  header(text: string): readonly string[] | EntryFault;
  read(text: string, columns: readonly string[], rules: EntryRules): Entry | EntryFault;
}

/** What stands between the fields of the file that begins so. */
export async function guessDelimiter(beginning: string): Promise<string> {
  const { default: papaparse } = await import("papaparse");
  return papaparse.parse(beginning, { preview: 10, delimitersToGuess: [",", ";", "\t", "|"] }).meta.delimiter;
}

/** Creates a reader of CSV as RFC 4180 has it, whatever stands between its fields. */
export async function createRowReader(delimiter: string): Promise<RowReader> {
  const { default: papaparse } = await import("papaparse");

  function fieldsOf(text: string): readonly string[] | EntryFault {
    const { data, errors } = papaparse.parse<readonly string[]>(text, { delimiter });
    const [error] = errors;
    if (error !== undefined)
      return { offset: error.index ?? 0, problem: `Expected fields with quotes that match, got others (${error.code})` };
    return data[0] ?? [];
  }

  return {
    header(text) {
      const columns = fieldsOf(text);
      if ("problem" in columns) return columns;
      const names = columns.map((name) => name.trim());
      const twice = names.find((name, at) => names.indexOf(name) !== at);
      return twice === undefined
        ? names
        : { offset: 0, problem: `Expected columns with names of their own, got \`${twice.slice(0, 60)}\` twice` };
    },
    read(text, columns, rules) {
      const fields = fieldsOf(text);
      if ("problem" in fields) return fields;
      if (fields.length !== columns.length) {
        return { offset: text.length, problem: `Expected ${columns.length} fields, one for each column, got ${fields.length}` };
      }
      const row: Values = Object.fromEntries(columns.map((name, at) => [name, fields[at] ?? ""]));
      return readRow(row, rules, () => 0);
    },
  };
}
