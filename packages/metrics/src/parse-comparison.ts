import type { GroupComparison, MetricComparison } from "./comparison.ts";
import type { ComparisonReport, ComparisonSide } from "./comparison-report.ts";
import { interval, maybe } from "./distribution-shape.ts";
import { group, target } from "./group-shape.ts";
import { definitions, instrument, manifest, readJson, statistic, tool, toReport, unit } from "./parse-report.ts";
import type { MetricRanking, Ranking } from "./rank.ts";
import type { Report } from "./report.ts";
import { count, finite, flag, list, nullable, object, oneOf, text } from "./shape.ts";
import { THRESHOLD_METRIC_NAMES } from "./threshold-metric.ts";

const side = object<ComparisonSide>({ source: nullable(text), run: manifest, instrument, group });

const metric = oneOf(THRESHOLD_METRIC_NAMES);

const metricComparison = object<MetricComparison>({
  metric,
  statistic: nullable(statistic),
  unit,
  base: maybe,
  candidate: maybe,
  difference: maybe,
  differenceShare: maybe,
  interval,
  effectSize: maybe,
  rankPValue: maybe,
  pValue: maybe,
  adjustedPValue: maybe,
  verdict: oneOf(["faster", "slower", "no-difference", "not-enough-data"]),
  requestsNeeded: maybe,
  effectiveSamples: object({ base: finite, candidate: finite }),
});

const settings = { seed: finite, confidence: finite, margin: finite, resamples: count, paired: flag };

const comparison = object<GroupComparison>({
  base: target,
  candidate: target,
  ...settings,
  metrics: list(metricComparison),
  notes: list(text),
});

const ranking = object<Ranking>({
  ...settings,
  metrics: list(
    object<MetricRanking>({
      metric,
      statistic: nullable(statistic),
      unit,
      places: list(object({ target, value: finite, place: count })),
    }),
  ),
  comparisons: list(comparison),
  notes: list(text),
});

const document = object<ComparisonReport>({
  schema: oneOf([1]),
  kind: oneOf(["comparison"]),
  tool,
  definitions,
  sides: list(side),
  comparisons: list(comparison),
  ranking: nullable(ranking),
  notes: list(text),
});

/** Whether a saved document is, or means to be, a comparison. */
export function isComparison(saved: Report | ComparisonReport): saved is ComparisonReport;
export function isComparison(saved: unknown): boolean;
export function isComparison(saved: unknown): boolean {
  return typeof saved === "object" && saved !== null && "kind" in saved && saved.kind === "comparison";
}

/** Reads a report or a comparison that was saved as JSON. Throws `INVALID_REPORT`, naming the field or what came instead. */
export function parseDocument(json: string): Report | ComparisonReport {
  const value = readJson(json);
  return isComparison(value) ? document(value, "") : toReport(value);
}
