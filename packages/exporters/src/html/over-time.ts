import type { GroupSummary, RunManifest } from "@lens/metrics";
import { formatDuration } from "@lens/core";
import { formatCount, formatNumber } from "../format.ts";
import { figure } from "./chart.ts";
import { type Course, coursesOf, type Stretch } from "./courses.ts";
import { duration } from "./figures.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { shortName } from "./names.ts";
import { definitionOf, type Definitions, type Section } from "./section.ts";
import { folded, table } from "./table.ts";
import { timeCharts } from "./time-charts.ts";

const NS_PER_SECOND = 1e9;

function row({ fromS, lengthS, sent, failed, ttft, chunkGap, e2e, outputTokens }: Stretch): readonly Content[] {
  const tokens = outputTokens === null ? "–" : formatNumber(outputTokens / lengthS);
  return [
    duration(Math.max(0, Math.round(fromS * NS_PER_SECOND))),
    formatCount(sent),
    formatCount(failed),
    duration(ttft.p50Ns),
    duration(ttft.p95Ns),
    duration(chunkGap.p50Ns),
    duration(e2e.p50Ns),
    tokens,
  ];
}

const TITLES = ["from", "sent", "not answered", "TTFT p50", "TTFT p95", "gap p50", "E2E p50", "tokens/s"];

function courseTable({ label, stretches }: Course): Markup {
  const [first] = stretches;
  const width = first === undefined ? "" : `, in stretches of ${formatDuration(first.lengthS * NS_PER_SECOND)}`;
  const caption = `${shortName(label)} over the run, by when requests started${width}`;
  return table({ caption, columns: TITLES.map((title) => ({ title })), rows: stretches.filter(({ sent }) => sent > 0).map(row) });
}

/** How the run went. Nothing where it was too short to tell. */
export function timeSection(groups: readonly GroupSummary[], run: RunManifest, definitions: Definitions): readonly Section[] {
  const courses = coursesOf(groups, run);
  const charts = timeCharts(courses);
  if (charts.length === 0) return [];
  const body = html`${definitionOf(definitions, "series")}
    <div class="charts">${charts.map(({ title, spec }) => figure(spec, title))}</div>
    ${folded("Figures", courses.map(courseTable))}`;
  return [{ id: "time", title: "Over time", body, charts: charts.map(({ spec }) => spec) }];
}
