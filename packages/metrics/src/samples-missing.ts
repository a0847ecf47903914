import { rankSamples } from "./evaluate-threshold.ts";
import type { GroupSummary } from "./report.ts";
import { samplesNeeded } from "./sample-size.ts";
import type { Threshold } from "./threshold.ts";
import { type MetricSource, THRESHOLD_METRICS } from "./threshold-metric.ts";

/** How many samples more the percentile of a threshold needs to be judged at all; 0 where it needs none, or is no percentile. */
export function samplesMissing(threshold: Threshold, group: GroupSummary): number {
  const { metric, statistic } = threshold;
  const source: MetricSource = THRESHOLD_METRICS[metric];
  if (typeof statistic !== "number" || source.kind !== "samples") return 0;
  const samples = source.read(group);
  const total = samples === null ? 0 : rankSamples(samples, { threshold, group }).total;
  return Math.max(0, samplesNeeded(statistic) - total);
}
