import { evaluateThreshold, isMet, rankSamples } from "./evaluate-threshold.ts";
import { nearestRank } from "./histogram.ts";
import type { GroupSummary } from "./report.ts";
import { type Threshold } from "./threshold.ts";
import { type MetricSource, type Samples, THRESHOLD_METRICS, type ThresholdMetric, type Trials } from "./threshold-metric.ts";

/** Looked at again and again, an interval is to mislead in none of a thousand looks, not in one of twenty. */
const CONFIDENCE = 0.999;
/** With fewer requests than this a cold start looks like a breach. */
const LEAST_FOR_INTERVAL = 30;
/** Of these a request gives no certain number of samples. */
const POOLED: ReadonlySet<ThresholdMetric> = new Set(["chunkGap", "itl"]);
/** Single figures that only grow while requests are sent. */
const GROWING: ReadonlySet<ThresholdMetric> = new Set(["requests", "costUsd.total"]);

/** Requests that may yet come, all of which would be the best that there can be. */
interface Course {
  readonly threshold: Threshold;
  readonly soFar: GroupSummary;
  /** Null where only time says how many. */
  readonly left: number | null;
}

const isUpperBound = ({ operator }: Threshold): boolean => operator.startsWith("<");

function samplesAreLost(samples: Samples | null, { threshold, soFar, left }: Course): boolean {
  const { metric, statistic } = threshold;
  if (samples === null) return false;
  const { total, at } = rankSamples(samples, { threshold, group: soFar });
  if (total === 0) return false;
  const isUpper = isUpperBound(threshold);
  if (statistic === (isUpper ? "max" : "min")) return !isMet(threshold, at(isUpper ? total : 1));
  if (typeof statistic !== "number" || left === null || POOLED.has(metric)) return false;
  // Better samples than all that there are move the percentile's place down from above, or leave it where it is.
  const place = nearestRank(total + left, statistic) - (isUpper ? left : 0);
  return place >= 1 && place <= total && !isMet(threshold, at(place));
}

function shareIsLost(trials: Trials | null, { threshold, left }: Course): boolean {
  if (trials === null || left === null) return false;
  const { hits, count } = trials;
  const best = isUpperBound(threshold) ? hits / (count + left) : (hits + left) / (count + left);
  return !isMet(threshold, best);
}

/** Whether even the best of requests could not turn it round any more. */
function isOutOfReach(course: Course): boolean {
  const { threshold, soFar } = course;
  const source: MetricSource = THRESHOLD_METRICS[threshold.metric];
  switch (source.kind) {
    case "samples":
      return samplesAreLost(source.read(soFar), course);
    case "share":
      return shareIsLost(source.read(soFar), course);
    case "figure": {
      const value = source.read(soFar);
      return value !== null && GROWING.has(threshold.metric) && isUpperBound(threshold) && !isMet(threshold, value);
    }
  }
}

/** Whether the interval leaves no doubt already. Of other figures than percentiles and shares, the half of a run says nothing. */
function isCertainlyMissed({ threshold, soFar }: Course): boolean {
  const { kind } = THRESHOLD_METRICS[threshold.metric];
  const hasInterval = kind === "share" || typeof threshold.statistic === "number";
  if (!hasInterval || soFar.requests < LEAST_FOR_INTERVAL) return false;
  return evaluateThreshold(threshold, soFar, { confidence: CONFIDENCE }).decided === false;
}

/** How far a run has come. */
export interface RunCourse {
  /** How many requests it is to measure, at most; null where only time says. */
  readonly planned: number | null;
}

/**
 * Why a threshold can be given up while requests are still sent: no further request could turn it round, or the interval leaves no doubt (at 99.9 %
 * confidence and from 30 requests on, since it is looked at more than once). Null as long as it may yet be met.
 */
export function lostThreshold(threshold: Threshold, soFar: GroupSummary, { planned }: RunCourse): string | null {
  const course: Course = { threshold, soFar, left: planned === null ? null : Math.max(0, planned - soFar.requests) };
  if (soFar.requests === 0) return null;
  const { reason } = evaluateThreshold(threshold, soFar);
  if (isOutOfReach(course)) return `\`${threshold.text}\` can no longer be met: ${reason}`;
  return isCertainlyMissed(course) ? `\`${threshold.text}\` is certainly breached: ${reason}` : null;
}
