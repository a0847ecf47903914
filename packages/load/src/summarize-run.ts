import { type CrashSummary, createHistogram, fromDistribution, type ScheduleSummary, toDistribution } from "@lens/metrics";
import type { PartResult } from "./part.ts";
import { isClosed } from "./resolve-plan.ts";
import type { InstrumentLoad, LoadResult, StopCause } from "./result.ts";
import type { Extent, PartSchedule } from "./schedule.ts";
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

function spanOf(extents: readonly (Extent | null)[]): number {
  const known = extents.filter((extent) => extent !== null);
  return Math.max(...known.map(({ lastNs }) => lastNs)) - Math.min(...known.map(({ firstNs }) => firstNs));
}

function mergeSchedules(schedules: readonly PartSchedule[]): ScheduleSummary {
  const lag = createHistogram();
  for (const { sendLag } of schedules) lag.merge(fromDistribution(sendLag));
  const sum = (pick: (schedule: PartSchedule) => number): number => schedules.reduce((total, schedule) => total + pick(schedule), 0);
  const sent = sum((schedule) => schedule.sent);
  const rateOver = (spanNs: number): number | null => (sent > 1 && spanNs > 0 ? ((sent - 1) * NS_PER_SECOND) / spanNs : null);
  return {
    sent,
    targetRatePerSecond: rateOver(spanOf(schedules.map(({ due }) => due))),
    deliveredRatePerSecond: rateOver(spanOf(schedules.map(({ started }) => started))),
    sendLag: toDistribution(lag),
    waitedForSlot: sum(({ waited }) => waited.slot),
    waitedForLimit: sum(({ waited }) => waited.limit),
    waitedForRecords: sum(({ waited }) => waited.records),
  };
}

function causeOf({ plan, board, clock }: Session, parts: readonly PartResult[]): StopCause {
  if (parts.length === 0) return board.stopped() ?? "crash";
  if (parts.some(({ stopped }) => stopped)) return board.stopped() ?? "signal";
  // A closed loop whose stages end at no requests at all ends with its stages.
  const end = isClosed(plan) ? board.measuredEnd(clock.nowNs()) : parts[0]?.schedule?.end;
  return end ?? "duration";
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
    schedule: isClosed(session.plan) ? null : mergeSchedules(schedules),
    crashes,
    workers,
    instrument,
  };
}
