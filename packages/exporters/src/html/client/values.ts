import { formatDuration } from "@lens/core";
import { formatCount, formatNumber, formatShare } from "../../format.ts";
import type { AxisUnit } from "../chart.ts";

const NS_PER_SECOND = 1e9;
/** Of a percentile, so many digits tell it from its neighbours on the axis. */
const DIGITS_BEYOND_NINES = 2;

/** `250 ms` for `250.0 ms`: of a place on an axis, no more digits than it has. */
const withoutZeros = (duration: string): string =>
  duration.replace(/\.(\d*?)0+ /, (_, digits: string) => (digits === "" ? " " : `.${digits} `));

function percentileAt(tail: number): string {
  const percentile = 100 * (1 - 10 ** -tail);
  return `p${Number(percentile.toFixed(Math.max(0, Math.floor(tail + 1e-9) - 1) + DIGITS_BEYOND_NINES - 1))}`;
}

/** A value as it stands beside a chart. */
export function formatValue(value: number, unit: AxisUnit): string {
  switch (unit) {
    case "ns":
      return formatDuration(value);
    case "s":
      return formatDuration(value * NS_PER_SECOND);
    case "share":
      return formatShare(value);
    case "tail":
      return percentileAt(value);
    case "perSecond":
      return `${formatNumber(value)}/s`;
    case "count":
      return formatCount(value);
    case "level":
      return String(Number(value.toPrecision(4)));
  }
}

/** A place on an axis, as short as it can be. */
export function formatPlace(place: number, unit: AxisUnit): string {
  if (place === 0) return "0";
  switch (unit) {
    case "ns":
    case "s":
      return withoutZeros(formatValue(place, unit));
    case "perSecond":
      return String(Number(place.toPrecision(6)));
    case "share":
      return `${Number((place * 100).toPrecision(4))} %`;
    case "tail":
    case "count":
    case "level":
      return formatValue(place, unit);
  }
}

/** The percentiles that an axis which stretches the tail is marked at. */
export const TAIL_PLACES: readonly number[] = [0.5, 0.9, 0.95, 0.99, 0.999, 0.9999, 0.99999, 0.999999].map(
  (share) => -Math.log10(1 - share),
);
