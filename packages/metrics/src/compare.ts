import { LensError } from "@lens/core";
import type { SampleSeries } from "./blocks.ts";
import { compareSamples } from "./compare-samples.ts";
import type { CompareOptions, GroupComparison, MetricComparison } from "./comparison.ts";
import { decideAll } from "./decide.ts";
import { findDifferences, type PairFindings } from "./find-differences.ts";
import { type CompareSettings, findingsOf, type GroupPair } from "./finding.ts";
import { DEFAULT_CONFIDENCE } from "./interval.ts";
import type { GroupSummary } from "./report.ts";
import { failedRequests, type ThresholdMetric } from "./threshold-metric.ts";

/** The share below which a difference does not matter unless said otherwise. */
export const DEFAULT_MARGIN = 0.02;
const DEFAULT_RESAMPLES = 2000;
/** Fewer draws would leave the ends of an interval to chance. */
const FEWEST_RESAMPLES = 200;

function refuse(expected: string, got: number): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${got}\`.`);
}

/** The options with their defaults. Throws `INVALID_ARGUMENT` for one out of its range. */
export function resolveCompareOptions(options: CompareOptions): CompareSettings {
  const { seed, confidence = DEFAULT_CONFIDENCE, margin = DEFAULT_MARGIN, resamples = DEFAULT_RESAMPLES, paired } = options;
  if (!Number.isSafeInteger(seed)) refuse("a comparison's seed to be a whole number", seed);
  if (!(confidence > 0 && confidence < 1)) refuse("a confidence between 0 and 1", confidence);
  if (!(margin >= 0 && margin < 1)) refuse("a margin from 0 up to 1, as 0.02 for 2 %", margin);
  if (!Number.isSafeInteger(resamples) || resamples < FEWEST_RESAMPLES)
    refuse(`resamples to be a whole number from ${FEWEST_RESAMPLES} up`, resamples);
  return { seed, confidence, margin, resamples, paired };
}

/** Speed per request is the reciprocal of its time per token: it is decided with that, not a second time. */
function addRates(row: MetricComparison, { base, candidate }: GroupPair): readonly MetricComparison[] {
  const [from, to] = [base.outputTokensPerSecond.p50PerSecond, candidate.outputTokensPerSecond.p50PerSecond];
  if (row.metric !== "tpot" || row.statistic !== 50 || from === null || to === null || from === 0) return [row];
  const reciprocal = (share: number | null): number | null => (share === null ? null : 1 / (1 + share) - 1);
  return [
    row,
    {
      ...row,
      metric: "outputTokensPerSecond",
      unit: "per second",
      base: from,
      candidate: to,
      difference: to - from,
      differenceShare: to / from - 1,
      interval: { lower: reciprocal(row.interval.upper), upper: reciprocal(row.interval.lower) },
      effectSize: row.effectSize === null ? null : -row.effectSize,
    },
  ];
}

const listed = (names: readonly string[]): string => names.join(", ");

function failureNote(group: GroupSummary): readonly string[] {
  const failed = failedRequests(group);
  if (group.requests === 0) return [`${group.target.label} has no measured requests.`];
  if (failed === 0) return [];
  return [`${failed} of ${group.requests} requests of ${group.target.label} failed: its latencies are of the answered ones only.`];
}

function notesOn(
  { pair: { base, candidate }, unsupported, untimed, unbinned, unpaired }: PairFindings,
  { paired }: CompareSettings,
): readonly string[] {
  const notes = [...failureNote(base), ...failureNote(candidate)];
  if (unsupported.length > 0) notes.push(`Too few samples for ${listed(unsupported)}.`);
  if (untimed.length > 0)
    notes.push(
      `Requests were taken for independent of one another, as their times are not known or too close together, in ${listed(untimed)}.`,
    );
  if (unbinned.length > 0)
    notes.push(`Bins of time do not keep ${listed(unbinned)}: requests were taken to depend on one another as they do in ttft.`);
  if (unpaired.length > 0)
    notes.push(`The groups have too few requests of the same time to compare them stretch by stretch in ${listed(unpaired)}.`);
  if (!paired || unpaired.length > 0)
    notes.push(
      "The groups were not measured at the same time: what changed on the way or at the server in between counts as a difference.",
    );
  return notes;
}

/** Compares the groups of each pair; p-values are corrected for what was looked at in all of them. One comparison a pair, in the same order. */
export function comparePairs<Pairs extends readonly GroupPair[]>(pairs: Pairs, settings: CompareSettings) {
  const found = findDifferences(pairs, settings);
  const decided = decideAll(
    found.map(({ findings }) => findings),
    settings.confidence,
  );
  const comparisons = found.map((of, index): GroupComparison => ({
    base: of.pair.base.target,
    candidate: of.pair.candidate.target,
    ...settings,
    metrics: (decided[index] ?? []).flatMap((row) => addRates(row, of.pair)),
    notes: notesOn(of, settings),
  }));
  return comparisons as { readonly [At in keyof Pairs]: GroupComparison };
}

/** Which percentiles of a measure to compare, and how. */
export interface SeriesOptions extends CompareOptions {
  readonly metric: ThresholdMetric;
  /** Those that either series cannot support are left out. */
  readonly percentiles: readonly number[];
}

/**
 * As `compareGroups`, for durations of one measure that stand in no report: each series' samples, and those of each bin of time. The fewer
 * independent samples stand for the requests of which more may be needed. Empty where either series is.
 */
export function compareSeries(base: SampleSeries, candidate: SampleSeries, options: SeriesOptions): readonly MetricComparison[] {
  const settings = resolveCompareOptions(options);
  const { metric, percentiles } = options;
  const found = compareSamples(base, candidate, { ...settings, percentiles });
  if (found === null) return [];
  const requests = Math.min(base.independent, candidate.independent);
  return decideAll([findingsOf(metric, found, requests, settings)], settings.confidence).flat();
}

/**
 * Compares two groups figure by figure. A difference is called only where the interval excludes 0, the figures differ by more than the margin and the
 * p-value holds in spite of the number of figures looked at; `no-difference` only where the whole interval lies within the margin. Needs no records:
 * the bins of each group's series are the blocks of the bootstrap. Throws `INVALID_ARGUMENT` for an option out of its range or a histogram that
 * cannot be read.
 */
export function compareGroups(base: GroupSummary, candidate: GroupSummary, options: CompareOptions): GroupComparison {
  const [comparison] = comparePairs([{ base, candidate }] as const, resolveCompareOptions(options));
  return comparison;
}
