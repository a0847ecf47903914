import type { Interval } from "./interval.ts";
import type { ThresholdOperator, ThresholdStatistic } from "./threshold.ts";
import type { ThresholdMetric, ThresholdUnit } from "./threshold-metric.ts";

/** What a threshold is relative to. */
export interface ThresholdReference {
  /** A file or a saved baseline, as it was named. */
  readonly name: string;
  /** How far the figure may lie from the reference's: a share of that one, so that 0.1 is `+10%`; for a metric that is a share itself, to be added to it. */
  readonly allowed: number;
  /** The reference's figure, in the unit; null where it gives none. */
  readonly value: number | null;
  /** How far the figure does lie from it, counted as `allowed` is; null where one of the two is not known. */
  readonly change: number | null;
}

/** What became of one threshold in one group. Plain JSON. */
export interface ThresholdOutcome {
  /** As it was written, with single blanks. */
  readonly text: string;
  /** The label of the group that was judged. */
  readonly label: string;
  readonly metric: ThresholdMetric;
  /** Null for a metric that is a single figure. */
  readonly statistic: ThresholdStatistic | null;
  readonly operator: ThresholdOperator;
  /** What the figure was held against, in the unit; null where a reference should have given it and did not. */
  readonly limit: number | null;
  readonly unit: ThresholdUnit;
  /** By the figure itself. Null where it cannot be judged, which is no success. */
  readonly met: boolean | null;
  /** Whether the whole interval says the same; of a figure without one, always. False where it cannot be judged. */
  readonly certain: boolean;
  /** In the unit; null where it is not known, or where the percentile is a failed request. */
  readonly value: number | null;
  /** At 95 % confidence, in the unit; an end is null where there is no bound or it is a failed request. Null where the figure has none. */
  readonly interval: Interval | null;
  /** The figure and what it stands on, in words. */
  readonly reason: string;
  /** Null for a threshold that is relative to nothing. */
  readonly reference: ThresholdReference | null;
}
