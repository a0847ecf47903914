import { type GroupSummary, samplesMissing, type Threshold, type ThresholdMetric, type ThresholdOutcome } from "@lens/metrics";

/** What a matcher found in one target. */
export interface Finding {
  readonly outcome: ThresholdOutcome;
  readonly group: GroupSummary;
  /** The metrics whose worst request is worth a look. */
  readonly worst: readonly ThresholdMetric[];
  /** What to do about it, in sentences. */
  readonly advice: readonly string[];
}

const PERCENTILES = [99.9, 99, 95, 90, 75, 50];

/** A count with its word: `1 request`, `2 requests`. */
export const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;

/** What to do where the sample cannot support the percentile that is asked for. */
export function samplingAdvice(threshold: Threshold, group: GroupSummary): readonly string[] {
  const missing = samplesMissing(threshold, group);
  if (missing === 0 || group.requests === 0) return [];
  const supported = PERCENTILES.find((percentile) => samplesMissing({ ...threshold, statistic: percentile }, group) === 0);
  const instead = supported === undefined ? "" : `, or expect on p${supported}, which these support`;
  return [`Take ${plural(missing, "more sample")}${instead}.`];
}

/** A finding that stands on too few requests, whatever its figure. */
export function demandSamples(finding: Finding, least: number): Finding {
  const { outcome, group } = finding;
  const missing = least - group.requests;
  if (missing <= 0) return finding;
  const reason = `at least ${plural(least, "request")} are asked for`;
  return { ...finding, outcome: { ...outcome, met: null, certain: false, reason }, advice: [`Take ${plural(missing, "more sample")}.`] };
}
