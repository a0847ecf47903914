import type { FileHandle } from "node:fs/promises";
import { fileError } from "./file-error.ts";

/** Part of a file: the last byte not included. */
interface Range {
  readonly start: number;
  readonly end: number;
}

/** Reads parts of a file as text. Each rejects with `FILE_FAILED`. */
export interface EntryBytes {
  at(range: Range): Promise<string>;
  /** A part that was read ahead; null where it was not. */
  next(range: Range): string | null;
  /** Reads a part and much of what comes after it. */
  readAhead(range: Range): Promise<string>;
  /** In which column of its line a byte is, in characters from 1. */
  columnOf(byte: number): Promise<number>;
}

const AHEAD_BYTES = 4 * 1024 * 1024;
const NEWLINE = 0x0a;
/** Nobody looks for a place by its column in a longer line. */
const LONGEST_LINE_BYTES = 1024 * 1024;

/** Without the mark of the byte order, and without what is left of a line break. */
const textOf = (bytes: Buffer): string =>
  bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replace(/\r$/, "");

/** Creates a reader of the parts of an open file. */
export function createEntryBytes(file: FileHandle, path: string): EntryBytes {
  let ahead: Buffer = Buffer.alloc(0);
  let aheadAt = 0;

  async function readBytes(start: number, length: number): Promise<Buffer> {
    try {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    } catch (cause) {
      throw fileError(path, cause);
    }
  }

  const next = ({ start, end }: Range): string | null =>
    start >= aheadAt && end <= aheadAt + ahead.length ? textOf(ahead.subarray(start - aheadAt, end - aheadAt)) : null;

  return {
    at: async ({ start, end }) => textOf(await readBytes(start, end - start)),
    next,
    async readAhead(range) {
      ahead = await readBytes(range.start, Math.max(AHEAD_BYTES, range.end - range.start));
      aheadAt = range.start;
      return next(range) ?? "";
    },
    async columnOf(byte) {
      const from = Math.max(0, byte - LONGEST_LINE_BYTES);
      const before = await readBytes(from, byte - from);
      return before.subarray(before.lastIndexOf(NEWLINE) + 1).toString("utf8").length + 1;
    },
  };
}
