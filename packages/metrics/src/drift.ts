import { formatDuration } from "@lens/core";
import { type Distribution, fromDistribution } from "./distribution.ts";
import { type ErrorCluster, findErrorCluster } from "./error-cluster.ts";
import { createHistogram } from "./histogram.ts";
import type { SeriesBin, SeriesSummary } from "./series.ts";
import { FEWEST_IN_TREND, trendPValue } from "./trend.ts";

const METRICS = {
  ttft: (bin: SeriesBin) => bin.ttft,
  tpot: (bin: SeriesBin) => bin.tpot,
  e2e: (bin: SeriesBin) => bin.e2e,
  "response.ttft": (bin: SeriesBin) => bin.responseTtft,
} as const satisfies Readonly<Record<string, (bin: SeriesBin) => Distribution | null>>;

/** A metric whose medians are looked at over time. */
export type DriftMetric = keyof typeof METRICS;

/** A metric at the beginning and at the end of a run. */
export interface MetricChange {
  /** Medians of the first and the last quarter of its samples. */
  readonly firstNs: number;
  readonly lastNs: number;
  /** `last / first − 1`. */
  readonly share: number;
}

/** How a metric went over the run. */
export interface MetricDrift {
  readonly metric: DriftMetric;
  /** Of a test for a trend over the run (`trendPValue`). */
  readonly pValue: number;
  /** By how much, where there is a trend: p < 0.02. */
  readonly change: MetricChange | null;
  /** Whether the change is large enough to matter: at least 5 %. */
  readonly drifted: boolean;
}

/** What changed while a group ran. */
export interface DriftSummary {
  /** Empty where there were too few requests or bins of time to tell. */
  readonly metrics: readonly MetricDrift[];
  /** Null where failures, if any, were spread over the run. */
  readonly errors: ErrorCluster | null;
  /** What drifted, in words; empty where nothing did. */
  readonly findings: readonly string[];
}

/** Of each metric: with those that are looked at, in few of a hundred steady runs does any seem to drift. */
const SIGNIFICANCE = 0.02;
const LEAST_CHANGE = 0.05;
const SAMPLES_PER_BLOCK = 5;
/** By how much more the wait from the due time must have changed to be told beside the TTFT. */
const FAR_MORE = 1.5;

/** The middle of a bin's samples. */
const middleOf = ({ p50Ns, meanNs }: Distribution): number => p50Ns ?? meanNs ?? 0;

/** Values of equal weight, in order of time: neighbouring distributions together make for about as many samples in each. */
function blocksOf(distributions: readonly Distribution[], samples: number): readonly number[] {
  const blocks: number[] = [];
  const target = Math.max(SAMPLES_PER_BLOCK, samples / distributions.length);
  let count = 0;
  let sum = 0;
  for (const distribution of distributions) {
    count += distribution.count;
    sum += distribution.count * middleOf(distribution);
    if (count < target) continue;
    blocks.push(sum / count);
    count = 0;
    sum = 0;
  }
  return blocks;
}

/** The median of the first quarter of all samples, to the end of a bin. */
function quarterMedian(distributions: readonly Distribution[], samples: number): number {
  const pool = createHistogram();
  for (const distribution of distributions) {
    if (pool.moments().count * 4 >= samples) break;
    pool.merge(fromDistribution(distribution));
  }
  return pool.percentile(50) ?? pool.moments().min;
}

function changeOf(distributions: readonly Distribution[], samples: number): MetricChange | null {
  const firstNs = quarterMedian(distributions, samples);
  const lastNs = quarterMedian(distributions.toReversed(), samples);
  return firstNs === 0 ? null : { firstNs, lastNs, share: lastNs / firstNs - 1 };
}

function driftOf(metric: DriftMetric, bins: readonly SeriesBin[]): readonly MetricDrift[] {
  const distributions = bins.flatMap((bin) => METRICS[metric](bin) ?? []).filter(({ count }) => count > 0);
  const samples = distributions.reduce((sum, { count }) => sum + count, 0);
  const blocks = blocksOf(distributions, samples);
  if (blocks.length < FEWEST_IN_TREND) return [];
  const pValue = trendPValue(blocks);
  const change = pValue < SIGNIFICANCE ? changeOf(distributions, samples) : null;
  return [{ metric, pValue, change, drifted: change !== null && Math.abs(change.share) >= LEAST_CHANGE }];
}

/** A metric that drifted. */
interface Drifted {
  readonly metric: DriftMetric;
  readonly change: MetricChange;
}

function inWords({ metric, change: { firstNs, lastNs, share } }: Drifted): string {
  const name = metric.replace(/[a-z]\w+$/, (word) => word.toUpperCase()).replace(".", " ");
  const percent = Math.round(Math.abs(share) * 100);
  const medians = `median ${formatDuration(firstNs)} in its first quarter, ${formatDuration(lastNs)} in its last`;
  return `${name} ${share > 0 ? "rose" : "fell"} by ${percent} % during the run (${medians})`;
}

/** Those that say something of their own: an end-to-end time drifts with its parts, and a wait from the due time with the TTFT. */
function worthTelling(metrics: readonly MetricDrift[]): readonly Drifted[] {
  const drifts = metrics.flatMap(({ metric, change, drifted }) => (drifted && change !== null ? [{ metric, change }] : []));
  const find = (name: DriftMetric): Drifted | undefined => drifts.find(({ metric }) => metric === name);
  const [ttft, tpot, response] = [find("ttft"), find("tpot"), find("response.ttft")];
  const waited = response !== undefined && (ttft === undefined || Math.abs(response.change.share) > FAR_MORE * Math.abs(ttft.change.share));
  const told = [ttft, tpot, waited ? response : undefined].filter((drift) => drift !== undefined);
  return told.length > 0 ? told : drifts;
}

/**
 * Looks for what changed over a run: latencies whose medians rise or fall steadily, and failures that cluster. On a run without change it speaks
 * up in at most 5 of 100 cases.
 */
export function findDrift({ binNs, bins }: SeriesSummary): DriftSummary {
  const metrics = (Object.keys(METRICS) as DriftMetric[]).flatMap((metric) => driftOf(metric, bins));
  const errors = findErrorCluster(bins, binNs);
  return { metrics, errors, findings: [...worthTelling(metrics).map(inWords), ...(errors === null ? [] : [errors.words])] };
}
