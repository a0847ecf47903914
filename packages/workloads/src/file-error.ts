import { LensError } from "@lens/core";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "permission is denied",
  EISDIR: "it is a folder",
};

/** Why a file cannot be read, in words. */
export function fileError(path: string, cause: unknown): LensError {
  const code = (cause as NodeJS.ErrnoException | null)?.code ?? "";
  return new LensError("FILE_FAILED", `Cannot read \`${path}\`: ${REASONS[code] ?? (code || String(cause))}.`, { cause });
}
