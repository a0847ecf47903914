import uPlot from "uplot";
import type { AxisSpec, ChartSpec, SeriesSpec } from "../chart.ts";
import { makeAccessible } from "./access.ts";
import { drawMarks, drawWhiskers } from "./overlays.ts";
import type { Palette } from "./theme.ts";
import { formatPlace, formatValue, TAIL_PLACES } from "./values.ts";

const HEIGHT_PX = 220;
const FONT = "11px system-ui, sans-serif";
const DASHES: readonly (readonly number[])[] = [[], [8, 4], [2, 3], [8, 3, 2, 3], [14, 4]];
/** Where the smallest value is more than this share of the largest, an axis from 0 would flatten all. */
const FAR_FROM_ZERO = 0.5;
const ROOM_ABOVE = 1.08;
/** A limit that lies higher above the values than this is not worth the room. */
const REACH_OF_MARKS = 1.6;
/** Words along the bottom want so much room each; levels are short. */
const PLACES_APART_PX = 44;
const LEVELS_APART_PX = 24;
const LINES_APART_PX = 24;

// What is compiled file by file cannot read the values of a `const enum`.
// oxlint-disable typescript/no-unsafe-enum-assignment
const LINEAR = 1 as uPlot.Scale.Distr;
const LOGARITHMIC = 3 as uPlot.Scale.Distr;
// oxlint-enable typescript/no-unsafe-enum-assignment

/** The ends of an axis of values; where one has zoomed in, those of what is seen. */
function valueRange(spec: ChartSpec): uPlot.Scale["range"] {
  const { y, marks, series } = spec;
  const limits = marks.filter(({ axis }) => axis === "y").map(({ at }) => at);
  const whiskers = series.flatMap((line) => line.whiskers.map(({ upper }) => upper));
  return (_, low, high) => {
    if (y.range !== null) return [...y.range];
    const smallest = low ?? 0;
    const largest = Math.max(
      high ?? 1,
      ...limits.filter((limit) => limit < REACH_OF_MARKS * (high ?? 0)),
      ...whiskers.filter((upper) => upper < REACH_OF_MARKS * (high ?? 0)),
    );
    if (y.log) return [smallest / ROOM_ABOVE ** 2, largest * ROOM_ABOVE ** 2];
    if (y.unit === "ns" && smallest > FAR_FROM_ZERO * largest) {
      const room = Math.max((largest - smallest) * 0.15, largest / 40);
      return [smallest - room, largest + room];
    }
    return [0, largest === 0 ? 1 : largest * ROOM_ABOVE];
  };
}

/** The ends of the axis along the bottom: what there is, with room for points at the edges. */
function placeRange({ x, series }: ChartSpec): uPlot.Scale["range"] {
  const hasPoints = series.some(({ shape }) => shape === "points");
  return (_, low, high) => {
    const [from, to] = [low ?? 0, high ?? 1];
    if (from === to) return x.log ? [from / 2, to * 2] : [from - 0.5, to + 0.5];
    if (!hasPoints) return [from, to];
    return x.log ? [from / 1.15, to * 1.15] : [from - (to - from) * 0.04, to + (to - from) * 0.04];
  };
}

/** Where an axis may be marked. */
interface Places {
  readonly key: "x" | "y";
  readonly places: readonly number[];
  readonly apartPx: number;
}

/** Those of the places that are seen, and at least so far apart, in pixels. */
function spread(u: uPlot, { key, places, apartPx }: Places): number[] {
  const { min = 0, max = 1 } = u.scales[key] ?? {};
  let last = -Infinity;
  return places.filter((place) => {
    if (place < min || place > max) return false;
    const at = u.valToPos(place, key);
    if (Math.abs(at - last) < apartPx) return false;
    last = at;
    return true;
  });
}

/** Round numbers along a logarithmic axis, more of them where it spans little. */
function logPlaces({ min = 1, max = 10 }: uPlot.Scale): readonly number[] {
  const steps =
    max / min > 30 ? [1, 2, 5] : max / min > 4 ? [1, 1.5, 2, 3, 5, 7] : [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 5, 6, 7, 8, 9];
  const places: number[] = [];
  for (let decade = 10 ** Math.floor(Math.log10(min)); decade <= max; decade *= 10) places.push(...steps.map((step) => step * decade));
  return places;
}

/** Where an axis is marked, unless at round numbers in proportion. */
function placesOf({ x, xs }: ChartSpec, axis: AxisSpec): Partial<uPlot.Axis> {
  const key = axis === x ? "x" : "y";
  const given = axis.unit === "tail" ? TAIL_PLACES : axis.unit === "level" ? xs : null;
  if (given === null && !axis.log) return {};
  const apartPx = key === "y" ? LINES_APART_PX : axis.unit === "level" ? LEVELS_APART_PX : PLACES_APART_PX;
  return { splits: (u) => spread(u, { key, places: given ?? logPlaces(u.scales[key] ?? {}), apartPx }), filter: (_, places) => places };
}

function axisOptions(spec: ChartSpec, axis: AxisSpec, palette: Palette): uPlot.Axis {
  const isX = axis === spec.x;
  return {
    stroke: palette.faint,
    font: FONT,
    size: isX ? 24 : 56,
    gap: 4,
    space: isX ? 64 : 36,
    grid: { stroke: palette.grid, width: 1 },
    ticks: { show: false },
    values: (_, places) => places.map((place) => formatPlace(place, axis.unit)),
    ...placesOf(spec, axis),
  };
}

function seriesOptions(spec: SeriesSpec, { y }: ChartSpec, { series }: Palette): uPlot.Series {
  const color = series[spec.color % series.length] ?? "";
  const round = Math.floor(spec.color / series.length) + (spec.dashed ? 1 : 0);
  const isFlat = spec.shape === "step" || spec.shape === "area";
  return {
    label: spec.label,
    stroke: color,
    width: 1.75,
    dash: [...(DASHES[round % DASHES.length] ?? [])],
    spanGaps: !isFlat,
    points: spec.shape === "points" ? { show: true, size: 6, fill: color } : { show: false },
    value: (_, value) => (value == null ? "" : formatValue(value, y.unit)),
    ...(isFlat ? { paths: uPlot.paths.stepped?.({ align: 1 }) as uPlot.Series.PathBuilder } : {}),
    ...(spec.shape === "area" ? { fill: color.replace("rgb(", "rgba(").replace(")", ", 0.22)") } : {}),
  };
}

/** Draws a chart into its place. */
export function draw(spec: ChartSpec, place: HTMLElement, palette: Palette): uPlot {
  const { x, y, xs, series, group } = spec;
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 22, 0, 0],
    scales: {
      x: { time: false, distr: x.log ? LOGARITHMIC : LINEAR, range: placeRange(spec) as uPlot.Scale.Range },
      y: { distr: y.log ? LOGARITHMIC : LINEAR, range: valueRange(spec) as uPlot.Scale.Range },
    },
    axes: [axisOptions(spec, x, palette), axisOptions(spec, y, palette)],
    series: [
      { label: x.title, value: (_, value) => (value == null ? "" : formatValue(value, x.unit)) },
      ...series.map((line) => seriesOptions(line, spec, palette)),
    ],
    cursor: {
      points: { size: 7 },
      drag: { x: true, y: false, setScale: true },
      focus: { prox: series.length > 1 ? 24 : -1 },
      ...(group === null ? {} : { sync: { key: group, setSeries: true } }),
    },
    focus: { alpha: 0.35 },
    hooks: { draw: [(u) => drawMarks(u, spec, palette), (u) => drawWhiskers(u, spec, palette)], ready: [(u) => makeAccessible(u, spec)] },
  };
  return new uPlot(options, [[...xs], ...series.map(({ values }) => [...values])], place);
}
