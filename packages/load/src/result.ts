import type { ErrorCode, RequestPhase } from "@lens/core";
import type { CrashSummary, ScheduleSummary, TimeWindow } from "@lens/metrics";
import type { TraceOutcome } from "./schedule.ts";

/**
 * What ended the sending: the plan's `requests` (timestamps or a trace that are used up among them) or `durationNs` (or its stages), the signal, the budget,
 * a line of a trace that could not be used, or a crash of every worker.
 */
export type StopCause = "requests" | "duration" | "signal" | "budget" | "trace" | "crash";

/** What became of a run. Plain JSON. */
export interface LoadResult {
  /** When the first measured request was sent, or the run began where none was (see `Clock.epochMs`). */
  readonly startedAtMs: number;
  /** From there to the end of the last request. */
  readonly durationNs: number;
  /** Requests sent, warm-up and drain included. Each gave one record or is counted in `lost`. */
  readonly sent: number;
  /** Requests that gave no record because their worker crashed. */
  readonly lost: number;
  readonly stoppedBy: StopCause;
  /** Whether the signal ended the run before it was over. */
  readonly interrupted: boolean;
  /** From the first to the last start of a measured request; null where there was none. */
  readonly window: TimeWindow | null;
  /** How well the schedule was kept; null for a closed loop. */
  readonly schedule: ScheduleSummary | null;
  /** What became of the trace that was repeated; null where there was none. */
  readonly trace: TraceOutcome | null;
  /** Empty in a run without workers. */
  readonly crashes: readonly CrashSummary[];
  /** How many workers there were; 0 where the calling thread sent. */
  readonly workers: number;
  readonly instrument: InstrumentLoad;
}

/** What measuring cost the machine, from the first request to the last. */
export interface InstrumentLoad {
  /** One for each thread that read sockets. A worker that crashed is missing. */
  readonly threads: readonly ThreadLoad[];
  /** Memory of the whole process. */
  readonly rss: { readonly startBytes: number; readonly maxBytes: number; readonly endBytes: number };
}

/** What one thread had to do. */
export interface ThreadLoad {
  /** Null for the calling thread. */
  readonly worker: number | null;
  readonly elapsedNs: number;
  /** Share of the time, 0 to 1, in which the event loop was not waiting: over all, and in the busiest second. Waiting precisely for a due time counts as busy. */
  readonly utilization: { readonly mean: number; readonly max: number };
  /** Garbage collection, in which the thread stood still. */
  readonly gc: { readonly count: number; readonly totalNs: number; readonly maxNs: number };
  readonly cpuNs: number;
  /** Whether `cpuNs` is of this thread, or of the whole process because this Node (before 23.9) cannot tell. */
  readonly cpuScope: "thread" | "process";
}

/** How a run goes, in numbers that cost nothing. */
export interface LoadProgress {
  readonly elapsedNs: number;
  /** Of the latest request; null before the first. */
  readonly phase: RequestPhase | null;
  /** Warm-up and drain included, as in all that follows. */
  readonly sent: number;
  /** Records taken. */
  readonly done: number;
  readonly inFlight: number;
  readonly lost: number;
  /** What is wanted at present: slots in a closed loop, requests per second in an open one; null for timestamps and traces. */
  readonly level: number | null;
  /** Requests that did not end well, by error code; those without one by the kind of their outcome. */
  readonly failedByCode: Readonly<Partial<Record<ErrorCode | "filtered" | "refused", number>>>;
}
