import type { RequestPhase } from "@lens/core";

/** What one line of a trace says. */
export interface TraceEntry {
  /** When the request was sent; from when it counts is the format's own affair. */
  readonly atNs: bigint;
  /** Where the line says so, counted from 1 in characters. */
  readonly atColumn: number;
  /** When it had ended; null where the format does not say. */
  readonly endNs: bigint | null;
  /** Null where the line does not say. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** What its prompt is made of, block by block: requests with the same first ids have the same beginning. Null where the format has none. */
  readonly hashIds: readonly number[] | null;
  /** Which part of a run it was of; null where the format knows no phases. */
  readonly phase: RequestPhase | null;
}

/** Why a line cannot be used. */
export interface LineFault {
  /** Counted from 1, in characters. */
  readonly column: number;
  /** As `Expected … to be …, got …`, without a full stop. */
  readonly problem: string;
}

/** Reads the lines of one file. */
export interface TraceParser {
  /** Whether the first line names the columns, and is no request. */
  readonly hasHeader: boolean;
  parse(line: string): TraceEntry | LineFault;
}

/** One way of writing a trace. */
export interface TraceFormat {
  /** Whether a file that begins with this line is written so. */
  recognizes(firstLine: string): boolean;
  /** Begins a file. */
  open(firstLine: string): TraceParser | LineFault;
  /** Whether lines stand in the order in which requests ended, not in that in which they were sent. */
  readonly isInOrderOfEnds: boolean;
}

export const isFault = (result: object): result is LineFault => "problem" in result;

/** A value as an error shows it. */
export const shown = (value: unknown): string =>
  value === undefined ? "nothing" : `\`${(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 40)}\``;
