import { nearestRank } from "./histogram.ts";
import { DEFAULT_CONFIDENCE, type Interval, quantileRanks, shareInterval } from "./interval.ts";
import type { GroupSummary } from "./report.ts";
import { samplesNeeded, supportsPercentile } from "./sample-size.ts";
import { formatFigure, type Threshold } from "./threshold.ts";
import { failedRequests, type MetricSource, type Samples, THRESHOLD_METRICS, type Trials } from "./threshold-metric.ts";

/** What became of a threshold. Plain JSON. */
export interface ThresholdResult {
  readonly threshold: Threshold;
  /** By the figure itself. Null where there is none: too few samples, or not reported. */
  readonly met: boolean | null;
  /** Met or missed at whichever end of the interval the truth is; null where the limit lies within it. As `met` for figures without an interval. */
  readonly decided: boolean | null;
  /** In the threshold's unit; null where it is unknown, or where the percentile is a failed request. */
  readonly value: number | null;
  /** In the threshold's unit; an end is null also where it is a failed request. Null where the figure has none. */
  readonly interval: Interval | null;
  /** The figure and what it stands on, in words. */
  readonly reason: string;
}

/** How thresholds are evaluated. */
export interface EvaluateOptions {
  /** Of intervals; 0.95 unless given. */
  readonly confidence?: number;
  /** How many independent requests the measured ones are worth, as those in a queue depend on one another; all of them unless given. */
  readonly independentRequests?: number;
}

type Verdict = Omit<ThresholdResult, "threshold">;

/** What is judged, by what. */
interface Case extends Required<EvaluateOptions> {
  readonly threshold: Threshold;
  readonly group: GroupSummary;
}

/** Samples with the failed requests put where they breach the limit: as Infinity above all others, or as −Infinity below. */
export interface RankedSamples {
  readonly total: number;
  /** What they are, in words. */
  readonly words: string;
  at(rank: number): number;
}

/** Whether a figure itself meets a threshold. */
export function isMet({ operator, limit }: Threshold, value: number): boolean {
  switch (operator) {
    case "<":
      return value < limit;
    case "<=":
      return value <= limit;
    case ">":
      return value > limit;
    case ">=":
      return value >= limit;
  }
}

/** What both ends of an interval say; an open end may be anything. */
function decide(threshold: Threshold, { lower, upper }: Interval): boolean | null {
  const [best, worst] = threshold.operator.startsWith("<") ? [lower, upper] : [upper, lower];
  if (worst !== null && isMet(threshold, worst)) return true;
  return best !== null && !isMet(threshold, best) ? false : null;
}

function unknown(reason: string): Verdict {
  return { met: null, decided: null, value: null, interval: null, reason };
}

/** A figure that is what it is: of it, there is no interval. */
function plain(threshold: Threshold, value: number, reason: string): Verdict {
  const met = isMet(threshold, value);
  return { met, decided: met, value: finite(value), interval: null, reason };
}

const show = (value: number, { unit }: Threshold): string => (Number.isFinite(value) ? formatFigure(value, unit) : "a failed request");

const finite = (value: number | null): number | null => (value === null || !Number.isFinite(value) ? null : value);

/** ` (780 ms to 850 ms at 95 % confidence)`, or with the end that there is. */
function range({ lower, upper }: Interval, { threshold, confidence }: Case): string {
  if (lower === null && upper === null) return "";
  const { unit } = threshold;
  const from = lower === null ? "at most " : formatFigure(lower, unit);
  const to = upper === null ? "" : formatFigure(upper, unit);
  const between = lower === null ? `${from}${to}` : upper === null ? `at least ${from}` : `${from} to ${to}`;
  return ` (${between} at ${formatFigure(confidence, "share")} confidence)`;
}

/** Puts the failed requests where they breach the limit. */
export function rankSamples(
  { histogram, scale, perFailure }: Samples,
  { threshold, group }: Pick<Case, "threshold" | "group">,
): RankedSamples {
  const { count, min } = histogram.moments();
  const failed = perFailure === 0 ? 0 : failedRequests(group);
  const failures = failed * perFailure;
  const below = threshold.operator.startsWith("<") ? 0 : failures;
  return {
    total: count + failures,
    words: `${count} ${count === 1 ? "sample" : "samples"}${failed === 0 ? "" : ` and ${failed} failed ${failed === 1 ? "request" : "requests"}`}`,
    at(place) {
      const found = place - below;
      if (found < 1) return -Infinity;
      if (found > count) return Infinity;
      // The smallest is known exactly, not only to the histogram's resolution, as the largest is.
      return (found === 1 ? min : histogram.valueAtRank(found)) / scale;
    },
  };
}

function judgePercentile(percentile: number, { total, words, at }: RankedSamples, of: Case): Verdict {
  const { threshold, confidence, independentRequests } = of;
  const ranks = quantileRanks(total, { percentile, confidence, independent: Math.min(total, independentRequests) });
  const end = (place: number | null): number | null => (place === null ? null : at(place));
  const ends = { lower: end(ranks.lowerRank), upper: end(ranks.upperRank) };
  const interval = { lower: finite(ends.lower), upper: finite(ends.upper) };
  const decided = decide(threshold, ends);
  const sure = range(interval, of);
  if (!supportsPercentile(total, percentile)) {
    const stands = `p${percentile} needs ${samplesNeeded(percentile)} samples`;
    if (decided === false)
      return { met: false, decided, value: null, interval, reason: `${stands}, but even ${words} leave no doubt${sure}` };
    return { met: null, decided: null, value: null, interval, reason: `${stands}, and stands on ${words}${sure}` };
  }
  const value = at(nearestRank(total, percentile));
  const reason = `p${percentile} is ${show(value, threshold)}${sure}, over ${words}`;
  return { met: isMet(threshold, value), decided, value: finite(value), interval, reason };
}

function judgeMean(mean: number, { words }: RankedSamples, { threshold, group }: Case): Verdict {
  const reason = `mean is ${show(mean, threshold)}, over ${words}`;
  const verdict = plain(threshold, mean, reason);
  if (failedRequests(group) === 0 || verdict.met === false) return verdict;
  return { ...verdict, met: null, decided: null, reason: `${reason}: a mean has no place for failures, a percentile has` };
}

function judgeSamples(samples: Samples | null, of: Case): Verdict {
  const { threshold, group } = of;
  const { metric, statistic } = threshold;
  if (samples === null) return unknown(`${metric} is not known in this run`);
  const failed = failedRequests(group);
  if (group.requests === 0) return unknown("there are no requests");
  if (failed === group.requests)
    return { met: false, decided: false, value: null, interval: null, reason: `all ${failed} requests failed` };
  const mean = samples.histogram.mean();
  if (mean === null) return unknown(`no request gave a ${metric}`);
  const ranked = rankSamples(samples, of);
  if (typeof statistic === "number") return judgePercentile(statistic, ranked, of);
  if (statistic === "mean") return judgeMean(mean / samples.scale, ranked, of);
  const value = ranked.at(statistic === "min" ? 1 : ranked.total);
  return plain(threshold, value, `${statistic} is ${show(value, threshold)}, over ${ranked.words}`);
}

function judgeShare(trials: Trials | null, of: Case): Verdict {
  const { threshold, confidence } = of;
  if (trials === null) return unknown(`${threshold.metric} is not known in this run`);
  const { hits, count } = trials;
  if (count === 0) return unknown("there are no requests");
  const value = hits / count;
  const interval = shareInterval(hits, count, confidence);
  const reason = `${threshold.metric} is ${show(value, threshold)}${range(interval, of)}: ${hits} of ${count} requests`;
  return { met: isMet(threshold, value), decided: decide(threshold, interval), value, interval, reason };
}

function judgeFigure(value: number | null, { threshold }: Case): Verdict {
  if (value === null) return unknown(`${threshold.metric} is not known in this run`);
  return plain(threshold, value, `${threshold.metric} is ${show(value, threshold)}`);
}

function judge(of: Case): Verdict {
  const source: MetricSource = THRESHOLD_METRICS[of.threshold.metric];
  switch (source.kind) {
    case "samples":
      return judgeSamples(source.read(of.group), of);
    case "share":
      return judgeShare(source.read(of.group), of);
    case "figure":
      return judgeFigure(source.read(of.group), of);
  }
}

/**
 * Whether a group's figures meet a threshold. Failed requests count as worse than any answered one: for `ttft p95 < 500ms` they are the slowest,
 * for `outputTokensPerSecond p5 > 20` the slowest again. Intervals are of order statistics; gaps of one request are taken for one sample.
 */
export function evaluateThreshold(threshold: Threshold, group: GroupSummary, options: EvaluateOptions = {}): ThresholdResult {
  const { confidence = DEFAULT_CONFIDENCE, independentRequests = group.requests } = options;
  return { threshold, ...judge({ threshold, group, confidence, independentRequests }) };
}
