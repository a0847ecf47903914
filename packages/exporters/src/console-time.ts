import { formatDuration } from "@lens/core";
import type { GroupSummary, SeriesBin, SeriesSummary } from "@lens/metrics";
import { formatCount, formatNumber } from "./format.ts";
import type { Page } from "./page.ts";
import { sparkline } from "./sparkline.ts";

/** A figure over time. */
interface Course {
  readonly name: string;
  readonly read: (bin: SeriesBin) => number | null;
  /** Of a bin without requests. */
  readonly ofNone: number | null;
  readonly show: (value: number) => string;
  /** What follows the smallest and the largest value. */
  readonly unit: string;
  /** Whether it is a count, of which the first and the last bin, which are seldom full, are left out of that range. */
  readonly perBin: boolean;
}

const NS_PER_SECOND = 1e9;
const COLUMNS = 40;
const FEWEST_BINS = 8;
/** With fewer in a bin, on average, the course is that of chance. */
const REQUESTS_PER_BIN = 5;
/** A figure whose largest value is no more than so many times its smallest says nothing over time; counts vary more by chance. */
const LEAST_RATIO = 1.25;
const LEAST_RATIO_OF_COUNTS = 2;

function coursesOf({ binNs }: SeriesSummary): readonly Course[] {
  const perSecond = (count: number): number => (count * NS_PER_SECOND) / binNs;
  const counted = { ofNone: 0, show: formatCount, unit: " a bin", perBin: true };
  const timed = { ofNone: null, show: formatDuration, unit: "", perBin: false };
  return [
    { name: "TTFT p50", read: ({ ttft }) => ttft.p50Ns ?? ttft.meanNs, ...timed },
    { name: "TPOT p50", read: ({ tpot }) => tpot.p50Ns ?? tpot.meanNs, ...timed },
    { name: "requests/s", read: ({ sent }) => perSecond(sent), ofNone: 0, show: formatNumber, unit: "", perBin: true },
    { name: "not answered", read: ({ failed }) => failed, ...counted },
    {
      name: "met all SLOs",
      read: ({ goodput, sent }) => (goodput === null ? null : goodput / sent),
      ofNone: null,
      show: share,
      unit: "",
      perBin: false,
    },
  ];
}

const share = (value: number): string => `${(value * 100).toFixed(0)} %`;

/** The values of all bins, those without requests included. */
function valuesOf({ read, ofNone }: Course, bins: readonly SeriesBin[]): readonly (number | null)[] {
  const values: (number | null)[] = Array.from({ length: (bins.at(-1)?.index ?? 0) + 1 }, () => ofNone);
  for (const bin of bins) values[bin.index] = read(bin);
  return values;
}

function lineOf(course: Course, bins: readonly SeriesBin[]): string | null {
  const values = valuesOf(course, bins);
  const known = (course.perBin ? values.slice(1, -1) : values).filter((value) => value !== null);
  const smallest = Math.min(...known);
  const largest = Math.max(...known);
  if (known.length < FEWEST_BINS || largest <= smallest * (course.perBin ? LEAST_RATIO_OF_COUNTS : LEAST_RATIO)) return null;
  return `${sparkline(values, COLUMNS)}  ${course.show(smallest)} to ${course.show(largest)}${course.unit}`;
}

/** Writes how figures went over the run; nothing for those that stayed as they were, or for a run of few bins. */
export function writeCourse(page: Page, { series, requests }: GroupSummary): void {
  if (series === null || series.bins.length < FEWEST_BINS || requests < REQUESTS_PER_BIN * series.bins.length) return;
  const lines = coursesOf(series).flatMap((course) => {
    const line = lineOf(course, series.bins);
    return line === null ? [] : [{ name: course.name, line }];
  });
  if (lines.length === 0) return;
  const bins = (series.bins.at(-1)?.index ?? 0) + 1;
  page.field("over time", [`${formatCount(bins)} bins of ${formatDuration(series.binNs)}`], "dim");
  page.explain("series");
  for (const { name, line } of lines) page.field(name, [line]);
  page.blank();
}
