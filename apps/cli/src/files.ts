import { randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, type FileHandle, mkdtemp, open, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { LensError } from "@lens/core";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is not a folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
};

/** What went wrong with a file, in words. */
export function fileError(what: string, path: string, cause: unknown): LensError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? "";
  return new LensError("FILE_FAILED", `Cannot ${what} \`${path}\`: ${REASONS[code] ?? (code || String(cause))}.`, { cause });
}

/** Reads a file of text. Throws `FILE_FAILED` where it cannot. */
export async function readTextFile(path: string, cwd: string): Promise<string> {
  try {
    return await readFile(resolve(cwd, path), "utf8");
  } catch (cause) {
    throw fileError("read", path, cause);
  }
}

/** Reads a file of text line by line, so that it may be larger than memory. Throws `FILE_FAILED` where it cannot. */
export async function* readLines(path: string, cwd: string): AsyncGenerator<string, void, void> {
  const source = createReadStream(resolve(cwd, path), "utf8");
  try {
    // A read that fails ends readline's lines as if the file had ended, hence by hand.
    let rest = "";
    for await (const chunk of source as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } catch (cause) {
    throw cause instanceof LensError ? cause : fileError("read", path, cause);
  } finally {
    source.destroy();
  }
}

/** Throws `FILE_FAILED` unless a file can be made at this path: to be said before anything is sent, not after. */
export async function assertWritable(path: string, cwd: string): Promise<void> {
  const target = resolve(cwd, path);
  try {
    await access(dirname(target), constants.W_OK);
    const present = await stat(target).catch(() => null);
    if (present?.isDirectory() === true) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}

/** Writes a file so that a reader sees the old one or the whole new one, never a part. Throws `FILE_FAILED`. */
export async function writeFileAtomically(path: string, text: string, cwd: string): Promise<void> {
  const target = resolve(cwd, path);
  const temporary = temporaryName(target);
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw fileError("write", path, cause);
  }
}

/** Gives `use` a folder of its own, and takes it away afterwards. */
export async function withTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "lens-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function temporaryName(target: string): string {
  return join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`);
}

/** A file that grows line by line. */
export interface LineFile {
  /** Hands over one line; whole lines only reach the file, so that it can be read after a crash. */
  append(line: string): void;
  /** Resolves when so little waits to be written that more may come. */
  ready(): Promise<void>;
  /** Resolves when all is written. Throws `FILE_FAILED` when any of it could not be. */
  close(): Promise<void>;
}

/** So much may wait for a slow disk before new requests wait too. */
const LONGEST_BACKLOG_CHARS = 4_000_000;

/** Starts a new file of lines in place of one that is there. Throws `FILE_FAILED`; `onFailure` hears of a failure on the way. */
export async function createLineFile(path: string, cwd: string, onFailure: () => void): Promise<LineFile> {
  const file = await openNew(path, cwd);
  let pending = "";
  let failure: LensError | null = null;
  let writing: Promise<void> = Promise.resolve();
  let busy = false;

  async function drain(): Promise<void> {
    try {
      while (pending !== "") {
        const lines = pending;
        pending = "";
        await file.appendFile(lines);
      }
    } catch (cause) {
      failure = fileError("write", path, cause);
      onFailure();
    }
    busy = false;
  }

  return {
    append(line) {
      if (failure !== null) return;
      pending += `${line}\n`;
      if (busy) return;
      busy = true;
      writing = drain();
    },
    ready: () => (pending.length > LONGEST_BACKLOG_CHARS ? writing : Promise.resolve()),
    async close() {
      await writing;
      await file.close();
      if (failure !== null) throw failure;
    },
  };
}

async function openNew(path: string, cwd: string): Promise<FileHandle> {
  const target = resolve(cwd, path);
  try {
    return await open(target, "w");
  } catch (cause) {
    throw fileError("write", path, cause);
  }
}
