import { resolve } from "node:path";
import { LensError } from "@lens/core";
import type { TraceOutcome } from "@lens/load";
import { openTrace, recognizeTrace, TRACE_FORMATS, type TraceRow, type TraceSpec } from "@lens/workloads";
import type { ResolvedSettings } from "./config.ts";

/** Whether the settings repeat recorded traffic. */
export const isTraced = ({ trace, replay }: ResolvedSettings): boolean => trace !== undefined || replay !== undefined;

/** Recorded traffic that is to be repeated. */
export interface PlannedTrace {
  readonly spec: TraceSpec;
  /** Its first request; null where it cannot be told yet. */
  readonly first: TraceRow | null;
}

/**
 * The trace that the settings repeat; null where there is none. Its beginning is looked at: throws `FILE_FAILED`, and `INVALID_ARGUMENT` naming file, line
 * and column.
 */
export async function planTrace(settings: ResolvedSettings, cwd: string): Promise<PlannedTrace | null> {
  const { trace, replay, traceFormat, speed, badLines } = settings;
  const name = trace ?? replay;
  if (name === undefined) return null;
  const path = resolve(cwd, name);
  const format = trace === undefined ? "records" : (traceFormat ?? (await recognizeTrace(path, name)));
  if (format === null)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected \`${name}\` to be a trace of ${TRACE_FORMATS.join(", ")}, but its first line is of none of them. \`--trace-format\` says which it is meant to be.`,
    );
  const spec: TraceSpec = {
    path,
    name,
    format,
    ...(speed === undefined ? {} : { speed }),
    ...(badLines === undefined ? {} : { onBadLine: badLines }),
  };
  const opened = await openTrace(spec);
  try {
    return { spec, first: opened.next() ?? null };
  } finally {
    await opened.close();
  }
}

/** What a reader of the report should know of a trace. */
export function notesOnTrace({ skippedLines, failure }: TraceOutcome): readonly string[] {
  return [
    ...(failure === null ? [] : [`The trace was not sent to its end: ${failure.message}`]),
    ...(skippedLines === 0
      ? []
      : [`${skippedLines === 1 ? "1 line" : `${skippedLines} lines`} of the trace could not be used and had to be left out.`]),
  ];
}
