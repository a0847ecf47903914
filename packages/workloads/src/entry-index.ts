import type { FileHandle } from "node:fs/promises";

/** How a file is cut into entries. `csv` and `tsv` have a first entry that names the columns. */
export type FileFormat = "text" | "lines" | "jsonl" | "json" | "csv" | "tsv";

/** Where the entries of a file are, in 16 bytes for each. */
export interface EntryIndex {
  readonly count: number;
  /** The first and the last byte of an entry, the last one not included, and the line that it begins in, from 1. */
  at(place: number): { readonly start: number; readonly end: number; readonly line: number };
  /** Where a list breaks off before its end; null where nothing is wrong. */
  readonly brokenAt: { readonly byte: number; readonly line: number } | null;
}

type Emit = (start: number, end: number, line: number) => void;

/** Is fed a file block by block. */
interface Splitter {
  feed(block: Buffer, offset: number): void;
  /** Tells whether the file ended where it may. */
  end(size: number): boolean;
}

const BLOCK_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;
const QUOTE = 0x22;
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || (byte !== undefined && byte >= 0x09 && byte <= 0x0d);
const [COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT, ESCAPE] = [0x2c, 0x5b, 0x5d, 0x7b, 0x7d, 0x5c];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** Every line that is not blank, from its first character on. */
function splitLines(emit: Emit): Splitter {
  let line = 1;
  let start = -1;
  return {
    feed(block, offset) {
      for (let at = 0; at < block.length; at++) {
        if (block[at] === NEWLINE) {
          if (start !== -1) emit(start, offset + at, line);
          start = -1;
          line += 1;
        } else if (start === -1 && !isSpace(block[at])) start = offset + at;
        if (start !== -1) {
          const newline = block.indexOf(NEWLINE, at + 1);
          at = (newline === -1 ? block.length : newline) - 1;
        }
      }
    },
    end(size) {
      if (start !== -1) emit(start, size, line);
      return true;
    },
  };
}

/** Lines, but for line breaks within quotes, which open at the beginning of a field. */
function splitCsv(emit: Emit, delimiter: number): Splitter {
  let line = 1;
  let first = 0;
  let start = -1;
  let quoted = false;
  /** What stood before: a quote may open after a delimiter, and go on after a quote. */
  let before = delimiter;
  return {
    feed(block, offset) {
      for (let at = 0; at < block.length; at++) {
        const byte = block[at] ?? 0;
        if (byte === NEWLINE) line += 1;
        if (quoted) quoted = byte !== QUOTE;
        else if (byte === NEWLINE) {
          if (start !== -1) emit(start, offset + at, first);
          start = -1;
        } else {
          if (start === -1 && (byte === delimiter || !isSpace(byte))) {
            start = offset + at;
            first = line;
            before = delimiter;
          }
          quoted = byte === QUOTE && (before === delimiter || before === QUOTE);
        }
        before = byte;
      }
    },
    end(size) {
      if (start !== -1) emit(start, size, first);
      return !quoted;
    },
  };
}

/** The elements of a list; of a file that is no list, each object by itself. */
function splitJson(emit: Emit): Splitter {
  let line = 1;
  let first = 0;
  let start = -1;
  let last = -1;
  let depth = 0;
  let isList: boolean | null = null;
  let closed = false;
  let quoted = false;
  let escaped = false;

  function finish(end: number): void {
    if (start !== -1) emit(start, end, first);
    start = -1;
  }

  return {
    feed(block, offset) {
      for (let at = 0; at < block.length; at++) {
        const byte = block[at] ?? 0;
        if (byte === NEWLINE) line += 1;
        if (quoted) {
          quoted = escaped || byte !== QUOTE;
          escaped = !escaped && byte === ESCAPE;
          last = offset + at;
          continue;
        }
        if (isSpace(byte)) continue;
        if (isList === null) {
          isList = byte === OPEN_LIST;
          if (isList) continue;
        }
        if (isList && depth === 0 && (byte === COMMA || byte === CLOSE_LIST)) {
          finish(last + 1);
          closed ||= byte === CLOSE_LIST;
          continue;
        }
        if (start === -1) {
          start = offset + at;
          first = line;
        }
        last = offset + at;
        if (byte === QUOTE) quoted = true;
        else if (byte === OPEN_LIST || byte === OPEN_OBJECT) depth += 1;
        else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
          depth = Math.max(0, depth - 1);
          if (depth === 0 && !isList) finish(last + 1);
        }
      }
    },
    end() {
      finish(last + 1);
      return isList !== true || closed;
    },
  };
}

/** The file as one entry. */
function keepWhole(emit: Emit): Splitter {
  return {
    feed: () => undefined,
    end(size) {
      emit(0, size, 1);
      return true;
    },
  };
}

function createSplitter(format: FileFormat, delimiter: string, emit: Emit): Splitter {
  switch (format) {
    case "text":
      return keepWhole(emit);
    case "lines":
    case "jsonl":
      return splitLines(emit);
    case "csv":
    case "tsv":
      return splitCsv(emit, delimiter.charCodeAt(0));
    case "json":
      return splitJson(emit);
  }
}

/** Numbers that grow in number. */
function createStore() {
  let starts = new Float64Array(1024);
  let lengths = new Uint32Array(1024);
  let lines = new Uint32Array(1024);
  let count = 0;
  return {
    add(start: number, end: number, line: number): void {
      if (count === starts.length) {
        const size = count * 2;
        const grown = [new Float64Array(size), new Uint32Array(size), new Uint32Array(size)] as const;
        grown[0].set(starts);
        grown[1].set(lengths);
        grown[2].set(lines);
        [starts, lengths, lines] = grown;
      }
      starts[count] = start;
      lengths[count] = end - start;
      lines[count] = line;
      count += 1;
    },
    size: () => count,
    at(place: number) {
      const start = starts[place] ?? 0;
      return { start, end: start + (lengths[place] ?? 0), line: lines[place] ?? 0 };
    },
  };
}

/** Reads a file from one end to the other and keeps where its entries are. */
export async function indexEntries(file: FileHandle, format: FileFormat, delimiter: string): Promise<EntryIndex> {
  const store = createStore();
  const splitter = createSplitter(format, delimiter, store.add);
  const memory = Buffer.allocUnsafe(BLOCK_BYTES);
  let offset = 0;
  for (;;) {
    const { bytesRead } = await file.read(memory, 0, BLOCK_BYTES, offset);
    if (bytesRead === 0) break;
    const isMarked = offset === 0 && BYTE_ORDER_MARK.every((byte, at) => memory[at] === byte);
    const from = isMarked ? BYTE_ORDER_MARK.length : 0;
    splitter.feed(memory.subarray(from, bytesRead), offset + from);
    offset += bytesRead;
  }
  const isWhole = splitter.end(offset);
  const last = store.at(store.size() - 1);
  return { count: store.size(), at: store.at, brokenAt: isWhole ? null : { byte: last.end, line: last.line } };
}

const EXTENSIONS: Readonly<Record<string, FileFormat>> = { jsonl: "jsonl", ndjson: "jsonl", json: "json", csv: "csv", tsv: "tsv" };

/** The names of the formats. */
export const FILE_FORMATS: readonly FileFormat[] = ["text", "lines", "jsonl", "json", "csv", "tsv"];

/** The format that a name stands for by its ending; `text`, the whole file as one prompt, for all others. */
export function formatOf(path: string): FileFormat {
  return EXTENSIONS[/\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ""] ?? "text";
}
