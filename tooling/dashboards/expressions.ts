import type { PrometheusHistogram, PrometheusMetric, PrometheusScalar } from "@lens/exporters";

/** The window of percentiles and shares: that of the alerts, so that a panel shows what an alert saw. */
const WINDOW = "30m";
/** The window of what is merely counted. */
export const LATELY = "5m";

/** What the variables of a dashboard have chosen. */
export const CHOSEN = 'provider=~"$provider",model=~"$model",target=~"$target"';

/** The series of a metric, of the chosen targets where it is of targets; `where` are further matchers. */
export function series({ name, labelNames }: PrometheusMetric, { where = "", suffix = "" } = {}): string {
  const matchers = [labelNames.includes("target") ? CHOSEN : "", where].filter((matcher) => matcher !== "");
  return matchers.length === 0 ? `${name}${suffix}` : `${name}${suffix}{${matchers.join(",")}}`;
}

interface Grouping {
  /** The labels that are told apart; one figure for all unless given. */
  readonly by?: readonly string[];
  /** Further matchers. */
  readonly where?: string;
  /** `WINDOW` unless given. */
  readonly window?: string;
}

const sumBy = (labels: readonly string[], expression: string): string =>
  labels.length === 0 ? `sum(${expression})` : `sum by (${labels.join(", ")}) (${expression})`;

/** A percentile of durations, in seconds, from histograms pooled over all that is not told apart: percentiles are never averaged. */
export function percentile(rank: number, metric: PrometheusHistogram, { by = [], where = "", window = WINDOW }: Grouping = {}): string {
  const rates = sumBy(["le", ...by], `rate(${series(metric, { where, suffix: "_bucket" })}[${window}])`);
  return `histogram_quantile(${rank / 100}, ${rates})`;
}

/** By how much a counter grew. */
export function growth(metric: PrometheusScalar, { by = [], where = "", window = WINDOW }: Grouping = {}): string {
  return sumBy(by, `increase(${series(metric, { where })}[${window}])`);
}

/** An expression, or 0 under the name `none` where it has no series: that all is well can then be told from that nothing is measured. */
export function orNone(expression: string, label: string): string {
  return `${expression} or on () label_replace(vector(0), "${label}", "none", "", "")`;
}

/** How many durations were measured. */
export function samples(metric: PrometheusHistogram, { by = [], window = WINDOW }: Grouping = {}): string {
  return sumBy(by, `increase(${series(metric, { suffix: "_count" })}[${window}])`);
}

/** The sum of durations, in seconds. */
export function total(metric: PrometheusHistogram, { by = [], window = WINDOW }: Grouping = {}): string {
  return sumBy(by, `increase(${series(metric, { suffix: "_sum" })}[${window}])`);
}
