import type { GroupSummary, Report, SearchSummary, SweepSummary } from "@lens/metrics";
import { levelInWords, type LevelGroup, levelsByTarget, nameOf } from "../console-sweep.ts";
import { formatNumber, formatShare } from "../format.ts";
import { figure } from "./chart.ts";
import { failedShare, PERCENTILES, percentileCell } from "./figures.ts";
import { type LevelSet, loadCharts } from "./load-charts.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { shortName, shortText } from "./names.ts";
import type { Section } from "./section.ts";
import { folded, table } from "./table.ts";

const [P50, , P95] = PERCENTILES;

/** Groups that are levels of a target, in ascending order, by target. */
const setsOf = (groups: readonly GroupSummary[]): readonly LevelSet[] =>
  levelsByTarget(groups).flatMap((levels) => {
    const [first] = levels;
    return first === undefined
      ? []
      : [{ name: nameOf(first), levels: levels.toSorted((one, other) => one.level.value - other.level.value) }];
  });

function row(group: LevelGroup): readonly Content[] {
  const { level, throughput, ttft, e2e, goodput } = group;
  const share = failedShare(group);
  const figures = [ttft, e2e].flatMap((distribution) =>
    [P50, P95].map((shown) => (shown === undefined ? null : percentileCell(distribution, shown))),
  );
  return [
    levelInWords(level),
    throughput.requestsPerSecond === null ? "–" : formatNumber(throughput.requestsPerSecond),
    throughput.systemTokensPerSecond === null ? "–" : formatNumber(throughput.systemTokensPerSecond),
    ...figures,
    share === null ? "–" : share === 0 ? "0" : html`<span class="bad">${formatShare(share)}</span>`,
    goodput?.share == null ? "–" : formatShare(goodput.share),
  ];
}

const TITLES = ["load", "answers/s", "tokens/s", "TTFT p50", "TTFT p95", "E2E p50", "E2E p95", "not answered", "goodput"];

const levelTable = ({ name, levels }: LevelSet): Markup =>
  table({ caption: `${shortName(name)} by level of load`, columns: TITLES.map((title) => ({ title })), rows: levels.map(row) });

function sweepInWords({ label, kind, knee, endedEarly }: SweepSummary): Markup {
  const place =
    knee === null
      ? "has no knee in these levels"
      : `has its knee at ${levelInWords({ kind, value: knee })}: the median E2E rises from there on`;
  const end = endedEarly ? html` <span class="bad">Most requests of the last level failed: no further one was tried.</span>` : null;
  return html`<p>${shortName(label)} ${place}.${end}</p>`;
}

function probesOf({ label, kind, probes }: SearchSummary): Markup {
  const verdictOf = (met: boolean | null, certain: boolean): string =>
    met === null ? "not judged" : `${met ? "met" : "missed"}${certain ? "" : ", uncertain"}`;
  const rows = probes
    .toSorted((one, other) => one.level - other.level)
    .map(({ level, met, certain, growing, reasons }) => [
      levelInWords({ kind, value: level }),
      verdictOf(met, certain),
      growing ? "grew" : "held",
      shortText(reasons.join("; ")),
    ]);
  const columns = [
    { title: "load" },
    { title: "objectives", words: true },
    { title: "queue", words: true },
    { title: "what it stands on", words: true },
  ];
  return table({ caption: `What the search for the highest load of ${shortName(label)} tried`, columns, rows });
}

/** Latency against load: charts for all targets, then each target's levels. Nothing where there was one level only. */
export function loadSection({ groups, sweeps, searches, thresholds }: Report): readonly Section[] {
  const sets = setsOf(groups);
  if (sets.length === 0) return [];
  const kinds = ["concurrency", "rate"] as const;
  const charts = kinds.flatMap((kind) => {
    const ofKind = sets.filter(({ levels }) => levels.every(({ level }) => level.kind === kind));
    return ofKind.length === 0 ? [] : loadCharts(kind, ofKind, { sweeps, searches, thresholds });
  });
  const body = html`${sweeps.map(sweepInWords)}
    <div class="charts">${charts.map(({ title, spec }) => figure(spec, title))}</div>
    ${sets.map(levelTable)} ${searches.map((search) => folded("How it was found", probesOf(search)))}`;
  return [{ id: "load", title: "Latency against load", body, charts: charts.map(({ spec }) => spec) }];
}
