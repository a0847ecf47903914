import { LensError, type RequestRecord } from "@lens/core";
import { type GroupSummary, type Report, summarize, type SummaryOptions } from "@lens/metrics";
import { name, version } from "../package.json";
import type { Lens } from "./lens.ts";
import { givesRecords, isGroup, isIterable, isRecord, isReport } from "./narrow.ts";

/** What can be expected on: one request or several, the figures of a run or of one target of it, or a lens. */
export type Measured = RequestRecord | Iterable<RequestRecord> | Report | GroupSummary | Lens;

/** What is expected on, once it is read. */
export interface Subject {
  readonly groups: readonly GroupSummary[];
  /** The requests themselves, as far as they are at hand. */
  readonly records: readonly RequestRecord[];
  /** Null where the figures of one target were given. */
  readonly report: Report | null;
}

const NS_PER_MS = 1e6;

/** A report of records, of whose run nothing is known but what they say. */
function reportOf(records: readonly RequestRecord[], options: SummaryOptions): Report {
  const fromMs = records.reduce((least, { startedAtMs }) => Math.min(least, startedAtMs), Infinity);
  const toMs = records.reduce((most, { startedAtMs, endNs }) => Math.max(most, startedAtMs + endNs / NS_PER_MS), fromMs);
  const run = {
    startedAtMs: fromMs,
    durationNs: Math.round((toMs - fromMs) * NS_PER_MS),
    mode: "unknown",
    command: null,
    seed: null,
  } as const;
  return summarize(records, {
    ...options,
    tool: { name, version },
    run: { ...run, options: {}, versions: { [name]: version }, machine: null, interrupted: false, shards: null },
  });
}

function listRecords(received: unknown): readonly RequestRecord[] | null {
  if (isRecord(received)) return [received];
  const listed: unknown = givesRecords(received) ? received.records() : received;
  const records = isIterable(listed) ? [...listed] : null;
  return records?.every(isRecord) === true ? records : null;
}

/** In a word or two, for a message. */
function describe(value: unknown): string {
  if (value === null || typeof value !== "object") return typeof value === "function" ? "a function" : `\`${String(value).slice(0, 60)}\``;
  if ("then" in value) return "a promise: it wants an `await`";
  return isIterable(value) ? "a list of something else" : "an object of another kind";
}

/** Reads what is expected on. Throws `INVALID_ARGUMENT` for anything else, and where there are no requests. */
export function readSubject(received: unknown, options: SummaryOptions): Subject {
  if (isReport(received) && received.groups.length > 0) return { groups: received.groups, records: [], report: received };
  if (isGroup(received)) return { groups: [received], records: [], report: null };
  const records = isReport(received) ? [] : listRecords(received);
  if (records === null)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the record of a request, a list of records, a report, a group of one, or a lens, got ${describe(received)}.`,
    );
  if (records.length === 0) throw new LensError("INVALID_ARGUMENT", "Expected at least one request, got none: nothing was measured.");
  const report = reportOf(records, options);
  return { groups: report.groups, records, report };
}
