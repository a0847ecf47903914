import { createHistogram, toDistribution } from "@lens/metrics";
import type { Schedule } from "./open-schedule.ts";
import { createDispatcher, type PartOptions, type PartResult } from "./part.ts";
import { type OpenPlan, shareOf } from "./resolve-plan.ts";
import type { Extent, Obstacle, PartSchedule, PlannedRequest, ScheduleEnd, TraceOutcome } from "./schedule.ts";

/** How many overdue requests are sent in one turn of the event loop: about a millisecond's worth, so that answers are still read. */
const MOST_PER_TURN = 16;

const extend = (extent: Extent | null, atNs: number): Extent => ({ firstNs: extent?.firstNs ?? atNs, lastNs: atNs });

/** Keeps book of how well the schedule is kept. */
function createKeeper(startNs: bigint) {
  const lag = createHistogram();
  const waited: Record<Obstacle, number> = { slot: 0, limit: 0, records: 0 };
  let sent = 0;
  let due: Extent | null = null;
  let started: Extent | null = null;
  return {
    /** Takes in a request that starts now. `behind`: what held it up; null where nothing did. */
    add({ phase, dueNs }: PlannedRequest, nowNs: bigint, behind: Obstacle | null): void {
      if (phase !== "measured") return;
      const atNs = Number(nowNs - startNs);
      sent += 1;
      due = extend(due, dueNs);
      started = extend(started, atNs);
      if (behind === null) lag.record(Math.max(0, atNs - dueNs));
      else waited[behind] += 1;
    },
    result: (end: ScheduleEnd | null, trace: TraceOutcome | null): PartSchedule => ({
      end,
      sent,
      due,
      started,
      sendLag: toDistribution(lag),
      waited,
      trace,
    }),
  };
}

/**
 * Sends each request of its part at its due time. One that must wait keeps its due time; none is dropped, and none is moved to fill a gap.
 * Rejects with what `send` or `onRecord` reject with.
 */
export async function runOpenLoop(options: PartOptions<OpenPlan>, schedule: Schedule): Promise<PartResult> {
  const { plan, part, clock, startNs } = options;
  const dispatcher = createDispatcher(options);
  const keeper = createKeeper(startNs);
  const mostInFlight = plan.load.maxInFlight === null ? Number.POSITIVE_INFINITY : shareOf(plan.load.maxInFlight, part);
  let inFlight = 0;
  let wake = (): void => undefined;
  /** Until when, and by what, the line was last held up. Whatever was due meanwhile stood in it; what was due before the run was resumed did, too. */
  let heldUntilNs = startNs + BigInt(plan.resume?.elapsedNs ?? 0);
  let heldBy: Obstacle = "slot";
  let sentThisTurn = 0;

  const untilOneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      wake = resolve;
    });

  function heldUp(obstacle: Obstacle): void {
    heldUntilNs = clock.nowNs();
    heldBy = obstacle;
    sentThisTurn = 0;
  }

  async function untilDue(dueNs: bigint): Promise<void> {
    if (dueNs > clock.nowNs()) {
      sentThisTurn = 0;
      await clock.sleepUntil(dueNs, dispatcher.stopSignal);
    } else if (++sentThisTurn % MOST_PER_TURN === 0) await clock.sleepUntil(clock.nowNs() + 1n);
  }

  async function isAdmitted({ target }: PlannedRequest): Promise<boolean> {
    for (let full = dispatcher.untilRecordsFlow(); full !== null; full = dispatcher.untilRecordsFlow()) {
      await full;
      heldUp("records");
    }
    while (inFlight >= mostInFlight) {
      await untilOneEnds();
      heldUp("slot");
    }
    const { granted, waited } = await dispatcher.admit(target, () => true);
    if (waited) heldUp("limit");
    return granted;
  }

  async function deliver(request: PlannedRequest, dueNs: bigint): Promise<void> {
    inFlight += 1;
    await dispatcher.deliver({ ...request, dueNs });
    inFlight -= 1;
    wake();
  }

  /** Whether the schedule came to its end, and was not stopped before. */
  async function walk(): Promise<boolean> {
    for (let request = await schedule.next(); request !== null; request = await schedule.next()) {
      const dueNs = startNs + BigInt(request.dueNs);
      options.prepare?.(request);
      await untilDue(dueNs);
      if (dispatcher.stopped() || !(await isAdmitted(request))) return false;
      keeper.add(request, clock.nowNs(), heldUntilNs > dueNs ? heldBy : null);
      void deliver(request, dueNs);
    }
    return true;
  }

  const ended = await walk();
  while (inFlight > 0) await untilOneEnds();
  dispatcher.check();
  return { stopped: !ended, schedule: keeper.result(ended ? schedule.end() : null, schedule.trace()) };
}
