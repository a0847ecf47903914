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
  /** Resolves when all so far is written, and the disk has it. Throws `FILE_FAILED` when any of it could not be. */
  flush(): Promise<void>;
  /** Resolves when all is written. Throws `FILE_FAILED` when any of it could not be. */
  close(): Promise<void>;
}

/** So much may wait for a slow disk before new requests wait too. */
const LONGEST_BACKLOG_CHARS = 4_000_000;

/** Where the lines go. */
interface Sink {
  write(lines: string): Promise<void>;
  sync(): Promise<void>;
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
    async flush() {
      await writing;
      if (failure !== null) throw failure;
      await sink.sync();
    },
    async close() {
      await writing;
      await sink.close();
      if (failure !== null) throw failure;
    },
  };
}

export interface LineFileOptions {
  readonly cwd: string;
  /** Hears of the first failure on the way. */
  readonly onFailure: () => void;
  /** Whether lines are added to those that are there; else a file that is there is replaced. */
  readonly append?: boolean;
}

/** Opens a file of lines. Throws `FILE_FAILED`. */
export async function openLineFile(path: string, { cwd, onFailure, append = false }: LineFileOptions): Promise<LineFile> {
  try {
    const file = await open(resolve(cwd, path), append ? "a" : "w");
    const sink = { write: (lines: string) => file.appendFile(lines), sync: () => file.sync(), close: () => file.close() };
    return createLines(sink, path, onFailure);
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}

/** Lines that go to one of the two ways out, whose reader may go when it has seen enough. */
export function createLineOutput(output: Output): LineFile {
  const nothing = (): Promise<void> => Promise.resolve();
  return createLines({ write: (lines) => output.write(lines), sync: nothing, close: nothing }, "-", () => undefined);
}
