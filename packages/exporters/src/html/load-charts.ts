import {
  type Distribution,
  type GroupSummary,
  parseThreshold,
  type Report,
  type SearchSummary,
  type Slo,
  type SweepSummary,
  type Threshold,
  type ThresholdMetric,
} from "@lens/metrics";
import type { LevelGroup } from "../console-sweep.ts";
import { type AxisSpec, type ChartSpec, drawn, lineOf, type MarkSpec, type SeriesSpec } from "./chart.ts";
import { failedShare } from "./figures.ts";
import { shortName } from "./names.ts";

/** The levels of one target, in ascending order. */
export interface LevelSet {
  readonly name: string;
  readonly levels: readonly LevelGroup[];
}

/** A chart of a figure against load, and its title. */
export interface LoadChart {
  readonly title: string;
  readonly spec: ChartSpec;
}

/** What was asked of the levels: the lines that a figure must stay below. */
export type LoadGoals = Pick<Report, "sweeps" | "searches" | "thresholds">;

type LoadKind = SweepSummary["kind"];

const AXIS_TITLES: Readonly<Record<LoadKind, string>> = { concurrency: "requests at once", rate: "requests/s due" };
/** The metrics whose limits a chart of it may show. */
const LIMITED: Readonly<Record<"ttft" | "e2e", readonly ThresholdMetric[]>> = {
  ttft: ["ttft", "response.ttft"],
  e2e: ["e2e", "response.e2e"],
};

const levelsOf = (sets: readonly LevelSet[]): readonly number[] =>
  [...new Set(sets.flatMap(({ levels }) => levels.map(({ level }) => level.value)))].toSorted((one, other) => one - other);

function alignTo(xs: readonly number[], { levels }: LevelSet, read: (group: GroupSummary) => number | null): readonly (number | null)[] {
  const found = new Map(levels.map((group) => [group.level.value, read(group)]));
  return xs.map((x) => found.get(x) ?? null).map((value) => (value === null ? null : drawn(value)));
}

const SLO_KEYS = { ttft: "ttftNs", e2e: "e2eNs" } as const satisfies Readonly<Record<string, keyof Slo>>;

/** The threshold that was written so; nothing for what a report from elsewhere may hold and this version cannot read. */
function thresholdOf(text: string): readonly Threshold[] {
  try {
    return [parseThreshold(text)];
  } catch {
    return [];
  }
}

/** Limits on a measure, each once: of thresholds, of a search, and of the SLOs. */
function limitsOn(measure: "ttft" | "e2e", sets: readonly LevelSet[], { searches, thresholds }: LoadGoals): readonly MarkSpec[] {
  const searched = searches.flatMap(({ thresholds: texts }) => texts.flatMap(thresholdOf));
  const limits = [...searched, ...thresholds].flatMap(({ metric, limit, text }) =>
    limit !== null && LIMITED[measure].includes(metric) ? [{ axis: "y" as const, at: limit, label: text }] : [],
  );
  const slos = sets.flatMap(({ levels }) => levels.flatMap(({ goodput }) => goodput?.slo[SLO_KEYS[measure]] ?? []));
  const all = [...limits, ...slos.map((at) => ({ axis: "y" as const, at, label: "SLO" }))];
  return [...new Map(all.map((mark) => [mark.at, mark])).values()];
}

function kneesOf(sets: readonly LevelSet[], { sweeps }: LoadGoals): readonly MarkSpec[] {
  return sweeps.flatMap(({ label, knee }) => {
    if (knee === null || !sets.some(({ name }) => name === label)) return [];
    return [{ axis: "x" as const, at: knee, label: sets.length === 1 ? "knee" : `knee of ${shortName(label)}` }];
  });
}

function answersOf(sets: readonly LevelSet[], searches: readonly SearchSummary[]): readonly MarkSpec[] {
  return searches.flatMap(({ label, highestMet }) =>
    highestMet !== null && sets.some(({ name }) => name === label)
      ? [{ axis: "x" as const, at: highestMet, label: "highest that meets it" }]
      : [],
  );
}

interface Curve {
  readonly label: string;
  readonly read: (group: GroupSummary) => number | null;
}

function seriesOf(sets: readonly LevelSet[], xs: readonly number[], curves: readonly Curve[]): readonly SeriesSpec[] {
  return sets.flatMap((set, place) =>
    curves.map(({ label, read }, index) => {
      const name = sets.length === 1 ? label : `${shortName(set.name)} ${label}`.trim();
      return lineOf(name, sets.length === 1 ? index : place, alignTo(xs, set, read), {
        shape: "points",
        dashed: sets.length > 1 && index > 0,
      });
    }),
  );
}

const percentilesOf = (of: (group: GroupSummary) => Distribution): readonly Curve[] => [
  { label: "p50", read: (group) => of(group).p50Ns },
  { label: "p95", read: (group) => of(group).p95Ns },
];

const largest = (series: readonly SeriesSpec[]): number =>
  Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
const smallest = (series: readonly SeriesSpec[]): number =>
  Math.min(Infinity, ...series.flatMap(({ values }) => values.map((value) => value ?? Infinity)));
/** Between values that lie so far apart, an axis in proportion would hide the smaller ones. */
const WIDE = 20;
/** Levels that span so much are mostly doubled from one to the next. */
const LEVELS_FOR_LOG = 4;

/** A chart before it knows what it is drawn of. */
interface ChartPlan {
  readonly id: string;
  readonly title: string;
  readonly unit: AxisSpec["unit"];
  readonly curves: readonly Curve[];
  /** The measure whose limits it shows; null for none. */
  readonly limited: "ttft" | "e2e" | null;
}

/** Latencies count from when requests were due, where that is known: a queue shows nowhere else. */
function plansOf(kind: LoadKind, sets: readonly LevelSet[]): readonly ChartPlan[] {
  const isDue = kind === "rate" && sets.every(({ levels }) => levels.every(({ response }) => response !== null));
  const from = isDue ? ", from when it was due" : "";
  const ofLatency = (measure: "ttft" | "e2e"): readonly Curve[] =>
    percentilesOf((group) => (isDue ? group.response?.[measure] : null) ?? group[measure]);
  const single = (label: string, read: Curve["read"]): readonly Curve[] => [{ label: sets.length === 1 ? label : "", read }];
  return [
    { id: "ttft", title: `TTFT${from}`, unit: "ns", curves: ofLatency("ttft"), limited: "ttft" },
    { id: "e2e", title: `E2E${from}`, unit: "ns", curves: ofLatency("e2e"), limited: "e2e" },
    {
      id: "answered",
      title: "Answered requests per second",
      unit: "perSecond",
      curves: single("per second", ({ throughput }) => throughput.requestsPerSecond),
      limited: null,
    },
    {
      id: "tokens",
      title: "Output tokens per second",
      unit: "perSecond",
      curves: single("per second", ({ throughput }) => throughput.systemTokensPerSecond),
      limited: null,
    },
    { id: "failed", title: "Share of requests not answered", unit: "share", curves: single("not answered", failedShare), limited: null },
  ];
}

/** Latency and throughput against load, of all targets whose levels are of one kind. */
export function loadCharts(kind: LoadKind, sets: readonly LevelSet[], goals: LoadGoals): readonly LoadChart[] {
  const xs = levelsOf(sets);
  const x: AxisSpec = { title: AXIS_TITLES[kind], unit: "level", log: (xs.at(-1) ?? 1) / (xs[0] ?? 1) >= LEVELS_FOR_LOG, range: null };
  const along = [...kneesOf(sets, goals), ...answersOf(sets, goals.searches)];
  return plansOf(kind, sets).flatMap(({ id, title, unit, curves, limited }) => {
    const series = seriesOf(sets, xs, curves).filter(({ values }) => values.some((value) => value !== null));
    if (series.length === 0) return [];
    const log = unit === "ns" && largest(series) > WIDE * smallest(series);
    const spec: ChartSpec = {
      id: `load-${kind}-${id}`,
      description: `${title} against ${x.title}`,
      x,
      y: { title: "", unit, log, range: null },
      xs,
      series,
      marks: [...along, ...(limited === null ? [] : limitsOn(limited, sets, goals))],
      group: `load-${kind}`,
    };
    return [{ title, spec }];
  });
}
