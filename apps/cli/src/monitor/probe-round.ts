import type { Clock, RequestRecord } from "@lens/core";
import { runRequest } from "@lens/providers";
import { wasTurnedAway } from "../cost-guard.ts";
import type { DayBudget } from "./day-budget.ts";
import type { MonitorPlan, MonitoredTarget } from "./plan.ts";

export interface RoundOptions {
  readonly plan: Pick<MonitorPlan, "session" | "prompt" | "probes" | "priceBook">;
  readonly monitored: MonitoredTarget;
  readonly clock: Clock;
  readonly budget: DayBudget;
  /** When the next round is due: no probe of this one is sent any more. */
  readonly nextDueNs: bigint;
  /** Begins no more probes. */
  readonly ending: AbortSignal;
  /** Breaks off the one that is under way. */
  readonly signal: AbortSignal;
  readonly onRecord: (record: RequestRecord) => void;
  readonly onSkip: (reason: "budget" | "busy", probes: number) => void;
}

/** Sends the probes of a round one after the other, so that none of them waits for another, and hands over what became of each. */
export async function probeRound({
  plan,
  monitored,
  clock,
  budget,
  nextDueNs,
  ending,
  signal,
  onRecord,
  onSkip,
}: RoundOptions): Promise<void> {
  const { session, prompt, probes, priceBook } = plan;
  const { target, mostUsd } = monitored;
  for (let left = probes; left > 0 && !ending.aborted; left -= 1) {
    if (left < probes && clock.nowNs() >= nextDueNs) return onSkip("busy", left);
    const reservation = budget.reserve(mostUsd);
    if (reservation === null) return onSkip("budget", left);
    const { adapter, model, label, credentials } = target;
    const { transport, timeouts, retry } = session;
    const record = await runRequest(adapter, { ...prompt, model }, { transport, credentials, clock, label, signal, timeouts, retry });
    reservation.settle(wasTurnedAway(record) ? 0 : (priceBook.price(record)?.totalUsd ?? null));
    onRecord(record);
  }
}
