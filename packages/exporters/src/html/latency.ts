import type { Distribution, GroupSummary } from "@lens/metrics";
import { formatCount } from "../format.ts";
import { figure } from "./chart.ts";
import { distributionCharts } from "./distribution-charts.ts";
import { duration, MARKS_IN_WORDS, PERCENTILES, percentileCell } from "./figures.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { gapRemark, type Measure, measuresOf } from "./measures.ts";
import { shortName } from "./names.ts";
import { definitionOf, type Definitions, hintOf, type Section } from "./section.ts";
import { type Column, folded, table } from "./table.ts";

/** The dot in the colour that a line of the charts has. */
const swatch = (color: number): Markup => html`<span class="swatch ink-${color % 8}" aria-hidden="true"></span>`;

const COLUMNS: readonly Column[] = [
  { title: "n" },
  ...PERCENTILES.map(({ title }) => ({ title })),
  { title: "max" },
  { title: "mean" },
  { title: "deviation" },
];

function cells(distribution: Distribution): readonly Content[] {
  const { count, maxNs, meanNs, stdDevNs } = distribution;
  const percentiles = PERCENTILES.map((shown) => percentileCell(distribution, shown));
  return [formatCount(count), ...percentiles, duration(maxNs), duration(meanNs), duration(stdDevNs)];
}

/** All measures of one group, a row each. */
function measureTable(group: GroupSummary, measures: readonly Measure[], definitions: Definitions): Markup {
  const rows = measures.flatMap(({ metric, title, of }): readonly (readonly Content[])[] => {
    const distribution = of(group);
    if (distribution === null || distribution.count === 0) return [];
    const hint = hintOf(definitions, metric);
    return [[hint === undefined ? title : html`<abbr title="${hint}">${title}</abbr>`, ...cells(distribution)]];
  });
  return table({ caption: "Latencies of the answered requests", columns: [{ title: "metric" }, ...COLUMNS], rows });
}

/** One measure of all groups, a row each. */
function groupTable({ title, of }: Measure, groups: readonly GroupSummary[]): Markup {
  const rows = groups.map((group, color): readonly Content[] => {
    const distribution = of(group);
    const name = html`${swatch(color)}${shortName(group.target.label)}`;
    return [name, ...(distribution === null ? ["0"] : cells(distribution))];
  });
  return table({ caption: `${title} of the answered requests`, columns: [{ title: "target" }, ...COLUMNS], rows });
}

interface MeasureView {
  readonly markup: Markup;
  readonly charts: Section["charts"];
}

/** A measure with its definition and its charts; of several groups also their figures. */
function showMeasure(measure: Measure, groups: readonly GroupSummary[], definitions: Definitions): MeasureView {
  const { metric, title, words, of } = measure;
  const named = groups.flatMap((group, color) => {
    const distribution = of(group);
    return distribution === null ? [] : [{ label: shortName(group.target.label), color, distribution }];
  });
  const { percentiles, cumulative, histogram } = distributionCharts(metric.replace(".", "-"), title, named);
  const [only] = groups;
  const remark = metric === "chunkGap" && groups.length === 1 && only !== undefined ? gapRemark(only) : null;
  const markup = html`<div class="measure">
    <div class="head">
      <h3>${title} <small>${words}</small></h3>
      ${definitionOf(definitions, metric)}
    </div>
    ${remark === null ? null : html`<p class="doubtful">${remark}</p>`}
    <div class="charts">
      ${figure(percentiles, "By percentile, the slow tail stretched")} ${figure(cumulative, "Share of samples up to a value")}
      ${figure(histogram, "Histogram")}
    </div>
    ${groups.length === 1 ? null : folded("Figures", groupTable(measure, groups))}
  </div> `;
  return { markup, charts: [percentiles, cumulative, histogram] };
}

/** How the latencies are distributed. Nothing where no request was answered. */
export function latencySection(groups: readonly GroupSummary[], definitions: Definitions): readonly Section[] {
  const measures = measuresOf(groups);
  if (measures.length === 0) return [];
  const views = measures.map((measure) => showMeasure(measure, groups, definitions));
  const [only] = groups;
  const isOne = groups.length === 1 && only !== undefined;
  const body = html`${isOne ? measureTable(only, measures, definitions) : null}
    <p class="faint">${MARKS_IN_WORDS}</p>
    ${views.map(({ markup }) => markup)}`;
  return [{ id: "latency", title: "Latency", body, charts: views.flatMap(({ charts }) => charts) }];
}
