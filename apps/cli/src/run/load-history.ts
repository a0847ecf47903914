import { LensError, parseRecord, type RequestRecord, type Target } from "@lens/core";
import type { LoadResult, Resumption } from "@lens/load";
import { readLines } from "../files.ts";
import type { Journal, JournalLoad, JournalState } from "./journal.ts";
import { placeOfRecord } from "./lost-requests.ts";

/** What one process sent of a load, and what became of it. */
export interface SessionLoad {
  readonly session: number;
  readonly load: LoadResult;
}

/** What was done of a load before. */
export interface PastLoad {
  /** In the order of time; none where it has not begun. */
  readonly sessions: readonly SessionLoad[];
  /** Whether nothing more is to be sent of it. */
  readonly isComplete: boolean;
  /** Where it goes on; null where it has not begun. */
  readonly resume: Resumption | null;
}

/** Remembers the loads of a run, so that a run that was broken off repeats none of them. Loads come in the same order each time. */
export interface LoadHistory {
  /** The number of this process among those that took part in the run, from 0. */
  readonly session: number;
  /** The file in which requests are noted before they are sent. */
  readonly sendLog: number;
  /** Begins, or goes on with, the load whose requests' ids begin so; hands over each record that it has, and the process that it is of. */
  begin(load: string, target: Target, take: (record: RequestRecord, session: number) => void): Promise<PastLoad>;
  /** Ends it for this process: for good, or to be resumed. Call it when its records are on the disk. */
  end(load: string, result: LoadResult, isComplete: boolean): Promise<void>;
  close(): Promise<void>;
}

export interface LoadHistoryOptions {
  readonly journal: Journal;
  readonly state: JournalState;
  /** The path of the records, for messages too. */
  readonly records: string;
  readonly cwd: string;
}

/** The history of a run that has got that far. */
export function createLoadHistory({ journal, state, records, cwd }: LoadHistoryOptions): LoadHistory {
  const lines = createRecordCursor(records, cwd);
  const session = state.sessions.at(-1)?.session ?? 0;
  const sessionOf = (line: number): number => state.sessions.findLast((one) => one.records < line)?.session ?? 0;
  return {
    session,
    sendLog: journal.file,
    async begin(name, target, take) {
      const past = state.loads.get(name);
      if (past !== undefined) await lines.read(name, (record, line) => take(record, sessionOf(line)));
      if (past?.isComplete !== true) await journal.append({ load: name, target });
      return past === undefined ? { sessions: [], isComplete: false, resume: null } : describe(past);
    },
    end: (name, result, isComplete) => journal.append({ ended: name, isComplete, result }),
    async close() {
      await lines.close();
      await journal.close();
    },
  };
}

function describe({ sent, results, isComplete }: JournalLoad): PastLoad {
  const numbers = [...new Set([...sent.spans.keys(), ...results.keys()])].toSorted((one, other) => one - other);
  const sessions = numbers.map((session) => ({ session, load: results.get(session) ?? killedLoad(sent.spans.get(session)) }));
  return { sessions, isComplete, resume: sent.resumption() };
}

const NS_PER_MS = 1e6;

/** All that is known of a load whose process was killed. */
function killedLoad(span: { readonly sent: number; readonly firstMs: number; readonly lastMs: number } | undefined): LoadResult {
  const { sent, firstMs, lastMs } = span ?? { sent: 0, firstMs: 0, lastMs: 0 };
  return {
    startedAtMs: firstMs,
    durationNs: Math.round((lastMs - firstMs) * NS_PER_MS),
    sent,
    lost: 0,
    stoppedBy: "signal",
    interrupted: true,
    window: null,
    schedule: null,
    trace: null,
    crashes: [],
    workers: 0,
    instrument: { threads: [], rss: { startBytes: 0, maxBytes: 0, endBytes: 0 } },
  };
}

/** Reads a file of records once from its beginning, load by load. */
function createRecordCursor(path: string, cwd: string) {
  const lines = readLines(path, cwd);
  let number = 0;
  let ahead: string | null = null;

  async function next(): Promise<string | null> {
    const step = await lines.next();
    if (step.done === true) return null;
    number += 1;
    return step.value;
  }

  return {
    /** Hands over the records of one load that come next. */
    async read(load: string, take: (record: RequestRecord, line: number) => void): Promise<void> {
      for (ahead ??= await next(); ahead !== null && placeOfRecord(ahead)?.load === load; ahead = await next()) {
        take(readRecord(ahead, `line ${number} of \`${path}\``), number);
      }
    },
    close: () => lines.return(),
  };
}

function readRecord(line: string, place: string): RequestRecord {
  try {
    return parseRecord(JSON.parse(line));
  } catch (cause) {
    const reason = cause instanceof LensError ? cause.message : "Expected the record of a request as JSON, got a line that is broken.";
    throw new LensError("INVALID_RECORD", `In ${place}: ${reason}`, { cause });
  }
}
