import { createRecorder, type RequestRecord, type Target } from "@lens/core";
import { parseSentNote, type SentNote, ticketId } from "@lens/load";
import { readLines } from "../files.ts";
import type { JournalState } from "./journal.ts";
import { createNumberSet, type NumberSet } from "./sent-tracker.ts";

/** Records begin with their id, so that it is found without reading them whole. A conversation's later turns have the number of its first. */
const ID = /"id":"([^"]{1,200}?)(?:r(\d{6,15})(?:\.\d+)?|calibration)"/;

/** The load of a record, and its number there, which the request that puts lengths right has none of; null for a line that is none. */
export function placeOfRecord(line: string): { readonly load: string; readonly index: number | null } | null {
  const [, load, index] = ID.exec(line) ?? [];
  return load === undefined ? null : { load, index: index === undefined ? null : Number(index) };
}

/** What the files of a run say of how far it got. */
export interface RecordCount {
  /** Lines of records. */
  readonly lines: number;
  /** The numbers of the recorded requests of each load that was not brought to its end. */
  readonly recorded: ReadonlyMap<string, NumberSet>;
}

/** Counts records. Throws `FILE_FAILED`. */
export async function countRecords(path: string, { loads }: JournalState, cwd: string): Promise<RecordCount> {
  const recorded = new Map([...loads].filter(([, { isComplete }]) => !isComplete).map(([name]) => [name, createNumberSet()]));
  let lines = 0;
  for await (const line of readLines(path, cwd)) {
    lines += 1;
    const place = placeOfRecord(line);
    if (place !== null && place.index !== null) recorded.get(place.load)?.add(place.index);
  }
  return { lines, recorded };
}

/** A record of each request that was sent and has none: its process was killed while it was under way, or had just ended. Throws `FILE_FAILED`. */
export async function recordLost(
  path: string,
  { loads }: JournalState,
  { recorded }: RecordCount,
  cwd: string,
): Promise<readonly RequestRecord[]> {
  const lost: RequestRecord[] = [];
  let name = "";
  for await (const line of readLines(path, cwd)) {
    const note = parseSentNote(line);
    const load = loads.get(name);
    if (note === null) name = /^\{"load":"([^"]+)"/.exec(line)?.[1] ?? name;
    else if (load !== undefined && recorded.get(name)?.has(note.index) === false)
      lost.push(abortedRecord(`${name}${ticketId(note)}`, load.target, note));
  }
  return lost;
}

/** Nothing is known but that it was sent. */
function abortedRecord(id: string, target: Target, { phase, atMs }: SentNote): RequestRecord {
  const message = "The program was killed before this request was recorded.";
  const error = { code: "ABORTED", message, status: null, providerType: null, retryable: false, retryAfterMs: null } as const;
  const still = { nowNs: () => 0n, epochMs: () => atMs, sleepUntil: () => Promise.resolve(), after: () => () => undefined };
  const recorder = createRecorder({ clock: still, id, phase, target });
  recorder.beginAttempt(0n);
  return recorder.finish(0n, { kind: "aborted", finishReason: null, error });
}
