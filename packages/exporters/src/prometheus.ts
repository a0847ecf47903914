import type { Distribution, GroupSummary, Report } from "@lens/metrics";
import { bucketDurations } from "./bucketed-samples.ts";
import type { SyncExporter } from "./exporter.ts";
import {
  PROMETHEUS_METRICS as METRICS,
  type PrometheusHistogram,
  type PrometheusMetric,
  type PrometheusScalar,
} from "./prometheus-metrics.ts";
import {
  histogramSamples,
  type PrometheusFamily,
  type PrometheusLabels as Labels,
  type PrometheusSample as Sample,
  renderPrometheus,
} from "./prometheus-text.ts";

/** Counts by the value of one more label. */
const TABLES: readonly (readonly [PrometheusScalar, string, (group: GroupSummary) => Readonly<Record<string, number>>])[] = [
  [METRICS.requests, "status", ({ outcomes }) => outcomes],
  [METRICS.requestErrors, "error_type", ({ errors }) => errors],
  [METRICS.sloRequests, "met", ({ goodput }) => (goodput === null ? {} : { true: goodput.met, false: goodput.judged - goodput.met })],
];

const DURATIONS: readonly (readonly [PrometheusHistogram, (group: GroupSummary) => Distribution | null])[] = [
  [METRICS.duration, ({ e2e }) => e2e],
  [METRICS.ttft, ({ ttft }) => ttft],
  [METRICS.ttfo, ({ ttfo }) => ttfo],
  [METRICS.chunkGap, ({ chunkGap }) => chunkGap],
  [METRICS.tpot, ({ tpot }) => tpot],
  [METRICS.responseTtft, ({ response }) => response?.ttft ?? null],
  [METRICS.responseDuration, ({ response }) => response?.e2e ?? null],
];

/** Null for what is not known, which gives no sample. */
const NUMBERS: readonly (readonly [PrometheusScalar, (group: GroupSummary) => number | null])[] = [
  [METRICS.attempts, ({ attempts }) => attempts.total],
  [METRICS.tokensPrompt, ({ tokens }) => tokens.input],
  [METRICS.tokensPromptCached, ({ tokens }) => tokens.cacheRead],
  [METRICS.tokensGenerated, ({ tokens }) => tokens.output],
  [METRICS.tokensReasoning, ({ tokens }) => tokens.reasoning],
  [METRICS.cost, ({ costUsd }) => costUsd.total],
  [METRICS.unpriced, ({ costUsd }) => costUsd.unpriced],
  [METRICS.requestsPerSecond, ({ throughput }) => throughput.requestsPerSecond],
  [METRICS.tokensPerSecond, ({ throughput }) => throughput.systemTokensPerSecond],
  [METRICS.goodputPerSecond, ({ goodput }) => goodput?.ratePerSecond ?? null],
];

const labelsOf = ({ target: { provider, model, label } }: GroupSummary): Labels => ({ provider, model, target: label });

function distributionSamples(metric: PrometheusHistogram, labels: Labels, distribution: Distribution): readonly Sample[] {
  const durations = bucketDurations(distribution, metric.bucketsSeconds);
  return durations === null ? [] : histogramSamples(metric, labels, durations);
}

function scalarSamples({ name }: PrometheusScalar, labels: Labels, value: number | null): readonly Sample[] {
  return value === null ? [] : [{ name, labels, value }];
}

/** What a run is called: the label of its first target, and how many more there are. */
function nameOfRun([first, ...others]: readonly GroupSummary[]): string {
  if (first === undefined) return "none";
  return others.length === 0 ? first.target.label : `${first.target.label} and ${others.length} more`;
}

function runFamilies({ tool, run, groups, instrument }: Report): readonly PrometheusFamily[] {
  const labels = { run: nameOfRun(groups) };
  const limited = instrument.state === "unknown" ? null : Number(instrument.state === "client-limited");
  const scalar = (metric: PrometheusScalar, value: number | null, more: Labels = {}): PrometheusFamily => ({
    metric,
    samples: scalarSamples(metric, { ...labels, ...more }, value),
  });
  return [
    { metric: METRICS.lateness, samples: distributionSamples(METRICS.lateness, labels, instrument.lateness) },
    scalar(METRICS.clientLimited, limited),
    scalar(METRICS.runStart, run.startedAtMs / 1000),
    scalar(METRICS.runDuration, run.durationNs / 1e9),
    scalar(METRICS.info, 1, { tool: tool.name, version: tool.version, mode: run.mode }),
  ];
}

/** What a report says, metric by metric. What is not known, or has no samples, is absent. Throws `INVALID_ARGUMENT` for a histogram that cannot be read. */
export function prometheusFamilies(report: Report): readonly PrometheusFamily[] {
  const each = (metric: PrometheusMetric, samplesOf: (group: GroupSummary) => readonly Sample[]): PrometheusFamily => ({
    metric,
    samples: report.groups.flatMap(samplesOf),
  });
  const families = [
    ...TABLES.map(([metric, label, read]) =>
      each(metric, (group) =>
        Object.entries(read(group)).flatMap(([key, value]) => scalarSamples(metric, { ...labelsOf(group), [label]: key }, value)),
      ),
    ),
    ...DURATIONS.map(([metric, read]) =>
      each(metric, (group) => {
        const distribution = read(group);
        return distribution === null ? [] : distributionSamples(metric, labelsOf(group), distribution);
      }),
    ),
    ...NUMBERS.map(([metric, read]) => each(metric, (group) => scalarSamples(metric, labelsOf(group), read(group)))),
    ...runFamilies(report),
  ];
  return families.filter(({ samples }) => samples.length > 0);
}

/**
 * Prometheus' text format (0.0.4), without timestamps, as the textfile collector and the Pushgateway want it. Written here rather than by prom-client, which
 * weighs 5 MB and would sum up what it was given sample by sample; a test holds the two to the same text.
 */
export const prometheusExporter: SyncExporter = {
  id: "prometheus",
  extension: "prom",
  render: (report) => renderPrometheus(prometheusFamilies(report)),
};
