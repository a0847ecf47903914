import { LensError, parseRecord, type RequestRecord } from "@lens/core";
import { type LineFault, shown, type TraceEntry, type TraceFormat } from "./trace-format.ts";
import { msToNs } from "./trace-time.ts";

type Fields = Readonly<Record<string, unknown>>;

function parseObject(line: string): Fields | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
  } catch {
    return null;
  }
}

/** Where a field of a line begins; the line's beginning where it has none of that name. */
const columnOf = (line: string, name: string): number => Math.max(0, line.indexOf(`"${name}"`)) + 1;

const isCount = (value: unknown, least: number): value is number => Number.isSafeInteger(value) && (value as number) >= least;

function parseMooncake(line: string): TraceEntry | LineFault {
  const fields = parseObject(line);
  if (fields === null) return { column: 1, problem: `Expected a JSON object, got ${shown(line)}` };
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
    hashIds: isList ? (hashIds as number[]) : null,
    phase: null,
  };
}

/** The traces of Mooncake (kvcache-ai/Mooncake): milliseconds, two lengths, and ids of the blocks of 512 tokens that the prompt is made of. */
export const mooncakeFormat: TraceFormat = {
  recognizes: (line) => parseObject(line)?.input_length !== undefined,
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
  const fields = parseObject(line);
  if (fields === null) return { column: 1, problem: `Expected a JSON object, got ${shown(line)}` };
  try {
    return entryOf(parseRecord(fields), line);
  } catch (error) {
    if (error instanceof LensError) return { column: 1, problem: error.message.replace(/\.$/, "") };
    throw error;
  }
}

/** Our own records file: the arrival times of a run, and the lengths as they were reported. */
export const recordsFormat: TraceFormat = {
  recognizes: (line) => parseObject(line)?.startedAtMs !== undefined,
  open: () => ({ hasHeader: false, parse: parseRecordLine }),
  isInOrderOfEnds: true,
};
