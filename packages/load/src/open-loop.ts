import type { RequestRecord } from "@lens/core";
import { createHistogram, isAnswered, toDistribution } from "@lens/metrics";
import { type Conversation, createConversations } from "./conversations.ts";
import { createLine } from "./open-line.ts";
import type { Schedule } from "./open-schedule.ts";
import { createDispatcher, type PartOptions, type PartResult } from "./part.ts";
import type { OpenPlan } from "./resolve-plan.ts";
import type { Extent, Obstacle, PartSchedule, PlannedRequest, ScheduleEnd, TraceOutcome } from "./schedule.ts";

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
 * Sends each request of its part at its due time, or begins a conversation then. One that must wait keeps its due time; none is dropped, and none
 * is moved to fill a gap. Rejects with what `send` or `onRecord` reject with.
 */
export async function runOpenLoop(options: PartOptions<OpenPlan>, schedule: Schedule): Promise<PartResult> {
  const { plan, clock, startNs } = options;
  const dispatcher = createDispatcher(options);
  const line = createLine(options, dispatcher);
  const keeper = createKeeper(startNs);
  const conversationAt = createConversations(plan, options.turnsOf);
  const lastNs = sendingEndNs(plan);
  /** Requests in flight, and conversations that go on. */
  const going = new Set<Promise<void>>();
  let cutOff = false;

  /** Sends a request at its time, once there is room for it; null where it may not be sent any more. */
  async function sendInLine(request: PlannedRequest): Promise<{ readonly record: Promise<RequestRecord | null> } | null> {
    const dueNs = startNs + BigInt(request.dueNs);
    await line.untilDue(dueNs);
    if (dispatcher.stopped() || !(await line.admit(request.target))) return null;
    keeper.add(request, clock.nowNs(), line.behind(dueNs));
    return { record: line.deliver(request, dueNs) };
  }

  /** Sends what follows from an answer. A turn is due when its user has read the answer before it, and thought. */
  async function converse(request: PlannedRequest, conversation: Conversation | null, first: Promise<RequestRecord | null>): Promise<void> {
    let record = await first;
    for (let turn = 1; conversation !== null && turn < conversation.turns && record !== null && isAnswered(record); turn += 1) {
      const dueNs = Number(clock.nowNs() - startNs) + plan.load.thinkTimeNs;
      if (lastNs !== null && dueNs >= lastNs) return;
      const sent = await sendInLine({ ...request, conversation: conversation.at(turn), dueNs });
      cutOff ||= sent === null;
      record = sent === null ? null : await sent.record;
    }
  }

  /** Whether the schedule came to its end, and was not stopped before. */
  async function walk(): Promise<boolean> {
    for (let planned = await schedule.next(); planned !== null; planned = await schedule.next()) {
      const conversation = conversationAt?.(planned.index) ?? null;
      const request = conversation === null ? planned : { ...planned, ...conversation.asked, conversation: conversation.at(0) };
      options.prepare?.(request);
      const sent = await sendInLine(request);
      if (sent === null) return false;
      const whole = converse(request, conversation, sent.record).finally(() => going.delete(whole));
      going.add(whole);
    }
    return true;
  }

  const ended = await walk();
  await Promise.all(going);
  dispatcher.check();
  return { stopped: !ended || cutOff, schedule: keeper.result(ended ? schedule.end() : null, schedule.trace()) };
}
