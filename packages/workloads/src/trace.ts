import { LensError, type RequestPhase } from "@lens/core";
import { inOrderOfStarts, type TraceLine } from "./in-order-of-starts.ts";
import { type FileLine, openLines, type Reader } from "./line-reader.ts";
import { type FileProblem, problemError } from "./prompt-file.ts";
import { azureFormat, burstGptFormat } from "./trace-csv.ts";
import { isFault, type LineFault, type TraceFormat, type TraceParser } from "./trace-format.ts";
import { mooncakeFormat, recordsFormat } from "./trace-jsonl.ts";

const FORMATS = {
  mooncake: mooncakeFormat,
  burstgpt: burstGptFormat,
  azure: azureFormat,
  records: recordsFormat,
} as const satisfies Readonly<Record<string, TraceFormat>>;

/** The ways of writing a trace that can be read. */
export type TraceFormatName = keyof typeof FORMATS;

/** All of them. */
export const TRACE_FORMATS = Object.keys(FORMATS) as readonly TraceFormatName[];

/** Recorded traffic in a file: plain data, so that each thread can read it for itself. */
export interface TraceSpec {
  /** Absolute. */
  readonly path: string;
  /** What messages call the file; its path unless given. */
  readonly name?: string;
  readonly format: TraceFormatName;
  /** How many times as fast as it was: 2 halves all times. 1 unless given. */
  readonly speed?: number;
  /** What a line that cannot be used does: `stop`, unless given, ends the run; `skip` leaves it out and counts it. */
  readonly onBadLine?: "stop" | "skip";
}

/** One request of a trace. */
export interface TraceRow {
  /** Which request of the trace it is, from 0. */
  readonly place: number;
  /** Whole nanoseconds after the trace's first request, at the speed that was asked for. */
  readonly dueNs: number;
  /** Null where the trace does not say. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  /** The blocks of 512 tokens that the prompt is made of; null where the trace does not say. */
  readonly hashIds: readonly number[] | null;
  /** Which part of a run it was of; null where the trace knows no phases. */
  readonly phase: RequestPhase | null;
}

/** A trace that is read as it is needed. What is wrong with a line is thrown by `next` as `INVALID_ARGUMENT`, naming file, line and column. */
export interface Trace extends Reader<TraceRow> {
  /** Lines that were left out so far because they could not be used. */
  skippedLines(): number;
}

/** So many requests are looked at before anything is sent. */
const LOOKED_AT_FIRST = 1000;

async function wait<T>(reader: Reader<T>): Promise<T | null> {
  for (;;) {
    const found = reader.next();
    if (found !== undefined) return found;
    await reader.ready();
  }
}

/** The first line that is not blank, which is taken away; null where there is none. */
async function firstLine(lines: Reader<FileLine>): Promise<FileLine | null> {
  for (;;) {
    const line = await wait(lines);
    if (line === null || line.text.trim() !== "") return line;
  }
}

/** Finds out how a trace is written, by its first line; null where that is of no known format. `name` is what messages call the file. Rejects with `FILE_FAILED`. */
export async function recognizeTrace(path: string, name = path): Promise<TraceFormatName | null> {
  const lines = await openLines(path, { name });
  try {
    const line = await firstLine(lines);
    return line === null ? null : (TRACE_FORMATS.find((format) => FORMATS[format].recognizes(line.text)) ?? null);
  } finally {
    await lines.close();
  }
}

interface RowOptions extends TraceSpec {
  /** Told what is wrong with each line that is left out. */
  readonly onProblem?: ((problem: FileProblem) => void) | undefined;
}

/** Reads the lines of a file; those that cannot be used are left out and counted, or thrown. */
function readEntries(
  lines: Reader<FileLine>,
  first: FileLine,
  parser: TraceParser,
  { path, name = path, onBadLine = "stop", onProblem }: RowOptions,
) {
  let pending: FileLine | null = parser.hasHeader ? null : first;
  let skipped = 0;
  const skip = (fault: LineFault, number: number): void => {
    const problem = { line: number, ...fault };
    if (onBadLine === "stop") throw problemError(name, problem);
    skipped += 1;
    onProblem?.(problem);
  };
  const reader: Reader<TraceLine> = {
    next() {
      for (;;) {
        const line = pending ?? lines.next();
        pending = null;
        if (line === null || line === undefined) return line;
        if (line.text.trim() === "") continue;
        const entry = parser.parse(line.text);
        if (!isFault(entry)) return { entry, number: line.number };
        skip(entry, line.number);
      }
    },
    ready: lines.ready,
    close: lines.close,
  };
  return { reader, skip, skippedLines: () => skipped };
}

/**
 * Opens a trace and looks at its first thousand requests: what is wrong with them is said before anything is sent. Rejects with `INVALID_ARGUMENT`
 * and `FILE_FAILED`. `onProblem` is told what is wrong with each line that is left out. Close it in the end.
 */
export async function openTrace(spec: TraceSpec, onProblem?: (problem: FileProblem) => void): Promise<Trace> {
  const { path, name = path, format, speed = 1 } = spec;
  if (!Number.isFinite(speed) || speed <= 0)
    throw new LensError("INVALID_ARGUMENT", `Expected the speed of a trace to be a number above 0, got \`${speed}\`.`);
  const lines = await openLines(path, { name });
  try {
    return await openRows(lines, { ...spec, onProblem }, FORMATS[format]);
  } catch (error) {
    await lines.close();
    throw error;
  }
}

async function openRows(lines: Reader<FileLine>, spec: RowOptions, format: TraceFormat): Promise<Trace> {
  const { path, name = path, speed = 1 } = spec;
  const first = await firstLine(lines);
  if (first === null) throw new LensError("INVALID_ARGUMENT", `Expected requests in \`${name}\`, got an empty file.`);
  const parser = format.open(first.text);
  if (isFault(parser)) throw problemError(name, { line: first.number, ...parser });
  const { reader, skip, skippedLines } = readEntries(lines, first, parser, spec);
  const ordered = format.isInOrderOfEnds ? inOrderOfStarts(reader) : reader;
  let firstNs: bigint | null = null;
  let latestNs = 0n;
  let place = 0;

  function read(): TraceRow | null | undefined {
    for (;;) {
      const line = ordered.next();
      if (line === null || line === undefined) return line;
      const { atNs, atColumn, inputTokens, outputTokens, hashIds, phase } = line.entry;
      firstNs ??= atNs;
      if (atNs < latestNs) {
        const earlier = Number(latestNs - atNs) / 1e6;
        skip(
          { column: atColumn, problem: `Expected a trace that runs forwards, got a request ${earlier} ms before the one above it` },
          line.number,
        );
        continue;
      }
      latestNs = atNs;
      const dueNs = Math.round(Number(atNs - firstNs) / speed);
      return { place: place++, dueNs, inputTokens, outputTokens, hashIds, phase };
    }
  }

  const looked: TraceRow[] = [];
  const rows: Reader<TraceRow> = { next: read, ready: lines.ready, close: lines.close };
  while (looked.length < LOOKED_AT_FIRST) {
    const row = await wait(rows);
    if (row === null) break;
    looked.push(row);
  }
  if (looked.length === 0) throw new LensError("INVALID_ARGUMENT", `Expected requests in \`${name}\`, got none.`);
  looked.reverse();
  return { ...rows, next: () => looked.pop() ?? read(), skippedLines };
}
