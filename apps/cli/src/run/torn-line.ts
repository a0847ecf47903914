import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { fileError } from "../files.ts";

const CHUNK_BYTES = 65_536;
const LINE_BREAK = 0x0a;

/**
 * Drops what a file has after its last line break: a line that was cut off as its process ended. Says whether there was any.
 * Throws `FILE_FAILED` where the file cannot be opened.
 */
export async function dropTornLine(path: string, cwd: string): Promise<boolean> {
  try {
    const file = await open(resolve(cwd, path), "r+");
    try {
      const { size } = await file.stat();
      const end = await endOfLines((buffer, at) => file.read(buffer, 0, buffer.length, at).then(({ bytesRead }) => bytesRead), size);
      if (end < size) await file.truncate(end);
      return end < size;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

/** How many bytes there are up to the last line break, looked for from the end. */
async function endOfLines(read: (buffer: Uint8Array, at: number) => Promise<number>, size: number): Promise<number> {
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let end = size; end > 0; end -= CHUNK_BYTES) {
    const from = Math.max(0, end - CHUNK_BYTES);
    const bytes = await read(buffer.subarray(0, end - from), from);
    const at = buffer.subarray(0, bytes).lastIndexOf(LINE_BREAK);
    if (at >= 0) return from + at + 1;
  }
  return 0;
}
