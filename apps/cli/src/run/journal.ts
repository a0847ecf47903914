import { type FileHandle, open } from "node:fs/promises";
import { resolve } from "node:path";
import { LensError, type Target } from "@lens/core";
import { type LoadResult, parseSentNote } from "@lens/load";
import * as z from "zod";
import { fileError, readLines } from "../files.ts";
import { createSentTracker, type SentTracker } from "./sent-tracker.ts";

/** A process that took part in a run. */
export interface JournalSession {
  readonly session: number;
  /** Wall time at which it began. */
  readonly startedAtMs: number;
  /** How many records there were then. */
  readonly records: number;
  /** Requests that were under way when the process before it ended, and gave no record. */
  readonly lost: number;
  /** Whether the last line of the records was cut off, and dropped. */
  readonly torn: boolean;
}

const session = z.object({
  session: z.int().min(0),
  startedAtMs: z.number(),
  records: z.int().min(0),
  lost: z.int().min(0),
  torn: z.boolean(),
});
const target = z.object({ provider: z.string(), model: z.string(), label: z.string(), origin: z.string().nullable() });
const begun = z.object({ load: z.string().min(1), target });
// What the program wrote about itself: a file of this folder is as trusted as the program's own.
const ended = z.object({
  ended: z.string().min(1),
  isComplete: z.boolean(),
  result: z.custom<LoadResult>((value) => typeof value === "object"),
});
const entry = z.union([session, begun, ended]);

/** What is known of one load. */
export interface JournalLoad {
  readonly target: Target;
  readonly sent: SentTracker;
  /** What became of it, by the process that sent; of one that was killed there is none. */
  readonly results: ReadonlyMap<number, LoadResult>;
  /** Whether nothing more is to be sent of it. */
  readonly isComplete: boolean;
}

/** What a run has done so far. */
export interface JournalState {
  readonly sessions: readonly JournalSession[];
  /** By the prefix of their requests' ids, in the order in which they began. */
  readonly loads: ReadonlyMap<string, JournalLoad>;
}

/**
 * Reads a journal. Throws `FILE_FAILED` where it cannot be read, and `INVALID_RECORD` for a line that is none of it: one that was cut off is to be
 * dropped before.
 */
export async function readJournal(path: string, cwd: string): Promise<JournalState> {
  const sessions: JournalSession[] = [];
  const loads = new Map<string, MutableLoad>();
  let sent: SentTracker | null = null;
  let number = 0;
  for await (const line of readLines(path, cwd)) {
    number += 1;
    const current = sessions.at(-1)?.session ?? 0;
    const note = parseSentNote(line);
    if (note !== null && sent !== null) {
      sent.add(note, current);
      continue;
    }
    const { success, data } = entry.safeParse(parseJson(line));
    if (!success) throw new LensError("INVALID_RECORD", `Expected line ${number} of \`${path}\` to be one of a run's journal.`);
    if ("session" in data) sessions.push(data);
    else if ("load" in data) sent = begin(loads, data.load, data.target).sent;
    else finish(loads.get(data.ended), data.isComplete, current, data.result);
  }
  return { sessions, loads };
}

interface MutableLoad extends JournalLoad {
  readonly results: Map<number, LoadResult>;
  isComplete: boolean;
}

function begin(loads: Map<string, MutableLoad>, name: string, asked: Target): MutableLoad {
  const load = loads.get(name) ?? { target: asked, sent: createSentTracker(), results: new Map(), isComplete: false };
  loads.set(name, load);
  return load;
}

function finish(load: MutableLoad | undefined, isComplete: boolean, current: number, result: LoadResult): void {
  load?.results.set(current, result);
  if (load !== undefined) load.isComplete = isComplete;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** The journal of a run, open for appending. */
export interface Journal {
  /** The file itself, for threads that note what they send. */
  readonly file: number;
  /** Appends a line, and waits until the disk has it. Throws `FILE_FAILED`. */
  append(line: z.input<typeof entry>): Promise<void>;
  close(): Promise<void>;
}

/** Opens a journal, or begins one. Throws `FILE_FAILED`. */
export async function openJournal(path: string, cwd: string): Promise<Journal> {
  let handle: FileHandle;
  try {
    handle = await open(resolve(cwd, path), "a");
  } catch (cause) {
    throw fileError("write", path, cause);
  }
  return {
    file: handle.fd,
    async append(line) {
      try {
        await handle.appendFile(`${JSON.stringify(line)}\n`);
        await handle.datasync();
      } catch (cause) {
        throw fileError("write", path, cause);
      }
    },
    close: () => handle.close(),
  };
}
