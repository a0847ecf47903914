import { formatDuration } from "@lens/core";
import { type Distribution, type GroupSummary, type Interval, needsCaution, type PercentileName } from "@lens/metrics";
import { type Content, html } from "./markup.ts";

/** A percentile that tables show. */
interface Shown {
  readonly title: string;
  readonly percentile: number;
  readonly name: PercentileName;
  readonly field: "p50Ns" | "p90Ns" | "p95Ns" | "p99Ns" | "p999Ns";
}

/** The percentiles that a distribution states. */
export const PERCENTILES: readonly Shown[] = [
  { title: "p50", percentile: 50, name: "p50", field: "p50Ns" },
  { title: "p90", percentile: 90, name: "p90", field: "p90Ns" },
  { title: "p95", percentile: 95, name: "p95", field: "p95Ns" },
  { title: "p99", percentile: 99, name: "p99", field: "p99Ns" },
  { title: "p99.9", percentile: 99.9, name: "p999", field: "p999Ns" },
];

/** What `~` and `n/a` in a table of percentiles mean. */
export const MARKS_IN_WORDS =
  "Small figures: where the percentile lies at 95 % confidence. ~ fewer than 10 samples lie beyond, take it with caution. n/a: the sample cannot support it.";

const NOT_AVAILABLE = "n/a";

/** A duration; `–` where there is none. */
export const duration = (durationNs: number | null): string => (durationNs === null ? "–" : formatDuration(durationNs));

/** The ends of an interval of durations, their unit once where it is the same; null where neither is known. */
export function durationRange({ lower, upper }: Interval): string | null {
  if (lower === null && upper === null) return null;
  if (lower === null) return `up to ${duration(upper)}`;
  if (upper === null) return `from ${duration(lower)}`;
  const [from, to] = [formatDuration(lower), formatDuration(upper)];
  const [value = "", unit] = from.split(" ");
  return from.split(" ").length === 2 && to.endsWith(` ${unit}`) ? `${value}–${to}` : `${from} – ${to}`;
}

/** A percentile with its interval below it. */
export function percentileCell(distribution: Distribution, { percentile, name, field }: Shown): Content {
  const valueNs = distribution[field];
  if (valueNs === null) return html`<span class="faint">${NOT_AVAILABLE}</span>`;
  const caution = needsCaution(distribution.count, percentile) ? "~" : "";
  const interval = distribution.intervalsNs[name];
  const range = interval === undefined ? null : durationRange(interval);
  return html`${caution}${formatDuration(valueNs)}${range === null ? null : html`<small>${range}</small>`}`;
}

/** A percentile by itself, or the mean where there are too few samples. */
export function shortFigure(distribution: Distribution, field: "p50Ns" | "p95Ns"): string {
  const valueNs = distribution[field];
  if (valueNs !== null) return formatDuration(valueNs);
  return field === "p50Ns" ? duration(distribution.meanNs) : NOT_AVAILABLE;
}

/** Requests that were answered. */
export const answered = ({ outcomes }: GroupSummary): number => outcomes.ok + outcomes.truncated;

/** The share of the requests that were not answered; null without requests. */
export const failedShare = (group: GroupSummary): number | null =>
  group.requests === 0 ? null : (group.requests - answered(group)) / group.requests;
