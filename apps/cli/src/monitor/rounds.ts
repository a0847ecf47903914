import type { Clock, RequestRecord, Target } from "@lens/core";
import { withoutKeys } from "@lens/providers";
import type { Session } from "../session.ts";
import type { DayBudget } from "./day-budget.ts";
import type { LastRound, TargetFigures } from "./figures.ts";
import type { Log } from "./log.ts";
import type { SkipReason } from "./metrics.ts";
import type { MonitorPlan } from "./plan.ts";
import { probeRound } from "./probe-round.ts";

/** Rounds of probes, and how they come to an end. */
export interface Rounds {
  /** Sends a round to the target of that label, where there is one still. */
  send(label: string, nextDueNs: bigint): Promise<void>;
  /** Closes what requests were sent with as soon as none of them is under way any more. */
  retire(session: Session): Promise<void>;
  /** Begins no more probes, gives those under way so long to end, and breaks the others off. */
  end(graceNs: number): Promise<void>;
}

export interface RoundsOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly budget: DayBudget;
  readonly plan: () => MonitorPlan;
  readonly figuresOf: (label: string) => TargetFigures | undefined;
  readonly onRecord: (record: RequestRecord) => void;
  readonly onSkip: (target: Target, reason: SkipReason, probes: number) => void;
  readonly onEnd: (label: string) => void;
}

const NS_PER_MS = 1e6;

/** Says when a target comes or goes; each round else is for those who want to know all. */
function tell(log: Log, label: string, last: LastRound, before: LastRound | null): void {
  const { sent, answered, outcome, message, ttftNs } = last;
  const isUp = answered > 0;
  const fields = {
    target: label,
    sent,
    answered,
    outcome,
    ...(ttftNs === null ? {} : { ttftMs: ttftNs / NS_PER_MS }),
    ...(isUp ? {} : { reason: message }),
  };
  if (before !== null && before.answered > 0 === isUp) log.debug("round ended", fields);
  else if (isUp) log.info("target is up", fields);
  else log.warn("target is down", fields);
}

/** Makes what sends rounds. */
export function createRounds({ clock, log, budget, plan, figuresOf, onRecord, onSkip, onEnd }: RoundsOptions): Rounds {
  const ending = new AbortController();
  let isBrokenOff = false;
  /** Those under way, what they are sent with and what breaks them off. One signal for all would gather a listener for each. */
  const underWay = new Map<Promise<void>, { readonly session: Session; readonly breaking: AbortController }>();

  function take(record: RequestRecord, own: TargetFigures): void {
    // What we broke off ourselves says nothing of the target.
    if (isBrokenOff && record.outcome.kind === "aborted") return;
    own.add(record);
    onRecord(record);
  }

  function conclude(own: TargetFigures, paused: boolean): void {
    const { label } = own.target;
    if (paused && own.state() !== "paused") log.warn("paused: the budget of the day is spent", { target: label, ...budget.spending() });
    own.pause(paused);
    const before = own.last();
    const last = own.endRound();
    if (last !== null) tell(log, label, last, before);
    onEnd(label);
  }

  async function send(label: string, nextDueNs: bigint): Promise<void> {
    const current = plan();
    const own = figuresOf(label);
    const monitored = current.monitored.find(({ target }) => target.label === label);
    if (own === undefined || monitored === undefined) return;
    const breaking = new AbortController();
    let paused = false;
    const sending = probeRound({
      plan: current,
      monitored,
      clock,
      budget,
      nextDueNs,
      ending: ending.signal,
      signal: breaking.signal,
      onRecord: (record) => take(withoutKeys(record, current.secrets), own),
      onSkip(reason, probes) {
        onSkip(own.target, reason, probes);
        paused = reason === "budget";
      },
    });
    underWay.set(sending, { session: current.session, breaking });
    await sending.finally(() => underWay.delete(sending));
    conclude(own, paused);
  }

  return {
    send,
    async retire(session) {
      await Promise.allSettled([...underWay].filter(([, used]) => used.session === session).map(([sending]) => sending));
      await session.close();
    },
    async end(graceNs) {
      ending.abort();
      const ended = Promise.allSettled(underWay.keys());
      await Promise.race([ended, clock.sleepUntil(clock.nowNs() + BigInt(graceNs))]);
      isBrokenOff = true;
      for (const { breaking } of underWay.values()) breaking.abort();
      await ended;
    },
  };
}
