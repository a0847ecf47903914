import {
  type ComparisonReport,
  type ComparisonVerdict,
  formatFigure,
  type GroupComparison,
  type MetricComparison,
  type Ranking,
} from "@lens/metrics";
import { answerOf, figureName, neededInWords, signedRange, signedShare, verdictWord } from "../comparison-answer.ts";
import { formatCount } from "../format.ts";
import { intervalBar } from "./bar.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { shortName, shortText } from "./names.ts";
import { type Definitions, hintOf, type Section } from "./section.ts";
import { noteList } from "./header.ts";
import { facts, table } from "./table.ts";

/** How each verdict is shown. */
const VERDICT_TONES: Readonly<Record<ComparisonVerdict, string>> = {
  slower: "bad",
  faster: "good",
  "no-difference": "faint",
  "not-enough-data": "doubtful",
};

const VERDICT_SIGNS: Readonly<Record<ComparisonVerdict, string>> = {
  slower: "▲",
  faster: "▼",
  "no-difference": "=",
  "not-enough-data": "?",
};

/** An axis ends no farther out than where a figure has doubled. */
const FARTHEST = 1;
const LEAST_MARGINS = 2.5;
const ROOM = 1.08;

/** How far the axis of a forest plot goes to each side. */
function reachOf({ metrics, margin }: GroupComparison): number {
  const ends = metrics.flatMap(({ interval, differenceShare }) => [interval.lower ?? 0, interval.upper ?? 0, differenceShare ?? 0]);
  const farthest = Math.max(LEAST_MARGINS * margin, ...ends.map((end) => Math.abs(end) * ROOM));
  return Math.min(FARTHEST, Math.ceil(farthest * 100) / 100);
}

function forest(row: MetricComparison, margin: number, reach: number): Markup | null {
  const { differenceShare, interval, verdict } = row;
  if (differenceShare === null) return null;
  const at = (share: number): number => (share / reach + 1) / 2;
  const isKnown = interval.lower !== null || interval.upper !== null;
  const range = signedRange(interval);
  return intervalBar({
    zero: at(0),
    band: [at(-margin), at(margin)],
    point: at(differenceShare),
    interval: isKnown ? [at(interval.lower ?? -reach), at(interval.upper ?? reach)] : null,
    tone: VERDICT_TONES[verdict],
    label: `${signedShare(differenceShare, row)}${range === "" ? "" : `, interval ${range} %`}`,
  });
}

const figure = (value: number | null, { unit }: MetricComparison): string => (value === null ? "n/a" : formatFigure(value, unit));

function verdictCell(row: MetricComparison): Markup {
  const { verdict, requestsNeeded } = row;
  const needed = verdict === "not-enough-data" ? neededInWords(requestsNeeded) : "";
  return html`<span class="${VERDICT_TONES[verdict]}">${VERDICT_SIGNS[verdict]} ${verdictWord(row)}</span
    >${needed === "" ? null : html`<small>${needed}</small>`}`;
}

function rowsOf(comparison: GroupComparison, definitions: Definitions): readonly (readonly Content[])[] {
  const reach = reachOf(comparison);
  return comparison.metrics.map((row) => {
    const hint = hintOf(definitions, row.metric);
    const name = figureName(row);
    const { differenceShare, interval } = row;
    return [
      hint === undefined ? name : html`<abbr title="${hint}">${name}</abbr>`,
      figure(row.base, row),
      figure(row.candidate, row),
      differenceShare === null ? "" : html`${signedShare(differenceShare, row)}<small>${signedRange(interval)}</small>`,
      forest(row, comparison.margin, reach),
      verdictCell(row),
    ];
  });
}

function showComparison(comparison: GroupComparison, definitions: Definitions): Markup {
  const { base, candidate, confidence, margin, notes } = comparison;
  const reach = formatFigure(reachOf(comparison), "share");
  const columns = [
    { title: "figure" },
    { title: shortName(base.label), hint: "the base" },
    { title: shortName(candidate.label), hint: "the candidate" },
    { title: "difference", hint: `with its interval at ${formatFigure(confidence, "share")} confidence` },
    {
      title: html`<span class="ends"><span>−${reach}</span><span>0, ±${formatFigure(margin, "share")}</span><span>+${reach}</span></span>`,
      drawing: true,
    },
    { title: "verdict", words: true },
  ];
  return html`<div class="measure">
    <h3>${shortName(candidate.label)} <small>against ${shortName(base.label)}</small></h3>
    ${table({ caption: "Every figure, its difference and its interval", columns, rows: rowsOf(comparison, definitions) })}
    ${noteList(notes)}
  </div> `;
}

/** What each comparison comes to, first of all. */
export const showAnswers = ({ comparisons }: ComparisonReport): readonly Markup[] =>
  comparisons.map((comparison) => {
    const { verdict, text } = answerOf(comparison);
    return html`<p class="answer ${VERDICT_TONES[verdict]}"><strong>${VERDICT_SIGNS[verdict]}</strong> ${shortText(text)}</p>`;
  });

/** Every figure of each candidate against its base. */
export function comparisonSection({ comparisons, definitions }: ComparisonReport): Section {
  const [first] = comparisons;
  const settings =
    first === undefined
      ? null
      : facts([
          ["pairing", first.paired ? "asked by turns: stretches of one time are compared" : "not measured at the same time"],
          ["confidence", formatFigure(first.confidence, "share")],
          ["margin", `${formatFigure(first.margin, "share")}: less does not matter`],
          ["resamples", `${formatCount(first.resamples)}, seed ${first.seed}`],
        ]);
  const body = html`${comparisons.map((comparison) => showComparison(comparison, definitions))} ${settings}`;
  return { id: "comparison", title: "Comparison", body, charts: [] };
}

/** The places of several groups, by each figure. Nothing for two. */
export function rankingSection(ranking: Ranking | null): readonly Section[] {
  if (ranking === null) return [];
  const rows = ranking.metrics.map((metric): readonly Content[] => [
    figureName(metric),
    metric.places.map(({ target, value, place }) => {
      const isTied = metric.places.filter((other) => other.place === place).length > 1;
      return html`<div>
        ${place}${isTied ? "=" : "."} ${shortName(target.label)} <span class="faint">${formatFigure(value, metric.unit)}</span>
      </div>`;
    }),
  ]);
  const columns = [{ title: "figure" }, { title: "places; = not told apart", words: true }];
  return [{ id: "ranking", title: "Ranking", body: table({ caption: "The targets by each figure", columns, rows }), charts: [] }];
}
