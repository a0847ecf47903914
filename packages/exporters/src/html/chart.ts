import { html, type Markup } from "./markup.ts";

/** What the values of an axis are, and so how they are written. `tail` is −log10(1 − p): it stretches the slow end of a distribution. */
export type AxisUnit = "ns" | "s" | "share" | "tail" | "perSecond" | "count" | "level";

/** An axis of a chart. */
export interface AxisSpec {
  readonly title: string;
  readonly unit: AxisUnit;
  readonly log: boolean;
  /** What it ends at, from which the values may be far; null lets the values decide. */
  readonly range: readonly [number, number] | null;
}

/** How a value at one place differs from what may be true. */
export interface Whisker {
  readonly x: number;
  readonly lower: number;
  readonly upper: number;
}

/** A line of a chart, and its place in the legend. */
export interface SeriesSpec {
  readonly label: string;
  /** Which of the colours; those beyond the last one take them again, dashed. */
  readonly color: number;
  /** `step` goes on flat to the next value; `area` does likewise, and is filled. */
  readonly shape: "line" | "step" | "area" | "points";
  readonly dashed: boolean;
  /** One for each x. */
  readonly values: readonly (number | null)[];
  /** Intervals, drawn as whiskers. */
  readonly whiskers: readonly Whisker[];
}

/** A line across a chart, with words at it. */
export interface MarkSpec {
  readonly axis: "x" | "y";
  readonly at: number;
  readonly label: string;
}

/** All that the script in a page draws a chart from: plain JSON. */
export interface ChartSpec {
  /** The id of the element that it is drawn in. */
  readonly id: string;
  /** What it shows, for those who do not see it. */
  readonly description: string;
  readonly x: AxisSpec;
  readonly y: AxisSpec;
  /** In ascending order. */
  readonly xs: readonly number[];
  readonly series: readonly SeriesSpec[];
  readonly marks: readonly MarkSpec[];
  /** Charts of one group show the cursor together; null stands alone. */
  readonly group: string | null;
}

const SIGNIFICANT_DIGITS = 5;

/** A value as it is drawn: more digits than anybody sees would only make the page large. */
export const drawn = (value: number): number => Number(value.toPrecision(SIGNIFICANT_DIGITS));

/** A line without whiskers. */
export function lineOf(label: string, color: number, values: readonly (number | null)[], more: Partial<SeriesSpec> = {}): SeriesSpec {
  return { label, color, shape: "line", dashed: false, values, whiskers: [], ...more };
}

/** The place of a chart in the page. Without scripts nothing is there but its title: what it shows stands in a table as well. */
export function figure({ id }: Pick<ChartSpec, "id">, title: string): Markup {
  return html`<figure class="chart">
    <figcaption>${title}</figcaption>
    <div class="plot" id="${id}"></div>
  </figure> `;
}
