import { randomInt } from "node:crypto";
import type { Clock } from "@lens/core";
import type { MonitorStatus } from "@lens/exporters";
import type { PriceBook, Report } from "@lens/metrics";
import { TOOL } from "../manifest.ts";
import { createDayBudget } from "./day-budget.ts";
import { createFigures, type TargetFigures } from "./figures.ts";
import { createInstrumentWindow } from "./instrument-window.ts";
import type { Log } from "./log.ts";
import { createMonitorMetrics } from "./metrics.ts";
import { type MonitoredTarget, type MonitorPlan, namedTarget } from "./plan.ts";
import { createRounds } from "./rounds.ts";
import { createSchedule, spreadNs } from "./schedule.ts";
import type { SavedState, StateToWrite } from "./state-file.ts";
import { startTargetLoop, type TargetLoop } from "./target-loop.ts";
import { gaugesOf, joinReports, type Reading, type Seen, statusOf } from "./views.ts";

/** Targets that are probed, and all that is known of them. */
export interface Monitor {
  /** Begins to probe; rejects for a bug in this program, and else never settles. */
  start(): Promise<never>;
  plan(): MonitorPlan;
  /** Goes on with another plan. Targets that stay keep their figures, and their rhythm unless that is another. */
  replace(next: MonitorPlan): void;
  /** Notes why a configuration could not be read. */
  refuse(reason: string): void;
  /** Begins no more probes, gives those under way so long to end, and closes what is open. */
  end(graceNs: number): Promise<void>;
  /** Null when every target has had its first round; else why not. */
  unready(): string | null;
  metrics(): Promise<string>;
  report(): Promise<Report>;
  status(): MonitorStatus;
  /** What is to outlive a restart. */
  save(): Promise<StateToWrite>;
}

export interface MonitorOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly plan: MonitorPlan;
  /** What was saved before a restart. */
  readonly before: SavedState | null;
}

const HIGHEST_SEED = 2 ** 32;

/** Makes a monitor; nothing is sent until it is started. */
export function createMonitor({ clock, log, plan: first, before }: MonitorOptions): Monitor {
  const startedAtMs = clock.epochMs();
  const budget = createDayBudget(clock, before?.spending);
  const instrument = createInstrumentWindow();
  /** By the label of the target. */
  const figures = new Map<string, TargetFigures>();
  const loops = new Map<string, TargetLoop>();
  const hadRound = new Set<string>();
  let plan = first;
  let reading: Reading = { readAtMs: startedAtMs, problem: null };
  let isEnding = false;
  let crash: (error: unknown) => void = () => undefined;

  /** Prices of the plan in force, for those who keep a price book. */
  const priceBook: PriceBook = {
    price: (record) => plan.priceBook.price(record),
    estimate: (query, usage) => plan.priceBook.estimate(query, usage),
  };
  const seen = (): Seen => ({ startedAtMs, plan, figures: [...figures.values()], budget, instrument, reading });
  const metrics = createMonitorMetrics({
    clock,
    version: TOOL.version,
    priceBook,
    gauges: () => gaugesOf(seen(), clock.epochMs()),
    before: before?.metrics ?? [],
  });
  const rounds = createRounds({
    clock,
    log,
    budget,
    plan: () => plan,
    figuresOf: (label) => figures.get(label),
    onRecord(record) {
      metrics.add(record);
      instrument.add(record);
    },
    onSkip: metrics.skipped,
    onEnd: (label) => void hadRound.add(label),
  });

  function startLoop({ target }: MonitoredTarget, index: number): void {
    const named = namedTarget(target);
    const { intervalNs, jitter, monitored, probes } = plan;
    const startNs = clock.nowNs() + BigInt(spreadNs(index, monitored.length, intervalNs));
    const loop = startTargetLoop({
      clock,
      schedule: createSchedule({ startNs, intervalNs, jitter, seed: randomInt(HIGHEST_SEED) }),
      round: (nextDueNs) => rounds.send(named.label, nextDueNs),
      onSend: (lateNs) => metrics.sent(named, lateNs),
      onMiss: (by, missed) => metrics.skipped(named, by, missed * probes),
      onCrash: (error) => crash(error),
    });
    loops.set(named.label, loop);
  }

  /** A label that now stands for another model begins anew. */
  function keepFigures({ target }: MonitoredTarget): void {
    const named = namedTarget(target);
    const known = figures.get(named.label)?.target;
    if (known?.provider === named.provider && known.model === named.model) return;
    const saved = known === undefined ? (before?.targets.get(named.label) ?? null) : null;
    figures.set(named.label, createFigures({ target: named, clock, priceBook, before: saved }));
  }

  function forget(label: string): void {
    loops.get(label)?.stop();
    loops.delete(label);
    figures.delete(label);
    hadRound.delete(label);
  }

  function apply(): void {
    log.conceal(plan.secrets);
    budget.limit(plan.maxCostPerDayUsd);
    const labels = new Set(plan.monitored.map(({ target }) => target.label));
    for (const label of figures.keys()) if (!labels.has(label)) forget(label);
    plan.monitored.forEach((monitored, index) => {
      keepFigures(monitored);
      if (!loops.has(monitored.target.label)) startLoop(monitored, index);
    });
  }

  // So that it is known from the first moment whose first round is awaited.
  plan.monitored.forEach(keepFigures);
  return {
    start() {
      const crashed = new Promise<never>((_resolve, reject) => {
        crash = reject;
      });
      apply();
      return crashed;
    },
    plan: () => plan,
    replace(next) {
      const { session, intervalNs, jitter } = plan;
      plan = next;
      reading = { readAtMs: clock.epochMs(), problem: null };
      if (intervalNs !== next.intervalNs || jitter !== next.jitter) {
        for (const loop of loops.values()) loop.stop();
        loops.clear();
      }
      apply();
      rounds.retire(session).catch((error: unknown) => crash(error));
    },
    refuse(reason) {
      reading = { ...reading, problem: reason };
    },
    async end(graceNs) {
      isEnding = true;
      for (const loop of loops.values()) loop.stop();
      await rounds.end(graceNs);
      await plan.session.close();
    },
    unready() {
      if (isEnding) return "ending";
      const left = [...figures.keys()].filter((label) => !hadRound.has(label)).length;
      return left === 0 ? null : `${left} of ${figures.size} targets wait for the end of their first round`;
    },
    metrics: metrics.render,
    report: () => joinReports([...figures.values()], clock),
    status: () => statusOf(seen(), clock.epochMs()),
    async save() {
      return { spending: budget.spending(), metrics: await metrics.save(new Set(figures.keys())), targets: savedTargets(figures) };
    },
  };
}

function* savedTargets(figures: ReadonlyMap<string, TargetFigures>): StateToWrite["targets"] {
  for (const [label, own] of figures) yield [label, own.saved()];
}
