import { LensError, parseRecord, type RequestRecord } from "@lens/core";
import { findJsonFault } from "./json-fault.ts";
import { isFault, type LineFault, shown, type TraceEntry, type TraceFormat } from "./trace-format.ts";
import { msToNs } from "./trace-time.ts";

type Parsed = { readonly fields: Readonly<Record<string, unknown>> } | LineFault;

function parseObject(line: string): Parsed {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return { fields: value as Readonly<Record<string, unknown>> };
    return { column: 1, problem: `Expected a JSON object, got ${shown(value)}` };
  } catch {
    const at = findJsonFault(line) ?? line.length;
    return { column: at + 1, problem: at === line.length ? "Expected JSON, but it breaks off" : "Expected JSON, got something else" };
  }
}

/** Recognises lines that are objects with such a field. */
const hasField =
  (name: string) =>
  (line: string): boolean => {
    const parsed = parseObject(line);
    return "fields" in parsed && parsed.fields[name] !== undefined;
  };

/** Where a field of a line begins; the line's beginning where it has none of that name. */
const columnOf = (line: string, name: string): number => Math.max(0, line.indexOf(`"${name}"`)) + 1;

const isCount = (value: unknown, least: number): value is number => Number.isSafeInteger(value) && (value as number) >= least;

function parseMooncake(line: string): TraceEntry | LineFault {
  const parsed = parseObject(line);
  if (isFault(parsed)) return parsed;
  const { fields } = parsed;
  const { timestamp, input_length: inputTokens, output_length: outputTokens, hash_ids: hashIds } = fields;
  const fault = (name: string, expected: string): LineFault => ({
    column: columnOf(line, name),
    problem: `Expected \`${name}\` to be ${expected}, got ${shown(fields[name])}`,
  });
  if (typeof timestamp !== "number" || !(timestamp >= 0 && timestamp < 1e15)) return fault("timestamp", "milliseconds from 0 up");
  if (!isCount(inputTokens, 1)) return fault("input_length", "a whole number from 1 up");
  if (!isCount(outputTokens, 1)) return fault("output_length", "a whole number from 1 up");
  const isList = Array.isArray(hashIds) && hashIds.every((id) => isCount(id, 0));
  if (hashIds !== undefined && hashIds !== null && !isList) return fault("hash_ids", "a list of whole numbers from 0 up");
  return {
    atNs: msToNs(timestamp),
    atColumn: columnOf(line, "timestamp"),
    endNs: null,
    inputTokens,
    outputTokens,
    hashIds: isList ? hashIds : null,
    phase: null,
  };
}

/** The traces of Mooncake (kvcache-ai/Mooncake): milliseconds, two lengths, and ids of the blocks of 512 tokens that the prompt is made of. */
export const mooncakeFormat: TraceFormat = {
  recognizes: hasField("input_length"),
  open: () => ({ hasHeader: false, parse: parseMooncake }),
  isInOrderOfEnds: false,
};

function entryOf(record: RequestRecord, line: string): TraceEntry {
  const { startedAtMs, queuedNs, endNs, usage, workload, phase } = record;
  const startNs = msToNs(startedAtMs);
  return {
    // When it should have been sent, where a schedule said so: a replay repeats what was meant, not how well it was kept.
    atNs: startNs - BigInt(queuedNs ?? 0),
    atColumn: columnOf(line, "startedAtMs"),
    endNs: startNs + BigInt(endNs),
    inputTokens: usage?.inputTokens || workload?.askedInputTokens || null,
    outputTokens: usage?.outputTokens || workload?.askedOutputTokens || null,
    hashIds: null,
    phase,
  };
}

function parseRecordLine(line: string): TraceEntry | LineFault {
  const parsed = parseObject(line);
  if (isFault(parsed)) return parsed;
  try {
    return entryOf(parseRecord(parsed.fields), line);
  } catch (error) {
    if (error instanceof LensError) return { column: 1, problem: error.message.replace(/\.$/, "") };
    throw error;
  }
}

/** Our own records file: the arrival times of a run, and the lengths as they were reported. */
export const recordsFormat: TraceFormat = {
  recognizes: hasField("startedAtMs"),
  open: () => ({ hasHeader: false, parse: parseRecordLine }),
  isInOrderOfEnds: true,
};
