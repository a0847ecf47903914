import type { RequestRecord } from "@lens/core";
import type { RecordText } from "@lens/exporters";
import type { PriceBook } from "@lens/metrics";
import type { Io } from "./io.ts";
import { createLineOutput, type LineFile, openLineFile } from "./line-file.ts";
import type { PlannedRecords } from "./outputs.ts";

/** Where the records of a run go as they come, so that what was done is kept whatever happens next. */
export interface RecordLog {
  append(record: RequestRecord): void;
  /** Resolves when so little waits to be written that more may come. */
  ready(): Promise<void>;
  /** Resolves when all so far is written, and the disk has it. Throws `FILE_FAILED` when any of it could not be. */
  flush(): Promise<void>;
  /** Resolves when all is written. Throws `FILE_FAILED` when any of it could not be. */
  close(): Promise<void>;
}

export interface RecordLogOptions {
  readonly priceBook: PriceBook;
  readonly io: Io;
  /** Hears of the first failure on the way. */
  readonly onFailure: () => void;
}

/** Begins each output of records. Throws `FILE_FAILED` for a file that cannot be made. */
export async function openRecordLog(
  outputs: readonly PlannedRecords[],
  { priceBook, io, onFailure }: RecordLogOptions,
): Promise<RecordLog> {
  const logs: { readonly text: RecordText; readonly lines: LineFile }[] = [];
  for (const { format, path } of outputs) {
    const text = await format.open({ priceBook });
    const lines = path === null ? createLineOutput(io.stdout) : await openLineFile(path, { cwd: io.cwd, onFailure });
    if (text.head !== "") lines.append(text.head);
    logs.push({ text, lines });
  }
  return {
    append(record) {
      for (const { text, lines } of logs) lines.append(text.line(record));
    },
    async ready() {
      for (const { lines } of logs) await lines.ready();
    },
    async flush() {
      for (const { lines } of logs) await lines.flush();
    },
    async close() {
      for (const { lines } of logs) await lines.close();
    },
  };
}
