import { readFileSync } from "node:fs";
import path from "node:path";
import { MONITOR_METRICS, PROMETHEUS_METRICS, type PrometheusMetric } from "@lens/exporters";
import { parse } from "yaml";
import { rootDir } from "../scripts/workspace.mjs";

/** What a file of the folder `monitoring` holds, as parsed. */
export function readMonitoring(file: string): unknown {
  return parse(readFileSync(path.join(rootDir, "monitoring", file), "utf8"));
}

/** An alert as its file has it. */
export interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

/** A recorded series as its file has it. */
interface Recording {
  readonly record: string;
  readonly expr: string;
}

interface RuleFile<T> {
  readonly groups: readonly { readonly rules: readonly T[] }[];
}

const alertFile = readMonitoring("prometheus/rules/alerts.yml") as RuleFile<Alert>;
const recordingFile = readMonitoring("prometheus/rules/recording.yml") as RuleFile<Recording>;

export const alerts = alertFile.groups.flatMap(({ rules }) => rules);
export const recordings = recordingFile.groups.flatMap(({ rules }) => rules);

/** Every metric that the monitor can have, by name. */
export const metrics: ReadonlyMap<string, PrometheusMetric> = new Map(
  [...Object.values(PROMETHEUS_METRICS), ...Object.values(MONITOR_METRICS)].map((metric) => [metric.name, metric]),
);

/** What is not in the tables: prom-client's of the process, and Prometheus' own. */
const FOREIGN = /^(process_(resident_memory_bytes|cpu_seconds_total)|up|ALERTS)$/;

/** The metric that a series is of; null where there is none of that name. */
export function metricOf(series: string): PrometheusMetric | "foreign" | "recorded" | null {
  if (FOREIGN.test(series)) return "foreign";
  if (recordings.some(({ record }) => record === series)) return "recorded";
  const metric = metrics.get(series.replace(/_(bucket|sum|count)$/, ""));
  if (metric === undefined) return null;
  return (metric.type === "histogram") === (series !== metric.name) ? metric : null;
}
