import { type ComparisonReport, type ComparisonVerdict, formatFigure, type GroupComparison, type MetricComparison } from "@lens/metrics";
import { answerOf, figureName, neededInWords, signedRange, signedShare, verdictWord } from "./comparison-answer.ts";
import type { SyncExporter } from "./exporter.ts";
import { formatCount } from "./format.ts";
import { manifestOf } from "./markdown-manifest.ts";
import { codeOf, foldedOf, joined, plainOf, tableOf } from "./markdown-text.ts";

const MARKS: Readonly<Record<ComparisonVerdict, string>> = { slower: "❌ ", faster: "✅ ", "no-difference": "", "not-enough-data": "" };

function metricRow(row: MetricComparison): readonly string[] {
  const { unit, base, candidate, differenceShare, interval, verdict, requestsNeeded } = row;
  const value = (figure: number | null): string => (figure === null ? "n/a" : formatFigure(figure, unit));
  const needed = verdict === "not-enough-data" ? neededInWords(requestsNeeded) : "";
  return [
    figureName(row),
    value(base),
    value(candidate),
    differenceShare === null ? "" : signedShare(differenceShare, row),
    differenceShare === null ? "" : signedRange(interval),
    `${MARKS[verdict]}${verdictWord(row)}${needed === "" ? "" : ` (${needed})`}`,
  ];
}

function comparisonOf(comparison: GroupComparison): readonly string[] {
  const { base, candidate, metrics, notes } = comparison;
  const { verdict, text } = answerOf(comparison);
  const titles = ["", codeOf(base.label), codeOf(candidate.label), "differs", "interval in %", "verdict"];
  return [
    `${MARKS[verdict]}**${plainOf(text)}**`,
    metrics.length === 0 ? "" : tableOf(titles, metrics.map(metricRow), [0, 5]),
    notes.map((note) => `- ${plainOf(note)}`).join("\n"),
  ];
}

function rankingOf({ ranking }: ComparisonReport): string {
  if (ranking === null) return "";
  const rows = ranking.metrics.map(({ places, unit, ...metric }) => [
    figureName(metric),
    places.map(({ target, value, place }) => `${place}. ${codeOf(target.label)} ${formatFigure(value, unit)}`).join(", "),
  ]);
  return tableOf(["", "ranking (those of one place are not told apart)"], rows, [0, 1]);
}

function sidesOf({ sides }: ComparisonReport): string {
  const rows = sides.map(({ group, source, instrument }) => [
    codeOf(group.target.label),
    formatCount(group.requests),
    formatCount(group.requests - group.outcomes.ok - group.outcomes.truncated),
    source === null ? "measured for this" : codeOf(source),
    plainOf(instrument.verdict),
  ]);
  return foldedOf("What was compared", tableOf(["", "requests", "failed", "from", "instrument"], rows, [0, 3, 4]));
}

/** Of the first run, which is the only one where the sides were asked by turns. */
function runOf({ sides: [first], tool }: ComparisonReport): string {
  return first === undefined ? "" : manifestOf({ tool, run: first.run });
}

/** For pull requests and step summaries: the answer of each comparison, then its figures, then what they stand on. */
export const markdownComparisonExporter: SyncExporter<ComparisonReport> = {
  id: "markdown",
  extension: "md",
  render(report) {
    const { sides, comparisons, notes } = report;
    return joined([
      sides.some(({ run }) => run.interrupted) ? "⚠️ **Interrupted**: the figures are of what was done until then." : "",
      rankingOf(report),
      ...comparisons.flatMap(comparisonOf),
      notes.map((note) => `- ${plainOf(note)}`).join("\n"),
      sidesOf(report),
      runOf(report),
    ]);
  },
};
