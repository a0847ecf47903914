import { type Distribution, fromDistribution, type MetricName, recordedValues, type Report } from "@lens/metrics";
import type { SyncExporter, TextPart } from "./exporter.ts";
import { groupDurations } from "./group-durations.ts";
import { printable } from "./terminal-text.ts";

/** A point of the curve: so many samples, which are `level` percent of all, do not exceed the value. */
interface Row {
  readonly valueNs: number;
  readonly level: number;
  readonly seen: number;
}

const NS_PER_MS = 1e6;
/** Rows each time that the distance to 100 % halves, as HdrHistogram's own tools write them. */
const TICKS_PER_HALF_DISTANCE = 5;

const nextLevel = (level: number): number =>
  level + 100 / (TICKS_PER_HALF_DISTANCE * 2 ** (Math.floor(Math.log2(100 / (100 - level))) + 1));

/** The rows that HdrHistogram's iterator over percentiles gives: a value stands for every level that it reaches, the largest for one and for 100 %. */
function rowsOf(distribution: Distribution): readonly Row[] {
  const { count: total } = distribution;
  const rows: Row[] = [];
  let level = 0;
  let seen = 0;
  for (const { value: valueNs, count } of recordedValues(fromDistribution(distribution))) {
    seen += count;
    while ((100 * seen) / total >= level) {
      rows.push({ valueNs, level, seen });
      level = nextLevel(level);
      if (seen === total) break;
    }
    if (seen === total) rows.push({ valueNs, level: 100, seen });
  }
  return rows;
}

const milliseconds = (durationNs: number | null): string => ((durationNs ?? 0) / NS_PER_MS).toFixed(3).padStart(12);
const amount = (count: number): string => count.toString().padStart(12);

function renderRow({ valueNs, level, seen }: Row): string {
  const inverse = level === 100 ? "" : ` ${(1 / (1 - level / 100)).toFixed(2).padStart(14)}`;
  return `${milliseconds(valueNs)} ${(level / 100).toFixed(12)} ${seen.toString().padStart(10)}${inverse}`;
}

function renderDistribution(label: string, metric: MetricName, distribution: Distribution): string {
  const { count, meanNs, stdDevNs, maxNs } = distribution;
  return [
    `#[${printable(label)} ${metric}, in milliseconds]`,
    "       Value     Percentile TotalCount 1/(1-Percentile)",
    "",
    ...rowsOf(distribution).map(renderRow),
    `#[Mean    = ${milliseconds(meanNs)}, StdDeviation   = ${milliseconds(stdDevNs)}]`,
    `#[Max     = ${milliseconds(maxNs)}, Total count    = ${amount(count)}]`,
    // How HdrHistogram lays out three digits up to 24 hours.
    `#[Buckets = ${amount(37)}, SubBuckets     = ${amount(2048)}]`,
    "",
  ].join("\n");
}

const partsOf = ({ groups }: Report): readonly TextPart[] =>
  groups.flatMap((group) =>
    groupDurations(group).map(([metric, distribution]) => ({
      names: [group.target.label, metric],
      text: renderDistribution(group.target.label, metric, distribution),
    })),
  );

/**
 * HdrHistogram's percentile distributions, as its plotters read them: milliseconds up to each percentile, with more rows the nearer it is to 100 %. A plotter
 * wants one of them a file, which is a part here.
 */
export const hgrmExporter: SyncExporter = {
  id: "hgrm",
  extension: "hgrm",
  parts: partsOf,
  render: (report) =>
    partsOf(report)
      .map(({ text }) => text)
      .join("\n"),
};
