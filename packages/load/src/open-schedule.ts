import { LensError, toErrorInfo } from "@lens/core";
import { openTrace, type Trace, type TraceRow } from "@lens/workloads";
import type { Shard } from "./plan.ts";
import type { OpenPlan } from "./resolve-plan.ts";
import { createPlanner, type PlannedRequest, planRequests, type ScheduleEnd, type TraceOutcome } from "./schedule.ts";

/** The schedule of one part, as it is sent. */
export interface Schedule {
  /** The next request; null where there is none left. Rejects for a bug only. */
  next(): Promise<PlannedRequest | null>;
  /** What ended it; to be asked when it has. */
  end(): ScheduleEnd;
  /** Null where no trace is read. */
  trace(): TraceOutcome | null;
  close(): Promise<void>;
}

/**
 * Opens what a schedule is made from. Rejects with `INVALID_ARGUMENT` and `FILE_FAILED` for a trace that cannot be used from its beginning. What goes
 * wrong with it later ends the schedule, and is told by `trace`.
 */
export async function openSchedule(plan: OpenPlan, part: Shard): Promise<Schedule> {
  const { arrivals } = plan.load;
  if (arrivals.process === "trace") return scheduleTrace(plan, part, await openTrace(arrivals.trace));
  const requests = planRequests(plan, part);
  let end: ScheduleEnd = "requests";
  return {
    next() {
      const step = requests.next();
      if (step.done === true) end = step.value;
      return Promise.resolve(step.done === true ? null : step.value);
    },
    end: () => end,
    trace: () => null,
    close: () => Promise.resolve(),
  };
}

function scheduleTrace(plan: OpenPlan, part: Shard, trace: Trace): Schedule {
  const planner = createPlanner(plan, part);
  // A run that was recorded had phases of its own; where the plan has some, they count.
  const isPhased = plan.phases.length > 1;
  let failure: TraceOutcome["failure"] = null;

  async function nextRow(): Promise<TraceRow | null> {
    try {
      for (;;) {
        const row = trace.next();
        if (row !== undefined) return row;
        await trace.ready();
      }
    } catch (error) {
      if (!(error instanceof LensError)) throw error;
      failure = toErrorInfo(error);
      return null;
    }
  }

  return {
    async next() {
      for (let row = await nextRow(); row !== null; row = await nextRow()) {
        const request = planner.place(row.dueNs);
        if (request === null) return null;
        if (request !== undefined) return { ...request, row, phase: isPhased ? request.phase : (row.phase ?? request.phase) };
      }
      return null;
    },
    end: () => (failure === null ? planner.end() : "trace"),
    trace: () => ({ skippedLines: trace.skippedLines(), failure }),
    close: trace.close,
  };
}
