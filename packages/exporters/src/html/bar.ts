import { html, type Markup } from "./markup.ts";

/** Drawings in a cell of a table are so wide, whatever the cell is. */
const WIDTH = 1000;

const place = (share: number): string => String(Math.round(Math.max(0, Math.min(1, share)) * WIDTH));

/** A stretch of a bar; its ends are shares of the bar. */
export interface BarPart {
  readonly from: number;
  readonly to: number;
  readonly kind: string;
}

/** Stretches one after the other, in colours by their kind. */
export const stackedBar = (parts: readonly BarPart[], label: string): Markup =>
  html`<svg class="bar" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img">
    <title>${label}</title>
    ${parts.map(
      ({ from, to, kind }) =>
        html`<rect class="${kind}" x="${place(from)}" y="3" width="${Math.max(2, Number(place(to)) - Number(place(from)))}" height="14" />`,
    )}
  </svg>`;

/** A figure with its interval, as places on an axis from 0 to 1. */
export interface IntervalBar {
  readonly zero: number;
  /** Where a difference does not matter. */
  readonly band: readonly [number, number];
  /** Null where it is not known. */
  readonly point: number | null;
  readonly interval: readonly [number, number] | null;
  readonly tone: string;
  readonly label: string;
}

/** A line of a forest plot. */
export function intervalBar({ zero, band: [from, to], point, interval, tone, label }: IntervalBar): Markup {
  const line = (className: string, [x1, x2]: readonly [number, number], [y1, y2]: readonly [number, number]): Markup =>
    html`<line class="${className}" x1="${place(x1)}" x2="${place(x2)}" y1="${y1}" y2="${y2}" />`;
  return html`<svg class="bar ${tone}" viewBox="0 0 ${WIDTH} 20" preserveAspectRatio="none" role="img">
    <title>${label}</title>
    <rect class="band" x="${place(from)}" y="0" width="${Number(place(to)) - Number(place(from))}" height="20" />
    ${line("axis", [zero, zero], [0, 20])}${interval === null ? null : line("interval", interval, [10, 10])}${point === null ? null : line("point", [point, point], [10, 10])}
  </svg>`;
}
