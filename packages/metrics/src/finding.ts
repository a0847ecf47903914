import type { MetricComparison } from "./comparison.ts";
import type { EffectiveSamples } from "./effective-sample.ts";
import type { GroupSummary } from "./report.ts";
import type { PercentileDifference, SampleDifference } from "./compare-samples.ts";
import type { ThresholdMetric } from "./threshold-metric.ts";

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

/** Requests of the group that has fewer. */
export const fewerRequests = ({ base, candidate }: GroupPair): number => Math.min(base.requests, candidate.requests);

/** For a report, which has no use for a part of a sample. */
export const wholeSamples = ({ base, candidate }: EffectiveSamples): EffectiveSamples => ({
  base: Math.round(base),
  candidate: Math.round(candidate),
});

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
      effectiveSamples: wholeSamples(found.effectiveSamples),
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
