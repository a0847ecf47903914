import type { Clock, RequestRecord, Target } from "@lens/core";
import { createPrometheusExporter, MONITOR_METRICS, PROMETHEUS_METRICS, type PrometheusMetric } from "@lens/exporters";
import type { PriceBook } from "@lens/metrics";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { renderMetrics, type SavedMetric, savedMetrics } from "./metrics-text.ts";

/** What the gauges say at the moment in which they are read. Null and left out is what is not known. */
export interface Gauges {
  readonly targets: readonly {
    readonly target: Target;
    readonly up: boolean | null;
    readonly ageNs: number | null;
    readonly intervalNs: number;
  }[];
  readonly budgetLimitUsd: number | null;
  readonly budgetSpentUsd: number;
  readonly reload: { readonly successful: boolean; readonly readAtMs: number };
  readonly clientLimited: boolean | null;
}

/** Why a probe that was due was not sent. */
export type SkipReason = "budget" | "busy" | "missed";

/** The metrics of a monitor, on a registry of prom-client. */
export interface MonitorMetrics {
  /** Takes in one probe. */
  add(record: RequestRecord): void;
  sent(target: Target, lateNs: number): void;
  skipped(target: Target, reason: SkipReason, probes: number): void;
  /** All of them as text, family by family, so that none of it keeps a probe waiting for long. */
  render(): Promise<string>;
  /** The counters and histograms of these targets, by their labels, to go on with after a restart. */
  save(targets: ReadonlySet<string>): Promise<readonly SavedMetric[]>;
}

export interface MonitorMetricsOptions {
  readonly clock: Clock;
  readonly version: string;
  readonly priceBook: PriceBook;
  readonly gauges: () => Gauges;
  /** Counters and histograms of the time before a restart. */
  readonly before: readonly SavedMetric[];
}

/** What this process is called in metrics that are of no target. */
const RUN = "monitor";
/** Targets come from the configuration alone. */
const MOST_TARGETS = 10_000;
const NS_PER_SECOND = 1e9;
/** Gauges of prom-client's under names of counters, which `promtool check metrics` refuses. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

const labelsOf = ({ provider, model, label }: Target) => ({ provider, model, target: label });

/** Starts the metrics. */
export function createMonitorMetrics({ clock, version, priceBook, gauges, before }: MonitorMetricsOptions): MonitorMetrics {
  /** What adds up, and goes on after a restart. */
  const counted = new Registry();
  /** What holds now. */
  const present = new Registry();
  const gauge = ({ name, help, labelNames }: PrometheusMetric) =>
    new Gauge({ name, help, labelNames: [...labelNames], registers: [present] });

  const exporter = createPrometheusExporter({ register: counted, priceBook, run: RUN, maxTargets: MOST_TARGETS });
  const { late, skipped } = MONITOR_METRICS;
  const lateness = new Histogram({
    name: late.name,
    help: late.help,
    labelNames: [...late.labelNames],
    buckets: [...late.bucketsSeconds],
    registers: [counted],
  });
  const skips = new Counter({ name: skipped.name, help: skipped.help, labelNames: [...skipped.labelNames], registers: [counted] });
  const up = gauge(MONITOR_METRICS.up);
  const age = gauge(MONITOR_METRICS.age);
  const interval = gauge(MONITOR_METRICS.interval);
  const budgetLimit = gauge(MONITOR_METRICS.budgetLimit);
  const budgetSpent = gauge(MONITOR_METRICS.budgetSpent);
  const reloadSuccessful = gauge(MONITOR_METRICS.reloadSuccessful);
  const reloadTimestamp = gauge(MONITOR_METRICS.reloadTimestamp);
  const clientLimited = gauge(PROMETHEUS_METRICS.clientLimited);
  gauge(MONITOR_METRICS.info).set({ version }, 1);
  collectDefaultMetrics({ register: present });
  for (const name of MISNAMED) present.removeSingleMetric(name);

  function readGauges(): ReadonlySet<string> {
    const { targets, budgetLimitUsd, budgetSpentUsd, reload, clientLimited: limited } = gauges();
    for (const each of [up, age, interval, clientLimited, budgetLimit]) each.reset();
    // A gauge without labels is 0 after a reset, and no limit is not a limit of 0.
    budgetLimit.remove();
    for (const { target, up: isUp, ageNs, intervalNs } of targets) {
      const labels = labelsOf(target);
      if (isUp !== null) up.set(labels, Number(isUp));
      if (ageNs !== null) age.set(labels, ageNs / NS_PER_SECOND);
      interval.set(labels, intervalNs / NS_PER_SECOND);
    }
    if (budgetLimitUsd !== null) budgetLimit.set(budgetLimitUsd);
    if (limited !== null) clientLimited.set({ run: RUN }, Number(limited));
    budgetSpent.set(budgetSpentUsd);
    reloadSuccessful.set(Number(reload.successful));
    reloadTimestamp.set(reload.readAtMs / 1000);
    return new Set(targets.map(({ target }) => target.label));
  }

  return {
    add: exporter.add,
    sent: (target, lateNs) => lateness.observe(labelsOf(target), lateNs / NS_PER_SECOND),
    skipped: (target, reason, probes) => skips.inc({ ...labelsOf(target), reason }, probes),
    async render() {
      const targets = readGauges();
      return renderMetrics([counted, present], { before, targets, clock });
    },
    save: (targets) => savedMetrics(counted, { before, targets, clock }),
  };
}
