import type { RequestRecord } from "@lens/core";
import type { GroupSummary, Report } from "@lens/metrics";

const has = <K extends string>(value: unknown, key: K): value is Record<K, unknown> =>
  typeof value === "object" && value !== null && key in value;

/** Whether a value is the record of a request. By its fields, since test runners keep arrays and classes of several realms apart. */
export const isRecord = (value: unknown): value is RequestRecord =>
  has(value, "arrivals") && has(value, "attempts") && has(value, "outcome");

/** Whether a value is the figures of a target. */
export const isGroup = (value: unknown): value is GroupSummary => has(value, "outcomes") && has(value, "ttft") && has(value, "target");

/** Whether a value is a report. */
export const isReport = (value: unknown): value is Report => has(value, "groups") && has(value, "run") && has(value, "instrument");

/** Whether a value gives its records, as a lens does. */
export const givesRecords = (value: unknown): value is { records(): Iterable<RequestRecord> } =>
  has(value, "records") && typeof value.records === "function";

/** Whether a value can be iterated, and is no text. */
export const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;
