import {
  type ComparisonReport,
  type ComparisonSide,
  DEFINITIONS,
  type GroupComparison,
  type MetricComparison,
  type Report,
} from "@lens/metrics";
import { ALL_FAILED, CLOSED_LOOP, HOSTILE } from "./reports.ts";

const MS = 1_000_000;
const SETTINGS = { paired: true, seed: 1, confidence: 0.95, margin: 0.02, resamples: 2000 } as const;

/** The only group of a report, under another name. */
function sideOf({ groups: [group], run, instrument }: Report, label: string | null, source: string | null = null): ComparisonSide {
  if (group === undefined) throw new Error("no group");
  return { source, run, instrument, group: label === null ? group : { ...group, target: { ...group.target, label } } };
}

function row(changes: Partial<MetricComparison>): MetricComparison {
  const [base, candidate] = [changes.base ?? 201 * MS, changes.candidate ?? 217 * MS];
  return {
    metric: "ttft",
    statistic: 50,
    unit: "ns",
    base,
    candidate,
    difference: candidate - base,
    differenceShare: candidate / base - 1,
    interval: { lower: 0.072, upper: 0.09 },
    effectSize: 0.31,
    rankPValue: 1e-9,
    pValue: 1e-8,
    adjustedPValue: 1e-7,
    verdict: "slower",
    requestsNeeded: null,
    effectiveSamples: { base: 395.2, candidate: 397 },
    ...changes,
  };
}

const OPEN = { verdict: "not-enough-data", requestsNeeded: 1234, adjustedPValue: 0.4 } as const;
const SAME = { verdict: "no-difference", interval: { lower: -0.011, upper: 0.004 }, differenceShare: -0.003 } as const;

function compare([base, candidate]: readonly [ComparisonSide, ComparisonSide], metrics: readonly MetricComparison[]): GroupComparison {
  return { ...SETTINGS, base: base.group.target, candidate: candidate.group.target, metrics, notes: [] };
}

function reportOf(
  sides: readonly ComparisonSide[],
  comparisons: readonly GroupComparison[],
  more: Partial<ComparisonReport> = {},
): ComparisonReport {
  const tool = { name: "llm-latency-lens", version: "0.1.0" };
  return { schema: 1, kind: "comparison", tool, definitions: DEFINITIONS, sides, comparisons, ranking: null, notes: [], ...more };
}

const A = sideOf(CLOSED_LOOP, "A");
const B = sideOf(CLOSED_LOOP, "B");
const C = sideOf(CLOSED_LOOP, "C");

const TWO_METRICS: readonly MetricComparison[] = [
  row({}),
  row({ statistic: 95, base: 298 * MS, candidate: 310 * MS, interval: { lower: 0.031, upper: 0.055 } }),
  row({ statistic: 99, base: 300 * MS, candidate: 299 * MS, interval: { lower: null, upper: null }, ...OPEN }),
  row({ metric: "chunkGap", base: 20 * MS, candidate: 19.94 * MS, ...SAME, effectiveSamples: { base: 390, candidate: 391 } }),
  row({
    metric: "outputTokensPerSecond",
    unit: "per second",
    base: 50,
    candidate: 55.5,
    interval: { lower: 0.09, upper: 0.13 },
    verdict: "faster",
  }),
  row({
    metric: "errorRate",
    statistic: null,
    unit: "share",
    base: 0.0075,
    candidate: 0,
    differenceShare: -0.0075,
    interval: { lower: -0.021, upper: 0.004 },
    ...OPEN,
    requestsNeeded: null,
  }),
];

/** Two targets that were asked by turns, the second one slower. */
export const TWO = reportOf([A, B], [{ ...compare([A, B], TWO_METRICS), notes: ["3 of 400 requests of A failed."] }], {
  notes: ["These are figures of the built-in simulator, not of a model."],
});

/** The same of saved results, where the candidate is the faster one. */
export const SAVED = reportOf(
  [
    sideOf(CLOSED_LOOP, "m (old.json)", "old.json"),
    sideOf({ ...CLOSED_LOOP, run: { ...CLOSED_LOOP.run, interrupted: true } }, "m (new.json)", "new.json"),
  ],
  [
    {
      ...compare(
        [sideOf(CLOSED_LOOP, "m (old.json)"), sideOf(CLOSED_LOOP, "m (new.json)")],
        [
          row({ candidate: 150 * MS, interval: { lower: -0.29, upper: -0.2 }, verdict: "faster" }),
          row({ metric: "e2e", candidate: 205 * MS, ...OPEN, interval: { lower: -0.01, upper: null } }),
        ],
      ),
      paired: false,
    },
  ],
);

/** Three targets, two of which are not told apart. */
export const THREE = reportOf([A, B, C], [compare([A, B], [row({})]), compare([A, C], [row({ candidate: 219 * MS })])], {
  ranking: {
    ...SETTINGS,
    comparisons: [compare([A, B], [row({})]), compare([A, C], [row({ candidate: 219 * MS })]), compare([B, C], [row(SAME)])],
    metrics: [
      {
        metric: "ttft",
        statistic: 50,
        unit: "ns",
        places: [
          { target: A.group.target, value: 201 * MS, place: 1 },
          { target: B.group.target, value: 217 * MS, place: 2 },
          { target: C.group.target, value: 219 * MS, place: 2 },
        ],
      },
      { metric: "errorRate", statistic: null, unit: "share", places: [{ target: A.group.target, value: 0.0075, place: 1 }] },
    ],
    notes: [],
  },
});

/** Nothing differs. */
export const SAME_FIGURES = reportOf([A, B], [compare([A, B], [row(SAME), row({ metric: "e2e", ...SAME })])]);

/** Nothing can be told, one of them having failed altogether. */
export const UNDECIDED = reportOf(
  [A, sideOf(ALL_FAILED, "D")],
  [compare([A, sideOf(ALL_FAILED, "D")], [row({ ...OPEN, base: null, candidate: null, difference: null, differenceShare: null })])],
);

/** Without a figure in common, under names made to harm. */
export const HOSTILE_COMPARISON = reportOf(
  [sideOf(HOSTILE, null), sideOf(HOSTILE, null)],
  [compare([sideOf(HOSTILE, null), sideOf(HOSTILE, null)], [row({})]), compare([sideOf(HOSTILE, null), A], [])],
);
