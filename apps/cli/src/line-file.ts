import { open } from "node:fs/promises";
import { resolve } from "node:path";
import type { LensError } from "@lens/core";
import { fileError } from "./files.ts";
import type { Output } from "./io.ts";

/** A file that grows line by line. */
export interface LineFile {
  /** Hands over whole lines, with their line breaks: only such reach the file, so that it can be read after a crash. */
  append(lines: string): void;
  /** Resolves when so little waits to be written that more may come. */
  ready(): Promise<void>;
  /** Resolves when all is written. Throws `FILE_FAILED` when any of it could not be. */
  close(): Promise<void>;
}

/** So much may wait for a slow disk before new requests wait too. */
const LONGEST_BACKLOG_CHARS = 4_000_000;

/** Where the lines go. */
interface Sink {
  write(lines: string): Promise<void>;
  close(): Promise<void>;
}

function createLines(sink: Sink, path: string, onFailure: () => void): LineFile {
  let pending = "";
  let failure: LensError | null = null;
  let writing: Promise<void> = Promise.resolve();
  let busy = false;

  async function drain(): Promise<void> {
    try {
      while (pending !== "") {
        const lines = pending;
        pending = "";
        await sink.write(lines);
      }
    } catch (cause) {
      failure = fileError("write", path, cause);
      onFailure();
    }
    busy = false;
  }

  return {
    append(lines) {
      if (failure !== null) return;
      pending += lines;
      if (busy) return;
      busy = true;
      writing = drain();
    },
    ready: () => (pending.length > LONGEST_BACKLOG_CHARS ? writing : Promise.resolve()),
    async close() {
      await writing;
      await sink.close();
      if (failure !== null) throw failure;
    },
  };
}

/** Starts a new file of lines in place of one that is there. Throws `FILE_FAILED`; `onFailure` hears of a failure on the way. */
export async function createLineFile(path: string, cwd: string, onFailure: () => void): Promise<LineFile> {
  try {
    const file = await open(resolve(cwd, path), "w");
    return createLines({ write: (lines) => file.appendFile(lines), close: () => file.close() }, path, onFailure);
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}

/** Lines that go to one of the two ways out, whose reader may go when it has seen enough. */
export function createLineOutput(output: Output): LineFile {
  const nothing = (): Promise<void> => Promise.resolve();
  return createLines({ write: (lines) => output.write(lines), close: nothing }, "-", () => undefined);
}
