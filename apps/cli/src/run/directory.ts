import { mkdir, stat, unlink } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { LensError, type RequestRecord } from "@lens/core";
import { jsonlExporter } from "@lens/exporters";
import { fileError } from "../files.ts";
import { openLineFile } from "../line-file.ts";
import { type Journal, openJournal, readJournal } from "./journal.ts";
import { createLoadHistory, type LoadHistory } from "./load-history.ts";
import { countRecords, recordLost } from "./lost-requests.ts";
import { dropTornLine } from "./torn-line.ts";

/** The files of a run, by what they hold. */
export interface RunFiles {
  readonly report: string;
  readonly records: string;
  readonly page: string;
  readonly summary: string;
  readonly manifest: string;
  /** What was sent so far. It is there only while the run is not over. */
  readonly journal: string;
}

/** The files of a run in a directory. */
export const filesIn = (directory: string): RunFiles => ({
  report: join(directory, "report.json"),
  records: join(directory, "records.jsonl"),
  page: join(directory, "report.html"),
  summary: join(directory, "summary.md"),
  manifest: join(directory, "manifest.json"),
  journal: join(directory, "journal.jsonl"),
});

/** Makes a directory that was not there. Throws `FILE_FAILED`. */
export async function makeDirectory(directory: string, cwd: string): Promise<void> {
  const place = resolve(cwd, directory);
  try {
    await mkdir(dirname(place), { recursive: true });
    await mkdir(place);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw fileError("make", directory, cause);
    throw new LensError(
      "FILE_FAILED",
      `Expected no directory \`${directory}\` yet, got one. \`--resume\` goes on with a run that was broken off.`,
    );
  }
}

/** Throws `FILE_FAILED` for a directory without a run that was broken off. */
export async function checkResumable(directory: string, cwd: string): Promise<void> {
  const { manifest, journal, report } = filesIn(directory);
  const isThere = async (path: string): Promise<boolean> => (await stat(resolve(cwd, path)).catch(() => null))?.isFile() === true;
  if (!(await isThere(manifest)))
    throw new LensError("FILE_FAILED", `Expected the directory of a run, with its manifest.json, got \`${directory}\`.`);
  if ((await isThere(report)) && !(await isThere(journal)))
    throw new LensError(
      "FILE_FAILED",
      `Expected a run that was broken off, got \`${directory}\`, which is over. \`--manifest\` repeats it.`,
    );
}

/** What a run has been through. */
export interface RunBreaks {
  /** How often it was broken off. */
  readonly count: number;
  /** Requests that gave no record because it was killed. */
  readonly lost: number;
  /** Lines of records that were cut off. */
  readonly torn: number;
}

/** A run's memory, on the disk. */
export interface RunMemory {
  readonly history: LoadHistory;
  readonly breaks: RunBreaks;
}

/** Opens the memory of a run: an empty one, or that of a run that was broken off, whose files are put in order. Throws `FILE_FAILED` and `INVALID_RECORD`. */
export async function openRunMemory(directory: string, startedAtMs: number, cwd: string): Promise<RunMemory> {
  const { records, journal } = filesIn(directory);
  const file = await openJournal(journal, cwd);
  try {
    const torn = await dropTornLine(journal, cwd).then(() => dropTorn(records, cwd));
    const before = await readJournal(journal, cwd);
    const count = await countRecords(records, before, cwd);
    const lost = await recordLost(journal, before, count, cwd);
    await appendRecords(records, lost, cwd);
    const number = before.sessions.length;
    const session = { session: number, startedAtMs, records: count.lines + lost.length, lost: lost.length, torn };
    await file.append(session);
    const state = { ...before, sessions: [...before.sessions, session] };
    return { history: createLoadHistory({ journal: file, state, records, cwd }), breaks: breaksOf(state.sessions) };
  } catch (error) {
    await closeQuietly(file);
    throw error;
  }
}

const closeQuietly = (file: Journal): Promise<void> => file.close().catch(() => undefined);

async function dropTorn(records: string, cwd: string): Promise<boolean> {
  // Records begin with the run.
  await (await openLineFile(records, { cwd, onFailure: () => undefined, append: true })).close();
  return dropTornLine(records, cwd);
}

async function appendRecords(path: string, records: readonly RequestRecord[], cwd: string): Promise<void> {
  const { line } = await jsonlExporter.open({});
  const file = await openLineFile(path, { cwd, onFailure: () => undefined, append: true });
  for (const record of records) file.append(line(record));
  await file.flush();
  await file.close();
}

function breaksOf(sessions: readonly { readonly lost: number; readonly torn: boolean }[]): RunBreaks {
  return {
    count: sessions.length - 1,
    lost: sessions.reduce((sum, { lost }) => sum + lost, 0),
    torn: sessions.filter(({ torn }) => torn).length,
  };
}

/** Forgets what is only of use to go on: the run is over. Throws `FILE_FAILED`. */
export async function endRunMemory(directory: string, cwd: string): Promise<void> {
  const { journal } = filesIn(directory);
  await unlink(resolve(cwd, journal)).catch((cause: unknown) => {
    throw fileError("remove", journal, cause);
  });
}
