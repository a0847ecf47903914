import { pairBlocks, type SampleSeries } from "./blocks.ts";
import { COMPARABLE_MEASURES, type ComparableMeasure, readFailures, readSamples } from "./comparable.ts";
import { compareSamples, type PercentileDifference, type SampleDifference } from "./compare-samples.ts";
import type { MetricComparison } from "./comparison.ts";
import { type EffectiveSamples, effectiveSamples } from "./effective-sample.ts";
import type { GroupSummary } from "./report.ts";
import { shareDifferenceInterval, fisherExact } from "./share-difference.ts";
import { criticalValue } from "./student.ts";
import { failedRequests, type ThresholdMetric } from "./threshold-metric.ts";

/** How differences are looked for: see `CompareOptions`. */
export interface CompareSettings {
  readonly seed: number;
  readonly confidence: number;
  readonly margin: number;
  readonly resamples: number;
  readonly paired: boolean;
}

/** A difference, and what is needed to decide it once it is known how many there are. */
export interface Finding {
  readonly row: Omit<MetricComparison, "adjustedPValue" | "verdict" | "requestsNeeded">;
  /** Below this size the difference does not matter, as `row.differenceShare`. */
  readonly margin: number;
  readonly plan: {
    /** As logarithms of ratios; for shares of requests, points. */
    readonly difference: number;
    readonly margin: number;
    readonly standardError: number;
    readonly degrees: number;
    readonly requests: number;
    /** Requests without which the figure has no interval. */
    readonly fewest: number;
  };
}

/** Two groups that are compared. */
export interface GroupPair {
  readonly base: GroupSummary;
  readonly candidate: GroupSummary;
}

/** All that was found of two groups. */
export interface PairFindings {
  readonly pair: GroupPair;
  readonly findings: readonly Finding[];
  /** Names of percentiles that a sample of either cannot support, such as `ttft p99`. */
  readonly unsupported: readonly string[];
  /** Measures whose samples had to be taken for independent. */
  readonly untimed: readonly string[];
  /** Measures that bins do not keep. */
  readonly unbinned: readonly string[];
  /** Measures that could not be compared by stretches of the same time though they should have been. */
  readonly unpaired: readonly string[];
}

/** A share of requests by so much more is never too little to matter. */
const MOST_SHARE_MARGIN = 0.01;

const fewerRequests = ({ base, candidate }: GroupPair): number => Math.min(base.requests, candidate.requests);

/** How many samples a percentile needs for an interval with both ends: so many that it is unlikely that all lie on one side. */
function samplesForInterval(percentile: number, confidence: number): number {
  return Math.ceil(Math.log((1 - confidence) / 2) / Math.log(Math.max(percentile, 100 - percentile) / 100));
}

/** What all percentiles of a measure have in common. */
type MeasureFigures = Pick<Finding["row"], "metric" | "effectSize" | "rankPValue">;

function toFinding(
  figures: MeasureFigures,
  found: PercentileDifference,
  requests: number,
  { margin, confidence }: CompareSettings,
): Finding {
  const { base, candidate, percentile, logRatio, interval, pValue, standardError, degrees } = found;
  const independent = Math.min(found.effectiveSamples.base, found.effectiveSamples.candidate);
  return {
    row: {
      ...figures,
      statistic: percentile,
      unit: "ns",
      base,
      candidate,
      difference: candidate - base,
      differenceShare: Math.expm1(logRatio),
      interval,
      pValue,
      effectiveSamples: found.effectiveSamples,
    },
    margin,
    plan: {
      difference: logRatio,
      margin: Math.log1p(margin),
      standardError,
      degrees,
      requests,
      fewest: (requests * samplesForInterval(percentile, confidence)) / independent,
    },
  };
}

/** One finding a percentile. Of the group that has fewer there are so many requests. */
export function findingsOf(
  metric: ThresholdMetric,
  { effectSize, rankPValue, percentiles }: SampleDifference,
  requests: number,
  settings: CompareSettings,
): readonly Finding[] {
  return percentiles.map((found) => toFinding({ metric, effectSize, rankPValue }, found, requests, settings));
}

/** The failed requests of each, as many as the independent requests among them are worth. */
function compareFailures(pair: GroupPair, { margin, confidence, paired }: CompareSettings): Finding {
  const { base, candidate } = pair;
  const failed = { base: failedRequests(base), candidate: failedRequests(candidate) };
  const blocks = pairBlocks(readFailures(base, failed.base), readFailures(candidate, failed.candidate), paired);
  // Of the values 0 and 1, the first place is that of the answered.
  const effective = blocks.timed
    ? effectiveSamples(blocks, { base: 0, candidate: 0 })
    : { base: base.requests, candidate: candidate.requests };
  const trials = (share: number, worth: number) => ({ hits: Math.round(share * Math.floor(worth)), count: Math.floor(worth) });
  const shares = { base: failed.base / base.requests, candidate: failed.candidate / candidate.requests };
  const [from, to] = [trials(shares.base, effective.base), trials(shares.candidate, effective.candidate)];
  const difference = shares.candidate - shares.base;
  const interval = shareDifferenceInterval(from, to, confidence);
  const shareMargin = Math.min(margin, MOST_SHARE_MARGIN);
  return {
    row: {
      metric: "errorRate",
      statistic: null,
      unit: "share",
      ...shares,
      difference,
      differenceShare: difference,
      interval,
      effectSize: difference,
      rankPValue: null,
      pValue: fisherExact(from, to),
      effectiveSamples: effective,
    },
    margin: shareMargin,
    plan: {
      difference,
      margin: shareMargin,
      standardError: ((interval.upper ?? 1) - (interval.lower ?? -1)) / (2 * criticalValue(1 - confidence)),
      degrees: Infinity,
      requests: fewerRequests(pair),
      fewest: 0,
    },
  };
}
/** What was found of a pair so far. */
interface Collected {
  readonly pair: GroupPair;
  readonly findings: Finding[];
  readonly unsupported: string[];
  readonly untimed: string[];
  readonly unbinned: string[];
  readonly unpaired: string[];
  /** How many independent requests each group's are worth to its median TTFT. */
  worth: EffectiveSamples | null;
}

/** A series whose samples depend on one another as those of TTFT do. */
const worthOnly = (series: SampleSeries, independent: number | undefined): SampleSeries => ({
  ...series,
  independent: Math.max(1, independent ?? series.independent),
});

function compareMeasure(
  { metric, percentiles, readBin }: ComparableMeasure,
  [base, candidate]: readonly [SampleSeries, SampleSeries],
  settings: CompareSettings,
  collected: Collected,
): void {
  const worth = readBin === null ? collected.worth : null;
  const found = compareSamples(worthOnly(base, worth?.base), worthOnly(candidate, worth?.candidate), { ...settings, percentiles });
  if (found === null) return;
  const { paired, timed } = found;
  if (metric === "ttft") collected.worth = found.percentiles[0]?.effectiveSamples ?? null;
  collected.findings.push(...findingsOf(metric, found, fewerRequests(collected.pair), settings));
  for (const percentile of percentiles)
    if (!found.percentiles.some((of) => of.percentile === percentile)) collected.unsupported.push(`${metric} p${percentile}`);
  if (readBin === null) collected.unbinned.push(metric);
  else if (!timed) collected.untimed.push(metric);
  else if (settings.paired && !paired) collected.unpaired.push(metric);
}

/**
 * What tells the groups of each pair apart, measure by measure, so that the histograms of only one measure are in memory at a time. Throws
 * `INVALID_ARGUMENT` where one cannot be read.
 */
export function findDifferences(pairs: readonly GroupPair[], settings: CompareSettings): readonly PairFindings[] {
  const all = pairs.map((pair): Collected => ({
    pair,
    findings: [],
    unsupported: [],
    untimed: [],
    unbinned: [],
    unpaired: [],
    worth: null,
  }));
  for (const measure of COMPARABLE_MEASURES) {
    const series = new Map<GroupSummary, SampleSeries | null>();
    const seriesOf = (group: GroupSummary): SampleSeries | null => {
      if (!series.has(group)) series.set(group, readSamples(group, measure));
      return series.get(group) ?? null;
    };
    for (const collected of all) {
      const { pair } = collected;
      if (!measure.adds(pair.base) && !measure.adds(pair.candidate)) continue;
      const [base, candidate] = [seriesOf(pair.base), seriesOf(pair.candidate)];
      if (base !== null && candidate !== null) compareMeasure(measure, [base, candidate], settings, collected);
    }
  }
  for (const { pair, findings } of all) if (fewerRequests(pair) > 0) findings.push(compareFailures(pair, settings));
  return all;
}
