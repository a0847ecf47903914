import { formatDuration, LensError, nearest, parseDurationNs } from "@lens/core";
import { findMetric, METRIC_WORDS, THRESHOLD_METRICS, type ThresholdMetric, type ThresholdUnit } from "./threshold-metric.ts";

/** Of many samples: a percentile strictly between 0 and 100, or one of the others. */
export type ThresholdStatistic = number | "min" | "mean" | "max";
/** How a figure is compared with a limit. */
export type ThresholdOperator = "<" | "<=" | ">" | ">=";

/** A condition on a group's figures, such as `ttft p95 < 500ms`. Plain JSON. */
export interface Threshold {
  /** As it was written, with single blanks. */
  readonly text: string;
  readonly metric: ThresholdMetric;
  /** Null for a metric that is a single figure. */
  readonly statistic: ThresholdStatistic | null;
  readonly operator: ThresholdOperator;
  /** In `unit`. */
  readonly limit: number;
  readonly unit: ThresholdUnit;
}

const SHAPE = /^([^<>=]+?) ?(<=|>=|<|>) ?([^<>=]+)$/;
const NUMBER = "(\\d+(?:\\.\\d+)?)";
const LIMITS: Readonly<Record<Exclude<ThresholdUnit, "ns">, { readonly shape: RegExp; readonly example: string }>> = {
  "per second": { shape: new RegExp(`^${NUMBER}(?: ?/ ?s)?$`), example: "a number such as 10 or 10/s" },
  share: { shape: new RegExp(`^${NUMBER} ?%$`), example: "a percentage such as 1%" },
  USD: { shape: new RegExp(`^\\$? ?${NUMBER}(?: ?USD)?$`, "i"), example: "an amount such as $0.01" },
  tokens: { shape: new RegExp(`^${NUMBER}$`), example: "a number such as 1.05" },
  requests: { shape: new RegExp(`^${NUMBER}$`), example: "a number such as 1000" },
};

function refuse(expected: string, got: string, hint = ""): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${got.slice(0, 60)}\`.${hint}`);
}

/** Finds the metric that the first words name, and leaves the rest. */
function readMetric(words: readonly string[]): { readonly metric: ThresholdMetric; readonly rest: string } {
  for (let length = words.length; length > 0; length -= 1) {
    const metric = findMetric(words.slice(0, length).join(" "));
    if (metric !== null) return { metric, rest: words.slice(length).join(" ") };
  }
  const typed = words.join(" ");
  const meant = nearest(typed, METRIC_WORDS) ?? nearest(words.slice(0, -1).join(" "), METRIC_WORDS);
  return refuse(
    `a threshold's metric to be one of ${Object.keys(THRESHOLD_METRICS).join(", ")}`,
    typed,
    meant === null ? "" : ` Did you mean \`${meant}\`?`,
  );
}

function readStatistic(metric: ThresholdMetric, word: string): ThresholdStatistic | null {
  const choices = "p50, p95, p99.9 or any other percentile from p0 to p100, mean, min or max";
  if (THRESHOLD_METRICS[metric].kind !== "samples") {
    return word === "" ? null : refuse(`nothing between \`${metric}\`, which is a single figure, and its limit`, word);
  }
  const plain = word.toLowerCase();
  if (plain === "min" || plain === "mean" || plain === "max") return plain;
  const percentile = Number(/^p(\d+(?:\.\d+)?)$/.exec(plain)?.[1] ?? Number.NaN);
  if (percentile === 0) return "min";
  if (percentile === 100) return "max";
  const hint = percentile > 100 ? ` Did you mean \`p${plain.slice(1, 3)}.${plain.slice(3)}\`?` : "";
  return percentile < 100 ? percentile : refuse(`the statistic of \`${metric}\` to be ${choices}`, word, hint);
}

function readLimit(unit: ThresholdUnit, metric: ThresholdMetric, written: string): number {
  const name = `the limit of \`${metric}\``;
  if (unit === "ns") return parseDurationNs(written.replaceAll(" ", ""), name);
  const { shape, example } = LIMITS[unit];
  const value = Number(shape.exec(written)?.[1] ?? Number.NaN);
  if (Number.isNaN(value) || (unit === "share" && value > 100)) refuse(`${name} to be ${example}`, written);
  return unit === "share" ? value / 100 : value;
}

/** A threshold before its limit is read. */
export interface Condition extends Omit<Threshold, "limit"> {
  /** As it was written. */
  readonly limit: string;
}

/** Reads all of `METRIC [STATISTIC] OPERATOR LIMIT` but the limit. Throws `INVALID_ARGUMENT`, naming what is known and the nearest. */
export function readCondition(written: string): Condition {
  const text = written.trim().replace(/\s+/g, " ");
  const [, left, operator, limit] = SHAPE.exec(text) ?? [];
  if (left === undefined || operator === undefined || limit === undefined)
    return refuse("a threshold such as `ttft p95 < 500ms` (with <, <=, > or >=)", text);
  const { metric, rest } = readMetric(left.split(" "));
  const statistic = readStatistic(metric, rest);
  return { text, metric, statistic, operator: operator as ThresholdOperator, limit, unit: THRESHOLD_METRICS[metric].unit };
}

/**
 * Reads `METRIC [STATISTIC] OPERATOR LIMIT`: `ttft p95 < 500ms`, `chunk gap p99.9 <= 80 ms`, `error rate < 1%`, `requestsPerSecond > 10`,
 * `cost per request < $0.01`. Metrics go by their names in a report, in whatever case and spacing; a time without a unit is in
 * milliseconds. Throws `INVALID_ARGUMENT`, naming what is known and the nearest, for all else.
 */
export function parseThreshold(written: string): Threshold {
  const condition = readCondition(written);
  return { ...condition, limit: readLimit(condition.unit, condition.metric, condition.limit) };
}

/** A figure in a threshold's unit, for people: `812 ms`, `1.5 %`, `$0.012`, `9.8/s`. */
export function formatFigure(value: number, unit: ThresholdUnit): string {
  const short = Number(value.toPrecision(3)).toString();
  switch (unit) {
    case "ns":
      return formatDuration(value);
    case "per second":
      return `${short}/s`;
    case "share":
      return `${Number((value * 100).toPrecision(3))} %`;
    case "USD":
      return `$${short}`;
    case "tokens":
    case "requests":
      return `${short} ${unit}`;
  }
}
