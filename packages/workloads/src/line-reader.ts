import { type FileHandle, open } from "node:fs/promises";
import { LensError } from "@lens/core";
import { fileError } from "./file-error.ts";

/** One line of a file, without its end. */
export interface FileLine {
  readonly text: string;
  /** Counted from 1. */
  readonly number: number;
}

/** Hands out one thing after the other, without a promise for each of millions. */
export interface Reader<T> {
  /** The next one; null where there is none left; undefined where it has yet to be read: ask again after `ready`. Throws what cannot be read. */
  next(): T | null | undefined;
  /** Resolves when more has been read. */
  ready(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Two of them are in memory: one whose lines are handed out, and the one after it. A reader that keeps pace with both at once returns to the
 * event loop after this many bytes, so no socket waits long for a file.
 */
const BLOCK_BYTES = 32 * 1024;
/** No line of a data set is longer; a file without line breaks would fill the memory. */
const LONGEST_LINE_BYTES = 64 * 1024 * 1024;
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Reads a file block by block, always one ahead of what is asked for. An empty block is the end. */
function readBlocks(file: FileHandle, name: string, blockBytes: number): Omit<Reader<Buffer>, "close"> {
  const memory = [Buffer.allocUnsafe(blockBytes), Buffer.allocUnsafe(blockBytes)] as const;
  let odd = false;
  let arrived: Buffer | undefined;
  let failure: LensError | null = null;

  async function readAhead(): Promise<void> {
    const buffer = memory[odd ? 1 : 0];
    odd = !odd;
    try {
      const { bytesRead } = await file.read(buffer, 0, blockBytes, null);
      arrived = buffer.subarray(0, bytesRead);
    } catch (cause) {
      failure = fileError(name, cause);
    }
  }

  let reading = readAhead();
  return {
    next() {
      if (failure !== null) throw failure;
      const block = arrived;
      // The end stays the end, however often it is asked for.
      if (block === undefined || block.length === 0) return block;
      arrived = undefined;
      reading = readAhead();
      return block;
    },
    ready: () => reading,
  };
}

/** How a file is read. */
export interface LineOptions {
  /** What messages call the file; its path unless given. */
  readonly name?: string;
  readonly blockBytes?: number;
}

/**
 * Opens a file to be read line by line in memory that does not grow with it. Lines end in LF or CRLF, and a mark of the byte order at the
 * beginning is no part of the first. Rejects with `FILE_FAILED`.
 */
export async function openLines(path: string, options: LineOptions = {}): Promise<Reader<FileLine>> {
  const { name = path, blockBytes = BLOCK_BYTES } = options;
  const file = await open(path).catch((cause: unknown) => {
    throw fileError(name, cause);
  });
  const blocks = readBlocks(file, name, blockBytes);
  let block: Buffer = Buffer.alloc(0);
  let at = 0;
  /** What the blocks before have of the line that is begun. */
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let number = 0;

  function finish(end: number): FileLine {
    const part = block.subarray(at, end);
    const bytes = begun.length === 0 ? part : Buffer.concat([...begun, part]);
    begun = [];
    begunBytes = 0;
    at = end + 1;
    number += 1;
    const text = bytes.toString("utf8", number === 1 && bytes.subarray(0, 3).equals(BYTE_ORDER_MARK) ? 3 : 0);
    return { text: text.endsWith("\r") ? text.slice(0, -1) : text, number };
  }

  /** Keeps what the block has of a line that ends in a later one. */
  function keepRest(): void {
    if (at >= block.length) return;
    begun.push(Buffer.from(block.subarray(at)));
    begunBytes += block.length - at;
    at = block.length;
    if (begunBytes > LONGEST_LINE_BYTES)
      throw new LensError("INVALID_ARGUMENT", `Expected line ${number + 1} of \`${name}\` to be no longer than 64 MiB, got a longer one.`);
  }

  return {
    next() {
      for (;;) {
        const end = block.indexOf(NEWLINE, at);
        if (end !== -1) return finish(end);
        keepRest();
        const following = blocks.next();
        if (following === undefined || following === null) return following;
        block = following;
        at = 0;
        if (block.length === 0) return begun.length === 0 ? null : finish(0);
      }
    },
    ready: blocks.ready,
    close: () => file.close(),
  };
}
