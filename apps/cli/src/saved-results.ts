import { LensError, parseRecord, type RequestRecord } from "@lens/core";
import {
  type ComparisonReport,
  createSummary,
  isComparison,
  parseDocument,
  type Report,
  type RunManifest,
  type SummaryOptions,
} from "@lens/metrics";
import { readLines } from "./files.ts";
import type { Io } from "./io.ts";
import { TOOL } from "./manifest.ts";
import { createRecordSample } from "./record-sample.ts";

const STDIN = "-";
const NS_PER_MS = 1e6;

/** A saved result, once it is read. */
export interface SavedResult {
  readonly document: Report | ComparisonReport;
  /** Some of the records that it was made of just now; null where it was not, and single requests are not at hand. */
  readonly sample: readonly RequestRecord[] | null;
}

/** A saved result that can be read more than once. `-` is the standard input. */
export interface SavedFile {
  /**
   * A report or a comparison as JSON, or records, one a line, of which a report is made (`options` says how, prices and objectives included). Throws
   * `FILE_FAILED` for a file that cannot be read, and `INVALID_REPORT` or `INVALID_RECORD`, naming file and line, for what is none of them.
   */
  read(options?: SummaryOptions): Promise<SavedResult>;
  /** The records of a file of such, one by one. Throws as `read` does. */
  records(): AsyncGenerator<RequestRecord, void, void>;
}

/** Opens a saved result. Throws `FILE_FAILED` where the standard input cannot be read. */
export async function openSaved(path: string, io: Io): Promise<SavedFile> {
  const name = path === STDIN ? "standard input" : `\`${path}\``;
  const piped = path === STDIN ? await io.readStdin() : null;
  const lines = (): Lines => (piped === null ? readLines(path, io.cwd) : piped.split("\n"));
  return {
    read: (options = {}) => readLinesOfResult(lines(), name, options),
    async *records() {
      let number = 0;
      for await (const line of lines()) {
        number += 1;
        if (!isBlank(line)) yield readRecord(number === 1 ? withoutMark(line) : line, `line ${number} of ${name}`);
      }
    },
  };
}

/** Reads a saved report, or records as one. Throws as `SavedFile.read` does, and `INVALID_REPORT` for a comparison. */
export async function readResult(path: string, io: Io, options: SummaryOptions = {}): Promise<Report> {
  const { document } = await (await openSaved(path, io)).read(options);
  if (!isComparison(document)) return document;
  throw new LensError("INVALID_REPORT", `In \`${path}\`: Expected a report of schema 1, got a comparison.`);
}

type Lines = Iterable<string> | AsyncIterable<string>;

const withoutMark = (line: string): string => line.replace(/^\uFEFF/, "");

async function readLinesOfResult(lines: Lines, name: string, options: SummaryOptions): Promise<SavedResult> {
  const kept: string[] = [];
  let records: RecordsReport | null = null;
  let number = 0;
  for await (const raw of lines) {
    const line = number === 0 ? withoutMark(raw) : raw;
    number += 1;
    if (records === null && kept.every(isBlank) && looksLikeRecord(line)) records = startRecords(options);
    if (records === null) kept.push(line);
    else if (!isBlank(line)) records.add(readRecord(line, `line ${number} of ${name}`));
  }
  const document = records === null ? inFile(name, () => parseDocument(kept.join("\n"))) : records.report();
  return { document, sample: records?.sample() ?? null };
}

const isBlank = (line: string): boolean => line.trim() === "";

/** Whether a line is, or was meant to be, a record: a report on one line has other fields. */
function looksLikeRecord(line: string): boolean {
  return /^\s*\{.*"arrivals"\s*:/.test(line) && !/"groups"\s*:/.test(line);
}

function readRecord(line: string, place: string): RequestRecord {
  return inFile(place, () => {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (cause) {
      throw new LensError("INVALID_RECORD", "Expected the record of a request as JSON, got a line that is broken or cut off.", { cause });
    }
    return parseRecord(value);
  });
}

/** Says where a misuse was found. */
function inFile<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof LensError)) throw error;
    throw new LensError(error.code, `In ${place}: ${error.message}`, { cause: error });
  }
}

interface RecordsReport {
  add(record: RequestRecord): void;
  report(): Report;
  sample(): readonly RequestRecord[];
}

function startRecords(options: SummaryOptions): RecordsReport {
  const summary = createSummary(options);
  const sample = createRecordSample();
  let fromMs = Infinity;
  let toMs = -Infinity;
  return {
    add(record) {
      summary.add(record);
      sample.add(record);
      fromMs = Math.min(fromMs, record.startedAtMs);
      toMs = Math.max(toMs, record.startedAtMs + record.endNs / NS_PER_MS);
    },
    sample: sample.records,
    report: () => summary.report({ tool: TOOL, run: manifestOfRecords(fromMs, toMs) }),
  };
}

/** What records say of their run, which is little. */
function manifestOfRecords(fromMs: number, toMs: number): RunManifest {
  return {
    startedAtMs: fromMs,
    durationNs: Math.round((toMs - fromMs) * NS_PER_MS),
    mode: "unknown",
    command: null,
    seed: null,
    options: {},
    versions: {},
    machine: null,
    interrupted: false,
    shards: null,
  };
}
