import { type CrashSummary, createHistogram, fromDistribution, type ScheduleSummary, type TimeWindow, toDistribution } from "@lens/metrics";
import type { PartResult } from "./part.ts";
import { isClosed } from "./resolve-plan.ts";
import type { InstrumentLoad, LoadResult, StopCause } from "./result.ts";
import type { Extent, PartSchedule, TraceOutcome } from "./schedule.ts";
import { countSent, type Session } from "./session.ts";

/** How the threads of a run ended. */
export interface RunOutcome {
  /** Wall time of the start of the run. */
  readonly startedAtMs: number;
  /** Of the threads that ended well. */
  readonly parts: readonly PartResult[];
  readonly crashes: readonly CrashSummary[];
  readonly workers: number;
  readonly instrument: InstrumentLoad;
}

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/** From the first to the last of all; null where there are none. */
function uniteExtents(extents: readonly (Extent | null)[]): Extent | null {
  const known = extents.filter((extent) => extent !== null);
  if (known.length === 0) return null;
  return { firstNs: Math.min(...known.map(({ firstNs }) => firstNs)), lastNs: Math.max(...known.map(({ lastNs }) => lastNs)) };
}

function mergeSchedules(schedules: readonly PartSchedule[], startedAtMs: number): ScheduleSummary {
  const lag = createHistogram();
  for (const { sendLag } of schedules) lag.merge(fromDistribution(sendLag));
  const sum = (pick: (schedule: PartSchedule) => number): number => schedules.reduce((total, schedule) => total + pick(schedule), 0);
  const sent = sum((schedule) => schedule.sent);
  const due = uniteExtents(schedules.map((schedule) => schedule.due));
  const started = uniteExtents(schedules.map((schedule) => schedule.started));
  const rateOver = (extent: Extent | null): number | null => {
    const spanNs = extent === null ? 0 : extent.lastNs - extent.firstNs;
    return spanNs > 0 ? ((sent - 1) * NS_PER_SECOND) / spanNs : null;
  };
  const atWallTime = (extent: Extent | null): TimeWindow | null =>
    extent && { fromMs: startedAtMs + extent.firstNs / NS_PER_MS, toMs: startedAtMs + extent.lastNs / NS_PER_MS };
  return {
    sent,
    due: atWallTime(due),
    started: atWallTime(started),
    targetRatePerSecond: rateOver(due),
    deliveredRatePerSecond: rateOver(started),
    sendLag: toDistribution(lag),
    waitedForSlot: sum(({ waited }) => waited.slot),
    waitedForLimit: sum(({ waited }) => waited.limit),
    waitedForRecords: sum(({ waited }) => waited.records),
  };
}

/** All threads read the same lines, but not all of them as far. */
function uniteTraces(schedules: readonly PartSchedule[]): TraceOutcome | null {
  const traces = schedules.flatMap(({ trace }) => (trace === null ? [] : [trace]));
  if (traces.length === 0) return null;
  return {
    skippedLines: Math.max(...traces.map(({ skippedLines }) => skippedLines)),
    failure: traces.find(({ failure }) => failure !== null)?.failure ?? null,
  };
}

function causeOf({ plan, board, clock }: Session, parts: readonly PartResult[]): StopCause {
  if (parts.length === 0) return board.stopped() ?? "crash";
  if (parts.some(({ stopped }) => stopped)) return board.stopped() ?? "signal";
  // A closed loop whose stages end at no requests at all ends with its stages.
  if (isClosed(plan)) return board.measuredEnd(clock.nowNs()) ?? "duration";
  const ends = parts.map(({ schedule }) => schedule?.end ?? null);
  return ends.find((end) => end === "trace") ?? ends[0] ?? "duration";
}

/** What became of a run. */
export function summarizeRun(session: Session, { startedAtMs, parts, crashes, workers, instrument }: RunOutcome): LoadResult {
  const { firstStartMs, lastStartMs, lastEndMs } = session.collector.course();
  const fromMs = firstStartMs ?? startedAtMs;
  const stoppedBy = causeOf(session, parts);
  const schedules = parts.flatMap(({ schedule }) => (schedule === null ? [] : [schedule]));
  return {
    startedAtMs: fromMs,
    durationNs: Math.max(0, Math.round(((lastEndMs ?? fromMs) - fromMs) * NS_PER_MS)),
    sent: countSent(session),
    lost: crashes.reduce((total, { lost }) => total + lost, 0),
    stoppedBy,
    interrupted: stoppedBy === "signal",
    window: firstStartMs === null || lastStartMs === null ? null : { fromMs: firstStartMs, toMs: lastStartMs },
    schedule: isClosed(session.plan) ? null : mergeSchedules(schedules, startedAtMs),
    trace: uniteTraces(schedules),
    crashes,
    workers,
    instrument,
  };
}
