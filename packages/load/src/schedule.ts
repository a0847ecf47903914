import type { RequestPhase } from "@lens/core";
import type { Distribution } from "@lens/metrics";
import { dueTimes } from "./arrivals.ts";
import type { PhaseEnd } from "./board.ts";
import type { Shard } from "./plan.ts";
import { createOrder } from "./order.ts";
import type { OpenPlan } from "./resolve-plan.ts";
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
}

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
  readonly end: PhaseEnd | null;
  readonly sent: number;
  /** Null where none was sent. */
  readonly due: Extent | null;
  readonly started: Extent | null;
  readonly sendLag: Distribution;
  readonly waited: Readonly<Record<Obstacle, number>>;
}

/**
 * Walks the schedule of an open loop and yields those of its requests that fall to `part`, one at a time: a million take no more memory
 * than ten. What was sent before the run was resumed is left out. Everyone who walks the same plan sees the same schedule. Returns what ended its measured part.
 */
export function* planRequests(plan: OpenPlan, part: Shard): Generator<PlannedRequest, PhaseEnd> {
  const { phases, load, seed, resume } = plan;
  const order = createOrder(plan);
  const wasSent = createSentTest(resume);
  let at = 0;
  let index = 0;
  let phaseIndex = 0;
  let phaseStartNs = 0;
  // A schedule that ends by itself: all timestamps are used up, or the rate has fallen to 0.
  let end: PhaseEnd = load.arrivals.process === "timestamps" ? "requests" : "duration";
  for (const dueNs of dueTimes(load.arrivals, seed)) {
    for (let limit = phases[at]; limit !== undefined; limit = phases[at]) {
      const timeUp = limit.durationNs !== null && dueNs >= phaseStartNs + limit.durationNs;
      if (!timeUp && (limit.requests === null || index - phaseIndex < limit.requests)) break;
      if (limit.phase === "measured") end = timeUp ? "duration" : "requests";
      phaseStartNs = timeUp ? phaseStartNs + (limit.durationNs ?? 0) : dueNs;
      phaseIndex = index;
      at += 1;
    }
    const phase = phases[at]?.phase;
    if (phase === undefined) return end;
    const place = index - phaseIndex;
    if (index % part.of === part.index && !wasSent(phase, place)) yield { index, dueNs, phase, ...order(phase, place) };
    index += 1;
  }
  return end;
}
