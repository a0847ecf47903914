import { LensError } from "@lens/core";

/** What the process says to its caller. The README's table is this one. */
export const EXIT_CODES = {
  ok: 0,
  internal: 1,
  usage: 2,
  requestsFailed: 3,
  clientLimited: 6,
  interrupted: 130,
} as const;

const USAGE_ERRORS: ReadonlySet<string> = new Set([
  "INVALID_ARGUMENT",
  "INVALID_CONFIG",
  "INVALID_RECORD",
  "INVALID_REPORT",
  "UNKNOWN_PROVIDER",
  "MISSING_KEY",
  "FILE_FAILED",
]);

/** The exit code for an error that ended the program: misuse is the user's to mend, what the network did is not, and all else is a bug. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof LensError) || error.code === "INTERNAL") return EXIT_CODES.internal;
  return USAGE_ERRORS.has(error.code) ? EXIT_CODES.usage : EXIT_CODES.requestsFailed;
}
