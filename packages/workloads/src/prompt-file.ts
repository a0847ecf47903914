import { type FileHandle, open } from "node:fs/promises";
import { LensError } from "@lens/core";
import { createRowReader, guessDelimiter, type RowReader } from "./csv-row.ts";
import { type Entry, type EntryFault, type EntryRules, isEntryFault, readValue } from "./entry.ts";
import { type EntryIndex, type FileFormat, indexEntries } from "./entry-index.ts";
import { createEntryBytes } from "./entry-bytes.ts";
import { fileError } from "./file-error.ts";
import { findJsonFault } from "./json-fault.ts";

/** Something that is wrong in a file. */
export interface FileProblem {
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1, in characters. */
  readonly column: number;
  readonly problem: string;
}

/** An entry, and where it begins. */
export interface PlacedEntry {
  readonly line: number;
  readonly entry: Entry;
}

/** An opened file of prompts, whose entries are read as they are needed. */
export interface PromptFile {
  /** How many entries there are, broken ones included. */
  readonly count: number;
  /** The columns, in their order; null for a format without any. */
  readonly columns: readonly string[] | null;
  /** What is wrong with the file as a whole: a list that breaks off. */
  readonly broken: FileProblem | null;
  /** Reads one entry, wherever it is. */
  read(place: number): Promise<PlacedEntry | FileProblem>;
  /** Reads all of them, one after the other. */
  readAll(): AsyncGenerator<PlacedEntry | FileProblem, void, void>;
  close(): Promise<void>;
}

/** Which file, and how its entries become prompts. */
export interface PromptFileOptions extends EntryRules {
  /** Absolute. */
  readonly path: string;
  /** What messages call the file; its path unless given. */
  readonly name?: string;
  readonly format: FileFormat;
}

const SAMPLE_BYTES = 64 * 1024;

export const isFileProblem = (result: PlacedEntry | FileProblem): result is FileProblem => "problem" in result;

/** A problem as an error says it. */
export function problemError(name: string, { line, column, problem }: FileProblem): LensError {
  return new LensError("INVALID_ARGUMENT", `${problem}, in \`${name}\`, line ${line}, column ${column}.`);
}

function readJson(text: string, rules: EntryRules): Entry | EntryFault {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const offset = findJsonFault(text) ?? text.length;
    return { offset, problem: offset === text.length ? "Expected JSON, but it breaks off" : "Expected JSON, got something else" };
  }
  return readValue(value, rules, (name) => Math.max(0, text.indexOf(`"${name}"`)));
}

/** Where a place in an entry is in the file. */
function placeOf(text: string, offset: number, line: number, column: number): { readonly line: number; readonly column: number } {
  const before = text.slice(0, offset).split("\n");
  const last = before.at(-1) ?? "";
  return before.length === 1 ? { line, column: column + last.length } : { line: line + before.length - 1, column: last.length + 1 };
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: RowReader;
}

/** The delimiter of a table; nothing for other formats. */
async function delimiterOf(file: FileHandle, format: FileFormat): Promise<string> {
  if (format === "tsv") return "\t";
  if (format !== "csv") return "";
  const { buffer, bytesRead } = await file.read(Buffer.alloc(SAMPLE_BYTES), 0, SAMPLE_BYTES, 0);
  return guessDelimiter(buffer.toString("utf8", 0, bytesRead));
}

async function openTable(header: string, delimiter: string, name: string): Promise<Table> {
  const rows = await createRowReader(delimiter);
  const columns = rows.header(header);
  if ("problem" in columns) throw problemError(name, { line: 1, column: columns.offset + 1, problem: columns.problem });
  return { columns, rows };
}

/** Opens a file and finds its entries, which it does not keep. Rejects with `FILE_FAILED`, and `INVALID_ARGUMENT` for a table without a header. */
export async function openPromptFile({ path, name = path, format, ...rules }: PromptFileOptions): Promise<PromptFile> {
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(name, cause);
  });
  try {
    const delimiter = await delimiterOf(file, format);
    const index = await indexEntries(file, format, delimiter);
    const bytes = createEntryBytes(file, name);
    const table = delimiter === "" ? null : await openTable(index.count === 0 ? "" : await bytes.at(index.at(0)), delimiter, name);
    const first = table === null ? 0 : 1;

    function parse(text: string): Entry | EntryFault {
      if (table !== null) return table.rows.read(text, table.columns, rules);
      return format === "json" || format === "jsonl" ? readJson(text, rules) : readValue(text, rules, () => 0);
    }

    async function place(text: string, { start, line }: ReturnType<EntryIndex["at"]>): Promise<PlacedEntry | FileProblem> {
      const entry = parse(text);
      if (!isEntryFault(entry)) return { line, entry };
      return { ...placeOf(text, entry.offset, line, await bytes.columnOf(start)), problem: entry.problem };
    }

    return {
      count: index.count - first,
      columns: table?.columns ?? null,
      broken:
        index.brokenAt === null ? null : { line: index.brokenAt.line, column: await bytes.columnOf(index.brokenAt.byte), problem: BROKEN },
      async read(at) {
        const found = index.at(at + first);
        return place(await bytes.at(found), found);
      },
      async *readAll() {
        for (let at = first; at < index.count; at++) {
          const found = index.at(at);
          const text = bytes.next(found) ?? (await bytes.readAhead(found));
          yield await place(text, found);
        }
      },
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error instanceof LensError ? error : fileError(name, error);
  }
}

const BROKEN = "Expected a list or a quoted field to end, but the file breaks off";
