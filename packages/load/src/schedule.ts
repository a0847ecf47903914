import type { ErrorInfo, RequestPhase } from "@lens/core";
import type { Distribution } from "@lens/metrics";
import type { ConversationPlace, TraceRow } from "@lens/workloads";
import { dueTimes } from "./arrivals.ts";
import type { PhaseEnd } from "./board.ts";
import type { Shard } from "./plan.ts";
import { createOrder } from "./order.ts";
import { type OpenPlan, rampOf } from "./resolve-plan.ts";
import { createSentTest } from "./resume.ts";

/** A request of an open loop before it is sent. */
export interface PlannedRequest {
  /** Its place in the whole schedule. */
  readonly index: number;
  /** After the start of the run. */
  readonly dueNs: number;
  readonly phase: RequestPhase;
  /** Which of the run's targets it asks, from 0. */
  readonly target: number;
  /** Which request of that target in its phase it is, from 0. */
  readonly turn: number;
  /** What the trace says of it; left out where there is none. */
  readonly row?: TraceRow;
  /** Which turn of which conversation it is; left out where each request stands alone. */
  readonly conversation?: ConversationPlace;
}

/** What reading a trace came to. Plain JSON. */
export interface TraceOutcome {
  /** Lines that were left out because they could not be used. */
  readonly skippedLines: number;
  /** Why it could not be read further; null where nothing was wrong. */
  readonly failure: ErrorInfo | null;
}

/** What ended a schedule: a phase's limit, or a line of a trace that cannot be used. */
export type ScheduleEnd = PhaseEnd | "trace";

/** What a request can wait for, other than its time. */
export type Obstacle = "slot" | "limit" | "records";

/** The first and the last of some instants, after the start of the run. */
export interface Extent {
  readonly firstNs: number;
  readonly lastNs: number;
}

/** How one part kept its schedule. Of measured requests. Plain JSON. */
export interface PartSchedule {
  /** What ended it; null where something stopped it before. */
  readonly end: ScheduleEnd | null;
  readonly sent: number;
  /** Null where none was sent. */
  readonly due: Extent | null;
  readonly started: Extent | null;
  readonly sendLag: Distribution;
  readonly waited: Readonly<Record<Obstacle, number>>;
  /** Null where no trace was read. */
  readonly trace: TraceOutcome | null;
}

/** Gives what becomes due, in ascending order, its place in a plan. */
export interface Planner {
  /** The request that is due then; undefined where it falls to another part, or was sent before the run was resumed; null where the plan is over. */
  place(dueNs: number): PlannedRequest | null | undefined;
  /** What ended the measured part, or would if nothing more became due. */
  end(): PhaseEnd;
}

/** A planner for one part of a plan. Everyone who plans the same due times plans the same requests. */
export function createPlanner(plan: OpenPlan, part: Shard): Planner {
  const { phases, load, resume } = plan;
  const order = createOrder(plan);
  const wasSent = createSentTest(resume);
  let at = 0;
  let index = 0;
  let phaseIndex = 0;
  let phaseStartNs = 0;
  // A schedule that ends by itself: all timestamps are used up, or the rate has fallen to 0.
  let end: PhaseEnd = rampOf(load) === null ? "requests" : "duration";

  return {
    place(dueNs) {
      for (let limit = phases[at]; limit !== undefined; limit = phases[at]) {
        const timeUp = limit.durationNs !== null && dueNs >= phaseStartNs + limit.durationNs;
        if (!timeUp && (limit.requests === null || index - phaseIndex < limit.requests)) break;
        if (limit.phase === "measured") end = timeUp ? "duration" : "requests";
        phaseStartNs = timeUp ? phaseStartNs + (limit.durationNs ?? 0) : dueNs;
        phaseIndex = index;
        at += 1;
      }
      const phase = phases[at]?.phase;
      if (phase === undefined) return null;
      const place = index - phaseIndex;
      const isWanted = index % part.of === part.index && !wasSent(phase, place);
      index += 1;
      return isWanted ? { index: index - 1, dueNs, phase, ...order(phase, place) } : undefined;
    },
    end: () => end,
  };
}

/**
 * Walks the schedule of an open loop and yields those of its requests that fall to `part`, one at a time: a million take no more memory
 * than ten. What was sent before the run was resumed is left out. Everyone who walks the same plan sees the same schedule. Returns what ended its measured part.
 * Throws `INVALID_ARGUMENT` for a trace, which is read while it is sent.
 */
export function* planRequests(plan: OpenPlan, part: Shard): Generator<PlannedRequest, PhaseEnd> {
  const planner = createPlanner(plan, part);
  for (const dueNs of dueTimes(plan.load.arrivals, plan.seed)) {
    const request = planner.place(dueNs);
    if (request === null) break;
    if (request !== undefined) yield request;
  }
  return planner.end();
}
