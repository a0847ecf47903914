import type { SampleBin, SampleSeries } from "./blocks.ts";
import { type Distribution, fromDistribution } from "./distribution.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { GroupSummary } from "./report.ts";
import type { SeriesBin, SeriesSummary } from "./series.ts";
import type { ThresholdMetric } from "./threshold-metric.ts";

/** A measure whose percentiles are compared. */
export interface ComparableMeasure {
  readonly metric: ThresholdMetric;
  readonly percentiles: readonly number[];
  /** Null where the group has none. */
  readonly read: (group: GroupSummary) => Distribution | null;
  /** Null where bins do not keep the measure; gives null for a bin that has none. */
  readonly readBin: ((bin: SeriesBin) => Distribution | null) | null;
  /** Whether it says anything of the group that no other measure does. A measure is compared where it does of either. */
  readonly adds: (group: GroupSummary) => boolean;
}

const always = (): boolean => true;

/** What is compared unless the groups lack it. */
export const COMPARABLE_MEASURES: readonly ComparableMeasure[] = [
  { metric: "ttft", percentiles: [50, 95, 99], read: (group) => group.ttft, readBin: (bin) => bin.ttft, adds: always },
  {
    metric: "ttfo",
    percentiles: [50, 95],
    read: (group) => group.ttfo,
    readBin: null,
    // The same histogram is the same times, as where nothing is thought before anything is said.
    adds: ({ ttfo, ttft }) => ttfo.hdr !== ttft.hdr,
  },
  {
    metric: "response.ttft",
    percentiles: [95],
    read: (group) => group.response?.ttft ?? null,
    readBin: (bin) => bin.responseTtft,
    adds: always,
  },
  { metric: "chunkGap", percentiles: [50, 99], read: (group) => group.chunkGap, readBin: (bin) => bin.chunkGap, adds: always },
  { metric: "tpot", percentiles: [50], read: (group) => group.tpot, readBin: (bin) => bin.tpot, adds: always },
  { metric: "e2e", percentiles: [50, 95], read: (group) => group.e2e, readBin: (bin) => bin.e2e, adds: always },
];

const NS_PER_MS = 1e6;

/** The bins of a series, numbered from the epoch on, so that those of several groups fall together. */
function numberBins(series: SeriesSummary, histogramOf: (bin: SeriesBin) => Histogram | null): readonly SampleBin[] {
  const first = Math.round((series.originMs * NS_PER_MS) / series.binNs);
  return series.bins.flatMap((bin) => {
    const histogram = histogramOf(bin);
    return histogram === null ? [] : [{ index: first + bin.index, histogram }];
  });
}

/** The samples of a measure, all and by bin; null where the group has none. Throws `INVALID_ARGUMENT` where a histogram cannot be read. */
export function readSamples(group: GroupSummary, { read, readBin }: ComparableMeasure): SampleSeries | null {
  const distribution = read(group);
  if (distribution === null || distribution.count === 0) return null;
  const histogramOf = (bin: SeriesBin): Histogram | null => {
    const ofBin = readBin?.(bin) ?? null;
    return ofBin === null ? null : fromDistribution(ofBin);
  };
  return {
    histogram: fromDistribution(distribution),
    independent: group.requests,
    binNs: group.series?.binNs ?? 1,
    bins: group.series === null ? [] : numberBins(group.series, histogramOf),
  };
}

/** As many samples of 0 and of 1 as there were answered and failed requests: failures come in bursts as slow answers do. */
function failureHistogram(sent: number, failed: number): Histogram {
  const histogram = createHistogram();
  for (let request = 0; request < sent; request += 1) histogram.record(request < failed ? 1 : 0);
  return histogram;
}

/** Which requests failed, as samples of 0 and 1. */
export function readFailures(group: GroupSummary, failed: number): SampleSeries {
  return {
    histogram: failureHistogram(group.requests, failed),
    independent: group.requests,
    binNs: group.series?.binNs ?? 1,
    bins: group.series === null ? [] : numberBins(group.series, (bin) => failureHistogram(bin.sent, bin.failed)),
  };
}
