import { LensError, parseRecord, type RequestRecord } from "@lens/core";
import { createSummary, parseReport, type Report, type RunManifest, type SummaryOptions } from "@lens/metrics";
import { readLines } from "./files.ts";
import type { Io } from "./io.ts";
import { TOOL } from "./manifest.ts";

const STDIN = "-";
const NS_PER_MS = 1e6;

/**
 * Reads a saved result: a report as JSON, or records, one a line, of which a report is made (`options` says how, prices and objectives included). `-` is the
 * standard input. Throws `FILE_FAILED` for a file that cannot be read, and `INVALID_REPORT` or `INVALID_RECORD`, naming file and line, for what is neither.
 */
export async function readResult(path: string, io: Io, options: SummaryOptions = {}): Promise<Report> {
  const name = path === STDIN ? "standard input" : `\`${path}\``;
  const lines = path === STDIN ? (await io.readStdin()).split("\n") : readLines(path, io.cwd);
  return await readResultLines(lines, name, options);
}

async function readResultLines(lines: Iterable<string> | AsyncIterable<string>, name: string, options: SummaryOptions): Promise<Report> {
  const kept: string[] = [];
  let records: RecordsReport | null = null;
  let number = 0;
  for await (const raw of lines) {
    const line = number === 0 ? raw.replace(/^\uFEFF/, "") : raw;
    number += 1;
    if (records === null && kept.every(isBlank) && looksLikeRecord(line)) records = startRecords(options);
    if (records === null) kept.push(line);
    else if (!isBlank(line)) records.add(readRecord(line, `line ${number} of ${name}`));
  }
  return records === null ? inFile(name, () => parseReport(kept.join("\n"))) : records.report();
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
}

function startRecords(options: SummaryOptions): RecordsReport {
  const summary = createSummary(options);
  let fromMs = Infinity;
  let toMs = -Infinity;
  return {
    add(record) {
      summary.add(record);
      fromMs = Math.min(fromMs, record.startedAtMs);
      toMs = Math.max(toMs, record.startedAtMs + record.endNs / NS_PER_MS);
    },
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
