import type { ComparisonReport, GroupComparison, MetricComparison } from "@lens/metrics";
import { type Column, openCsv } from "./csv-text.ts";
import type { Exporter } from "./exporter.ts";

interface Row {
  readonly comparison: GroupComparison;
  readonly metric: MetricComparison;
}

const MEASURED = ["metric", "statistic", "unit"] as const;
const VALUES = ["base", "candidate", "difference", "differenceShare"] as const;
const TESTS = ["effectSize", "rankPValue", "pValue", "adjustedPValue", "verdict", "requestsNeeded"] as const;
const SETTINGS = ["paired", "seed", "confidence", "margin", "resamples"] as const;

const COLUMNS: readonly Column<Row>[] = [
  { title: "base.label", read: ({ comparison }) => comparison.base.label },
  { title: "candidate.label", read: ({ comparison }) => comparison.candidate.label },
  ...[...MEASURED, ...VALUES].map((title) => ({ title, read: ({ metric }: Row) => metric[title] })),
  { title: "interval.lower", read: ({ metric }) => metric.interval.lower },
  { title: "interval.upper", read: ({ metric }) => metric.interval.upper },
  ...TESTS.map((title) => ({ title, read: ({ metric }: Row) => metric[title] })),
  { title: "effectiveSamples.base", read: ({ metric }) => metric.effectiveSamples.base },
  { title: "effectiveSamples.candidate", read: ({ metric }) => metric.effectiveSamples.candidate },
  ...SETTINGS.map((title) => ({ title, read: ({ comparison }: Row) => comparison[title] })),
];

/** One row a figure of each candidate, beside its base. */
export const csvComparisonExporter: Exporter<ComparisonReport> = {
  id: "csv",
  extension: "csv",
  async render({ comparisons }) {
    const { head, line } = await openCsv(COLUMNS);
    return head + comparisons.flatMap((comparison) => comparison.metrics.map((metric) => line({ comparison, metric }))).join("");
  },
};
