import type { RequestRecord } from "@lens/core";
import { createHistogram, isAnswered, toDistribution } from "@lens/metrics";
import { type Conversation, createConversations } from "./conversations.ts";
import type { Schedule } from "./open-schedule.ts";
import { createDispatcher, type PartOptions, type PartResult } from "./part.ts";
import { type OpenPlan, shareOf } from "./resolve-plan.ts";
import type { Extent, Obstacle, PartSchedule, PlannedRequest, ScheduleEnd, TraceOutcome } from "./schedule.ts";

/** How many overdue requests are sent in one turn of the event loop: about a millisecond's worth, so that answers are still read. */
const MOST_PER_TURN = 16;

const extend = (extent: Extent | null, atNs: number): Extent => ({
  firstNs: extent?.firstNs ?? atNs,
  lastNs: Math.max(extent?.lastNs ?? atNs, atNs),
});

/** When the last phase is over, after which conversations do not go on; null where they go on to their ends. */
function sendingEndNs({ phases }: OpenPlan): number | null {
  return phases.reduce<number | null>((sum, { durationNs }) => (sum === null || durationNs === null ? null : sum + durationNs), 0);
}

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
 * Sends each request of its part at its due time, or begins a conversation then. One that must wait keeps its due time; none is dropped, and none is moved to fill a gap.
 * Rejects with what `send` or `onRecord` reject with.
 */
export async function runOpenLoop(options: PartOptions<OpenPlan>, schedule: Schedule): Promise<PartResult> {
  const { plan, part, clock, startNs } = options;
  const dispatcher = createDispatcher(options);
  const keeper = createKeeper(startNs);
  const mostInFlight = plan.load.maxInFlight === null ? Number.POSITIVE_INFINITY : shareOf(plan.load.maxInFlight, part);
  const conversationAt = createConversations(plan, options.turnsOf);
  const lastNs = sendingEndNs(plan);
  let inFlight = 0;
  /** Requests in flight, and conversations that go on. */
  let running = 0;
  let cutOff = false;
  let waiting: (() => void)[] = [];
  /** Until when, and by what, the line was last held up. Whatever was due meanwhile stood in it; what was due before the run was resumed did, too. */
  let heldUntilNs = startNs + BigInt(plan.resume?.elapsedNs ?? 0);
  let heldBy: Obstacle = "slot";
  let sentThisTurn = 0;

  const untilOneEnds = (): Promise<void> =>
    new Promise((resolve) => {
      waiting.push(resolve);
    });

  function wake(): void {
    const woken = waiting;
    waiting = [];
    for (const go of woken) go();
  }

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

  async function deliver(request: PlannedRequest, dueNs: bigint): Promise<RequestRecord | null> {
    inFlight += 1;
    const record = await dispatcher.deliver({ ...request, dueNs });
    inFlight -= 1;
    wake();
    return record;
  }

  /** Sends a later turn of a conversation at its time, once there is room for it. Null where it may not be sent any more. */
  async function deliverLater(request: PlannedRequest): Promise<RequestRecord | null> {
    const dueNs = startNs + BigInt(request.dueNs);
    await clock.sleepUntil(dueNs, dispatcher.stopSignal);
    if (dispatcher.stopped() || !(await isAdmitted(request))) {
      cutOff = true;
      return null;
    }
    keeper.add(request, clock.nowNs(), heldUntilNs > dueNs ? heldBy : null);
    return deliver(request, dueNs);
  }

  /** Sends a request and all that follows from its answers. A turn is due when its user has read the answer before it, and thought. */
  async function converse(request: PlannedRequest, conversation: Conversation | null): Promise<void> {
    running += 1;
    let record = await deliver(request, startNs + BigInt(request.dueNs));
    for (let turn = 1; conversation !== null && turn < conversation.turns && record !== null && isAnswered(record); turn += 1) {
      const dueNs = Number(clock.nowNs() - startNs) + plan.load.thinkTimeNs;
      if (lastNs !== null && dueNs >= lastNs) break;
      record = await deliverLater({ ...request, conversation: conversation.at(turn), dueNs });
    }
    running -= 1;
    wake();
  }

  /** Whether the schedule came to its end, and was not stopped before. */
  async function walk(): Promise<boolean> {
    for (let planned = await schedule.next(); planned !== null; planned = await schedule.next()) {
      const conversation = conversationAt?.(planned.index) ?? null;
      const request = conversation === null ? planned : { ...planned, ...conversation.asked, conversation: conversation.at(0) };
      const dueNs = startNs + BigInt(request.dueNs);
      options.prepare?.(request);
      await untilDue(dueNs);
      if (dispatcher.stopped() || !(await isAdmitted(request))) return false;
      keeper.add(request, clock.nowNs(), heldUntilNs > dueNs ? heldBy : null);
      void converse(request, conversation);
    }
    return true;
  }

  const ended = await walk();
  while (running > 0) await untilOneEnds();
  dispatcher.check();
  return { stopped: !ended || cutOff, schedule: keeper.result(ended ? schedule.end() : null, schedule.trace()) };
}
