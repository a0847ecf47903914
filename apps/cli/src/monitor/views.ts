import type { Clock } from "@lens/core";
import type { MonitorStatus } from "@lens/exporters";
import { createCollector, type Report } from "@lens/metrics";
import { TOOL } from "../manifest.ts";
import type { DayBudget } from "./day-budget.ts";
import type { TargetFigures } from "./figures.ts";
import { HISTORY_BIN_MS, HISTORY_BINS } from "./history.ts";
import type { InstrumentWindow } from "./instrument-window.ts";
import type { Gauges } from "./metrics.ts";
import type { MonitorPlan } from "./plan.ts";
import { turn } from "./waiting.ts";

/** How the configuration was read last. */
export interface Reading {
  /** Wall time at which the one in force was read. */
  readonly readAtMs: number;
  /** Why a later one could not be; null where it could. */
  readonly problem: string | null;
}

/** What a monitor is seen by. */
export interface Seen {
  readonly startedAtMs: number;
  readonly plan: Pick<MonitorPlan, "intervalNs" | "probes">;
  readonly figures: readonly TargetFigures[];
  readonly budget: DayBudget;
  readonly instrument: InstrumentWindow;
  readonly reading: Reading;
}

const NS_PER_MS = 1e6;

/** The monitor as its gauges tell it. */
export function gaugesOf({ plan, figures, budget, instrument, reading }: Seen, nowMs: number): Gauges {
  return {
    targets: figures.map(({ target, last }) => {
      const round = last();
      return {
        target,
        up: round === null ? null : round.answered > 0,
        ageNs: round === null ? null : (nowMs - round.endedAtMs) * NS_PER_MS,
        intervalNs: plan.intervalNs,
      };
    }),
    budgetLimitUsd: budget.limitUsd(),
    budgetSpentUsd: budget.spending().spentUsd,
    reload: { successful: reading.problem === null, readAtMs: reading.readAtMs },
    clientLimited: instrument.clientLimited(nowMs),
  };
}

/** The monitor as its status page tells it. */
export function statusOf({ startedAtMs, plan, figures, budget, reading }: Seen, nowMs: number): MonitorStatus {
  return {
    tool: TOOL,
    startedAtMs,
    nowMs,
    intervalNs: plan.intervalNs,
    probesPerRound: plan.probes,
    historyBinMs: HISTORY_BIN_MS,
    historyMs: HISTORY_BIN_MS * HISTORY_BINS,
    budget: { limitUsd: budget.limitUsd(), spentUsd: budget.spending().spentUsd, exhausted: budget.exhausted() },
    notes: reading.problem === null ? [] : [`The configuration could not be read, so the one before stays in force: ${reading.problem}`],
    targets: figures.map(({ target, state, last, history }) => ({ target, state: state(), last: last(), history: history() })),
  };
}

/** One report of all targets. Between two of them the event loop turns, since each takes some milliseconds. */
export async function joinReports(figures: readonly TargetFigures[], clock: Clock): Promise<Report> {
  const whole = createCollector({ maxGroups: Math.max(1, figures.length), clock, tool: TOOL });
  for (const own of figures) {
    whole.merge(own.report());
    await turn(clock);
  }
  return whole.report();
}
