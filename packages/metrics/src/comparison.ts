import type { Target } from "@lens/core";
import type { EffectiveSamples } from "./effective-sample.ts";
import type { Interval } from "./interval.ts";
import type { ThresholdStatistic } from "./threshold.ts";
import type { ThresholdMetric, ThresholdUnit } from "./threshold-metric.ts";

/** How groups are compared. */
export interface CompareOptions {
  /** Of what is drawn: the same groups and seed give the same comparison. */
  readonly seed: number;
  /** Of intervals, and 1 less the error rate of all verdicts together; 0.95 unless given. */
  readonly confidence?: number;
  /** The share below which a difference does not matter; 0.02 unless given. For shares of requests it is in points, and at most one. */
  readonly margin?: number;
  /** How often blocks are drawn; 2,000 unless given. */
  readonly resamples?: number;
  /** Whether the groups were measured at the same time, as by turns: their bins of one time are drawn together, so that a drift cancels. */
  readonly paired: boolean;
}

/**
 * What was decided of a metric of the candidate. `faster` and `slower` stand for better and worse where the metric is no duration.
 * `no-difference`: the whole interval lies within the margin. Else there is not enough data.
 */
export type ComparisonVerdict = "faster" | "slower" | "no-difference" | "not-enough-data";

/** How a figure of the candidate differs from the base's. Plain JSON. */
export interface MetricComparison {
  readonly metric: ThresholdMetric;
  readonly statistic: ThresholdStatistic | null;
  readonly unit: ThresholdUnit;
  /** In `unit`. */
  readonly base: number | null;
  readonly candidate: number | null;
  /** candidate − base. */
  readonly difference: number | null;
  /** The difference as a share of the base's figure; of a metric that is itself a share of requests, the difference again. */
  readonly differenceShare: number | null;
  /** Of `differenceShare`. An end is null where the samples bound it no further. */
  readonly interval: Interval;
  /** Cliff's delta: how much likelier one of the candidate's samples is to be the larger of a pair than to be the smaller, from −1 to 1. */
  readonly effectSize: number | null;
  /** Of Mann and Whitney's test of the whole distributions; null for shares of requests. The verdict does not depend on it. */
  readonly rankPValue: number | null;
  /** Of the test of this very figure. */
  readonly pValue: number | null;
  /** `pValue` corrected for the number of figures that were looked at (Holm). */
  readonly adjustedPValue: number | null;
  readonly verdict: ComparisonVerdict;
  /** About how many more requests each group needs for a verdict; null where there is one, or none can be promised. */
  readonly requestsNeeded: number | null;
  /** How many independent samples these are worth, as far as it matters to the difference. */
  readonly effectiveSamples: EffectiveSamples;
}

/** How one group differs from another. Plain JSON. */
export interface GroupComparison {
  readonly base: Target;
  readonly candidate: Target;
  readonly paired: boolean;
  readonly seed: number;
  readonly confidence: number;
  readonly margin: number;
  readonly resamples: number;
  readonly metrics: readonly MetricComparison[];
  /** What a reader should know before trusting a verdict, in sentences. */
  readonly notes: readonly string[];
}
