import {
  type ComparisonReport,
  type ComparisonSide,
  type ComparisonVerdict,
  formatFigure,
  type GroupComparison,
  type MetricComparison,
  type MetricRanking,
  type Ranking,
} from "@lens/metrics";
import { answerOf, figureName, neededInWords, signedRange, signedShare, verdictWord } from "./comparison-answer.ts";
import type { SyncExporter } from "./exporter.ts";
import { formatCount, formatInstant } from "./format.ts";
import { createPage, type Page, type Tone } from "./page.ts";

const TONES: Readonly<Record<ComparisonVerdict, Tone>> = {
  slower: "bad",
  faster: "good",
  "no-difference": "plain",
  "not-enough-data": "doubtful",
};

const LABEL_WIDTH = 18;
const VALUE_WIDTH = 10;
const DIFFERENCE_WIDTH = 9;
const RANGE_WIDTH = 17;

function columns(label: string, base: string, candidate: string, difference: string, range: string, verdict: string): string {
  const values = `${base.padStart(VALUE_WIDTH)}${candidate.padStart(VALUE_WIDTH)}`;
  return `${label.padEnd(LABEL_WIDTH)}${values}${difference.padStart(DIFFERENCE_WIDTH)}${range.padStart(RANGE_WIDTH)} ${verdict}`;
}

function writeRow(page: Page, row: MetricComparison): void {
  const { unit, base, candidate, differenceShare, interval, verdict, requestsNeeded, metric } = row;
  const value = (figure: number | null): string => (figure === null ? "n/a" : formatFigure(figure, unit));
  const difference = differenceShare === null ? "" : signedShare(differenceShare, row);
  const range = differenceShare === null ? "" : signedRange(interval);
  page.line(columns(figureName(row), value(base), value(candidate), difference, range, verdictWord(row)), TONES[verdict]);
  const needed = verdict === "not-enough-data" ? neededInWords(requestsNeeded) : "";
  if (needed !== "") page.text(needed, 2, "dim");
  page.explain(metric);
}

/** The independent samples that each metric is worth, at that of its percentiles where they are fewest. */
function effectiveSamples(metrics: readonly MetricComparison[]): readonly string[] {
  const fewest = new Map<string, MetricComparison>();
  const least = ({ effectiveSamples: { base, candidate } }: MetricComparison): number => Math.min(base, candidate);
  for (const row of metrics) {
    const name = figureName({ ...row, statistic: null });
    const known = fewest.get(name);
    if (known === undefined || least(row) < least(known)) fewest.set(name, row);
  }
  return [...fewest].map(([name, { effectiveSamples: of }]) => `${name} ${formatCount(of.base)} and ${formatCount(of.candidate)}`);
}

function writeComparison(page: Page, comparison: GroupComparison): void {
  const { base, candidate, metrics, notes } = comparison;
  const answer = answerOf(comparison);
  page.text(answer.text, 0, TONES[answer.verdict]);
  page.blank();
  page.field("base", [base.label], "dim");
  page.field("candidate", [candidate.label], "dim");
  if (metrics.length > 0) page.line(columns("", "base", "candidate", "differs", "interval in %", "verdict"), "dim");
  for (const row of metrics) writeRow(page, row);
  if (metrics.length > 0) page.field("effective n", effectiveSamples(metrics), "dim");
  for (const note of notes) page.text(`Note: ${note}`, 0, "doubtful");
  page.blank();
}

function places({ places: ranked, unit }: MetricRanking): readonly string[] {
  return ranked.map(({ target, value, place }) => {
    const tied = ranked.filter((other) => other.place === place).length > 1;
    return `${place}${tied ? "=" : "."} ${target.label} ${formatFigure(value, unit)}`;
  });
}

function writeRanking(page: Page, { metrics }: Ranking): void {
  page.line("Ranking", "title");
  for (const ranking of metrics) page.field(figureName(ranking), places(ranking));
  if (metrics.some((ranking) => places(ranking).some((place) => place.includes("=")))) page.line("= not told apart", "dim");
  page.blank();
}

function writeSides(page: Page, sides: readonly ComparisonSide[]): void {
  sides.forEach(({ group, run, source }, index) => {
    const failed = group.requests - group.outcomes.ok - group.outcomes.truncated;
    const counts = `${formatCount(group.requests)} requests${failed === 0 ? "" : `, ${formatCount(failed)} of them failed`}`;
    const place = source === null ? [] : [source];
    page.field(index === 0 ? "compared" : "", [group.target.label, counts, ...place, formatInstant(run.startedAtMs)], "dim");
  });
}

function writeManifest(page: Page, { tool, comparisons: [first] }: ComparisonReport): void {
  const settings =
    first === undefined
      ? []
      : [
          first.paired ? "paired in time" : "not paired",
          `confidence ${formatFigure(first.confidence, "share")}`,
          `margin ${formatFigure(first.margin, "share")}`,
          `${formatCount(first.resamples)} resamples`,
          `seed ${first.seed}`,
        ];
  page.field("comparison", [`${tool.name} ${tool.version}`, ...settings], "dim");
}

/** The comparison for people: the answer first, then every figure, in 80 columns. */
export const consoleComparisonExporter: SyncExporter<ComparisonReport> = {
  id: "console",
  extension: "txt",
  render(report, { color = false, explain = false } = {}) {
    const { sides, comparisons, ranking, notes, definitions } = report;
    const page = createPage({ color, definitions: explain ? definitions : null });
    if (sides.some(({ run }) => run.interrupted)) {
      page.line("INTERRUPTED: the figures are of what was done until then.", "bad");
      page.blank();
    }
    if (ranking !== null) writeRanking(page, ranking);
    for (const comparison of comparisons) writeComparison(page, comparison);
    for (const note of notes) page.text(`Note: ${note}`, 0, "doubtful");
    page.blank();
    writeSides(page, sides);
    writeManifest(page, report);
    return page.toString();
  },
};
