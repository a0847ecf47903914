import { LensError } from "@lens/core";

/** What the process says to its caller. The README's table is this one. */
export const EXIT_CODES = {
  ok: 0,
  internal: 1,
  usage: 2,
  requestsFailed: 3,
  thresholdMissed: 4,
  regression: 5,
  clientLimited: 6,
  interrupted: 130,
} as const;

/** The same for people: what holds first of several, and what each means. */
export const EXIT_CODES_IN_WORDS =
  "Exit codes: 0 all is well, 1 a bug, 2 a misuse, 3 requests failed, 4 a threshold was missed or could not be judged, " +
  "5 a regression against other results, 6 this machine limited the figures (--strict), 130 interrupted. " +
  "Of several that hold: 130, 1, 2, 4, 5, 3, 6, the first of them.";

/** Those that can hold at once, the worst first. */
const WORST_FIRST: readonly number[] = [
  EXIT_CODES.interrupted,
  EXIT_CODES.internal,
  EXIT_CODES.usage,
  EXIT_CODES.thresholdMissed,
  EXIT_CODES.regression,
  EXIT_CODES.requestsFailed,
  EXIT_CODES.clientLimited,
];

/** What to say of several runs together. */
export function worstExitCode(codes: readonly number[]): number {
  return WORST_FIRST.find((code) => codes.includes(code)) ?? EXIT_CODES.ok;
}

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
