import type { ErrorCode } from "@lens/core";
import { type AxisSpec, type ChartSpec, drawn, lineOf, type SeriesSpec } from "./chart.ts";
import type { Course, Stretch, StretchLatency } from "./courses.ts";
import { shortName } from "./names.ts";

/** A chart of the run over time, and its title. */
export interface TimeChart {
  readonly title: string;
  readonly spec: ChartSpec;
}

/** Reads a value of a stretch; null where there is none. */
type Reader = (stretch: Stretch, place: Place) => number | null;

interface Place {
  /** The first and the last stretch are seldom full: counts per second would be too low there. */
  readonly isWhole: boolean;
}

const X: AxisSpec = { title: "since the start", unit: "s", log: false, range: null };
const GROUP = "time";
/** With fewer stretches there is nothing to see over time. */
const FEWEST_STRETCHES = 6;

/** Values of stretches at their places on a common axis. */
function alignTo(xs: readonly number[], { stretches }: Course, read: Reader): readonly (number | null)[] {
  const found = new Map(
    stretches.map((stretch, index) => [stretch.fromS, read(stretch, { isWhole: index > 0 && index < stretches.length - 1 })]),
  );
  return xs.map((x) => found.get(x) ?? null).map((value) => (value === null ? null : drawn(value)));
}

const placesOf = (courses: readonly Course[]): readonly number[] =>
  [...new Set(courses.flatMap(({ stretches }) => stretches.map(({ fromS }) => fromS)))].toSorted((one, other) => one - other);

interface ChartParts {
  readonly id: string;
  readonly title: string;
  readonly y: AxisSpec;
  readonly series: readonly SeriesSpec[];
}

function chart({ id, title, y, series }: ChartParts, xs: readonly number[]): readonly TimeChart[] {
  const known = series.filter(({ values }) => values.some((value) => value !== null));
  if (known.length === 0) return [];
  const spec: ChartSpec = {
    id: `time-${id}`,
    description: `${title} over the run`,
    x: X,
    y,
    xs: xs.map(drawn),
    series: known,
    marks: [],
    group: GROUP,
  };
  return [{ title, spec }];
}

/** One line a course; of a single one, also how high its slow requests are. */
function latencySeries(courses: readonly Course[], xs: readonly number[], of: (stretch: Stretch) => StretchLatency): readonly SeriesSpec[] {
  const [only, ...others] = courses;
  if (only === undefined) return [];
  const p50: Reader = (stretch) => of(stretch).p50Ns;
  if (others.length > 0) return courses.map((course) => lineOf(shortName(course.label), course.color, alignTo(xs, course, p50)));
  return [
    lineOf("p50", 0, alignTo(xs, only, p50)),
    lineOf(
      "p95",
      1,
      alignTo(xs, only, (stretch) => of(stretch).p95Ns),
    ),
  ];
}

function rateSeries(courses: readonly Course[], xs: readonly number[], count: (stretch: Stretch) => number | null): readonly SeriesSpec[] {
  const perSecond: Reader = (stretch, { isWhole }) => {
    const counted = count(stretch);
    return counted === null || !isWhole ? null : counted / stretch.lengthS;
  };
  return courses.map((course) =>
    lineOf(courses.length === 1 ? "per second" : shortName(course.label), course.color, alignTo(xs, course, perSecond)),
  );
}

/** Failures of all groups together, a line for each code. */
function errorSeries(courses: readonly Course[], xs: readonly number[], endS: number): readonly SeriesSpec[] {
  const stretches = courses.flatMap((course) => course.stretches);
  const codes = [...new Set(stretches.flatMap(({ errors }) => Object.keys(errors) as ErrorCode[]))];
  const lastS = Math.max(...stretches.map(({ fromS }) => fromS));
  return codes.map((code, color) => {
    const counts = new Map<number, number>();
    for (const { fromS, errors } of stretches) counts.set(fromS, (counts.get(fromS) ?? 0) + (errors[code] ?? 0));
    return lineOf(
      code,
      color,
      // The last stretch is as wide as the others.
      xs.map((x) => counts.get(x === endS ? lastS : x) ?? null),
      { shape: codes.length === 1 ? "area" : "step" },
    );
  });
}

/** How the run went: rates, latencies and failures. Empty where it is too short to tell. */
export function timeCharts(courses: readonly Course[]): readonly TimeChart[] {
  if (courses.every(({ stretches }) => stretches.length < FEWEST_STRETCHES)) return [];
  const endS = Math.max(...courses.flatMap(({ stretches }) => stretches.map(({ fromS, lengthS }) => fromS + lengthS)));
  const xs = [...placesOf(courses), endS];
  const several = courses.length > 1;
  const duration: AxisSpec = { title: "", unit: "ns", log: false, range: null };
  const rate: AxisSpec = { title: "", unit: "perSecond", log: false, range: null };
  const median = several ? " p50" : "";
  const latency = (id: string, title: string, of: (stretch: Stretch) => StretchLatency): readonly TimeChart[] =>
    chart({ id, title: `${title}${median}`, y: duration, series: latencySeries(courses, xs, of) }, xs);
  return [
    ...latency("ttft", "TTFT", ({ ttft }) => ttft),
    ...latency("gap", "Chunk gap", ({ chunkGap }) => chunkGap),
    ...latency("e2e", "E2E", ({ e2e }) => e2e),
    ...chart({ id: "rate", title: "Requests sent per second", y: rate, series: rateSeries(courses, xs, ({ sent }) => sent) }, xs),
    ...chart(
      { id: "tokens", title: "Output tokens per second", y: rate, series: rateSeries(courses, xs, ({ outputTokens }) => outputTokens) },
      xs,
    ),
    ...chart(
      {
        id: "goodput",
        title: "Goodput: requests that met every SLO, per second",
        y: rate,
        series: rateSeries(courses, xs, ({ goodput }) => goodput),
      },
      xs,
    ),
    ...chart(
      {
        id: "errors",
        title: "Failed requests by code",
        y: { title: "", unit: "count", log: false, range: null },
        series: errorSeries(courses, xs, endS),
      },
      xs,
    ),
  ];
}
