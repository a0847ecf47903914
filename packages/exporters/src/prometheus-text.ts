import type { PrometheusHistogram, PrometheusMetric } from "./prometheus-metrics.ts";

/** The labels of a sample, by their names. */
export type PrometheusLabels = Readonly<Record<string, string | number>>;

/** One number; that of a histogram has a name of its own, such as `…_bucket`. */
export interface PrometheusSample {
  readonly name: string;
  readonly labels: PrometheusLabels;
  readonly value: number;
}

/** A metric with all its samples; at least one. */
export interface PrometheusFamily {
  readonly metric: PrometheusMetric;
  readonly samples: readonly PrometheusSample[];
}

/** What Prometheus' text format (0.0.4) is served as. */
export const PROMETHEUS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

const escapeHelp = (text: string): string => text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
const escapeLabel = (text: string): string => escapeHelp(text).replaceAll('"', String.raw`\"`);

function renderSample({ name, labels, value }: PrometheusSample): string {
  const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escapeLabel(String(text))}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}`;
}

function renderFamily({ metric: { name, help, type }, samples }: PrometheusFamily): string {
  return [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`, ...samples.map(renderSample)].join("\n");
}

/** Prometheus' text format (0.0.4), without timestamps. */
export function renderPrometheus(families: readonly PrometheusFamily[]): string {
  return `${families.map(renderFamily).join("\n\n")}\n`;
}

/** The samples of a histogram: how many did not exceed each bound, count and sum. */
export function histogramSamples(
  { name, bucketsSeconds }: PrometheusHistogram,
  labels: PrometheusLabels,
  { cumulative, count, sum }: { readonly cumulative: readonly number[]; readonly count: number; readonly sum: number },
): readonly PrometheusSample[] {
  const bucket = (le: number | string, value: number): PrometheusSample => ({ name: `${name}_bucket`, labels: { ...labels, le }, value });
  return [
    ...bucketsSeconds.map((bound, index) => bucket(bound, cumulative[index] ?? 0)),
    bucket("+Inf", count),
    { name: `${name}_sum`, labels, value: sum },
    { name: `${name}_count`, labels, value: count },
  ];
}
