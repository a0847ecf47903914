import { randomUUID } from "node:crypto";
import { constants, createReadStream } from "node:fs";
import { access, mkdtemp, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
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

/** Where a file is to be made. */
export interface WriteOptions {
  readonly cwd: string;
  /** Whether one that is there already may be replaced. */
  readonly force: boolean;
}

/**
 * Throws `FILE_FAILED` unless a file can be made at this path, or one that is there may be replaced: to be said before anything is sent, not after.
 * What is no file, such as a device, is written to as it is.
 */
export async function assertWritable(path: string, { cwd, force }: WriteOptions): Promise<void> {
  const target = resolve(cwd, path);
  const present = await stat(target).catch(() => null);
  try {
    if (present?.isDirectory() === true) throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
    if (present === null || present.isFile()) await access(dirname(target), constants.W_OK);
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  if (!force && present?.isFile() === true)
    throw new LensError(
      "FILE_FAILED",
      `Expected no file at \`${path}\` yet, got one. \`--force\` replaces it, and names may hold {date}, {target} and {run}.`,
    );
}

/** A file in the making, of which a reader sees nothing until it is kept. Each call throws `FILE_FAILED`. */
export interface HiddenFile {
  write(text: string): Promise<void>;
  /** Puts it in its place, instead of one that is there. */
  keep(): Promise<void>;
  /** Leaves no trace of it. */
  discard(): Promise<void>;
}

/** Starts a file that takes its place only when it is whole. Throws `FILE_FAILED`. What is no file, such as a device, is written to at once. */
export async function openHiddenFile(path: string, cwd: string): Promise<HiddenFile> {
  const asked = resolve(cwd, path);
  // A link stays one: what it leads to is replaced.
  const target = await realpath(asked).catch(() => asked);
  const present = await stat(target).catch(() => null);
  const isDirect = present !== null && !present.isFile();
  const place = isDirect ? target : temporaryName(target);
  const attempt = async <T>(action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (cause) {
      throw fileError("write", path, cause);
    }
  };
  const file = await attempt(() => open(place, isDirect ? "w" : "wx"));
  return {
    write: (text) => attempt(() => file.appendFile(text)),
    keep: () =>
      attempt(async () => {
        if (!isDirect) await file.sync();
        await file.close();
        if (!isDirect) await rename(place, target);
      }),
    async discard() {
      await file.close().catch(() => undefined);
      if (!isDirect) await rm(place, { force: true });
    },
  };
}

/** Writes a file so that a reader sees the old one or the whole new one, never a part. Throws `FILE_FAILED`. */
export async function writeFileAtomically(path: string, text: string, cwd: string): Promise<void> {
  const file = await openHiddenFile(path, cwd);
  try {
    await file.write(text);
    await file.keep();
  } catch (error) {
    await file.discard();
    throw error;
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
