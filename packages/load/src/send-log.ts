import { writeSync } from "node:fs";
import { LensError, type RequestPhase } from "@lens/core";

/** A request that is about to be sent. */
export interface SentNote {
  readonly index: number;
  readonly phase: RequestPhase;
  readonly turn: number;
  /** After the start of the run. */
  readonly atNs: number;
  /** Wall time. */
  readonly atMs: number;
}

/**
 * Notes a request in a file that is open for appending, before it is sent: a line `[index, phase, turn, atNs, atMs]`. It is written at once and not in
 * the background, in whichever thread sends: else a process that is killed could have sent what it had not noted. Throws `FILE_FAILED`.
 */
export function noteSend(file: number, { index, phase, turn, atNs, atMs }: SentNote): void {
  try {
    writeSync(file, `${JSON.stringify([index, phase, turn, atNs, atMs])}\n`);
  } catch (cause) {
    throw new LensError("FILE_FAILED", "Cannot note what is sent; so nothing more is.", { cause });
  }
}

/** Reads such a line; null for one that is none, as where it was cut off. */
export function parseSentNote(line: string): SentNote | null {
  const [, index, phase, turn, atNs, atMs] =
    /^\[(\d{1,15}),"(warmup|measured|drain)",(\d{1,15}),(\d{1,16}),(\d{1,15}(?:\.\d+)?)\]$/.exec(line) ?? [];
  if (phase === undefined) return null;
  return { index: Number(index), phase: phase as RequestPhase, turn: Number(turn), atNs: Number(atNs), atMs: Number(atMs) };
}
