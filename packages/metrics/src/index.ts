export { BASELINE_FOLDER, baselineNames, baselinePath, renderBaseline } from "./baseline.ts";
export { type SampleBin, type SampleSeries } from "./blocks.ts";
export { type Collector, type CollectorOptions, createCollector } from "./collector.ts";
export { compareGroups, compareSeries, DEFAULT_MARGIN, type SeriesOptions } from "./compare.ts";
export { type CompareOptions, type ComparisonVerdict, type GroupComparison, type MetricComparison } from "./comparison.ts";
export { type ComparisonReport, type ComparisonSide } from "./comparison-report.ts";
export { costOf, createPriceBook, loadPriceBook, type PriceBook, type RequestCost } from "./cost.ts";
export { DEFINITIONS, type MetricName } from "./definitions.ts";
export {
  chunkGapsNs,
  connectNs,
  dnsNs,
  e2eNs,
  effectiveTokensPerSecond,
  hiddenReasoningTokens,
  isAnswered,
  lastAttempt,
  type Measure,
  outputTokensPerSecond,
  reportedOutputTokens,
  responseE2eNs,
  responseTtfoNs,
  responseTtftNs,
  streamedTokens,
  tlsNs,
  tokenCount,
  tokensPerChunk,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "./derive.ts";
export {
  type Distribution,
  fromDistribution,
  fromRateDistribution,
  fromTokenDistribution,
  type PercentileIntervals,
  type PercentileName,
  type RateDistribution,
  recordRate,
  type SampleOptions,
  type TokenDistribution,
  toDistribution,
  toRateDistribution,
  toTokenDistribution,
} from "./distribution.ts";
export { type DriftMetric, type DriftSummary, findDrift, type MetricChange, type MetricDrift } from "./drift.ts";
export { type ErrorCluster } from "./error-cluster.ts";
export { type EvaluateOptions, evaluateThreshold, type ThresholdResult } from "./evaluate-threshold.ts";
export { type DurationName, figuresOf, type RequestFigures } from "./figures.ts";
export { createGroup, type Group, type GroupOptions } from "./group.ts";
export { type Gate, isRelative, parseGate, type RelativeThreshold } from "./gate.ts";
export { createHistogram, type Histogram, type SampleMoments } from "./histogram.ts";
export {
  DEFAULT_CONFIDENCE,
  histogramInterval,
  type Interval,
  quantileInterval,
  type QuantileQuestion,
  quantileRanks,
  type RankInterval,
  shareInterval,
} from "./interval.ts";
export { isClientLimited, isTainted } from "./instrument.ts";
export { describeOutcome, judgeGate, loosestThreshold, type References, unjudgedGate } from "./judge-gate.ts";
export { joinReports } from "./join.ts";
export {
  type CrashSummary,
  type LoadLevel,
  type LoadSummary,
  type ResourceSummary,
  type ScheduleSummary,
  type SearchProbe,
  type SearchSummary,
  type SweepSummary,
} from "./load-summary.ts";
export { findKnee, kneeOf, type LoadPoint } from "./knee.ts";
export { lostThreshold, type RunCourse } from "./lost-threshold.ts";
export { type MergeOptions, mergeReports } from "./merge.ts";
export { isComparison, parseDocument } from "./parse-comparison.ts";
export { parseReport, toReport } from "./parse-report.ts";
export { type Phase, phasesOf } from "./phases.ts";
export { type ModelPrice, type PriceLookup, type PriceQuery, type PriceRates, type PriceTier } from "./prices.ts";
export { type MetricRanking, type RankedGroup, rankGroups, type Ranking } from "./rank.ts";
export { histogramRankTest, type RankTest, rankTest } from "./rank-test.ts";
export { cumulativeCounts, type RecordedValue, recordedValues } from "./recorded-values.ts";
export {
  type AttemptCounts,
  type ConnectionCounts,
  type CostByKind,
  type CostSummary,
  type Definition,
  type Excluded,
  type GoodputSummary,
  type GroupSummary,
  type InstrumentState,
  type InstrumentSummary,
  type KnownRun,
  type Machine,
  type PhaseSummary,
  type PriceReference,
  type Report,
  type ResponseSummary,
  type RunManifest,
  type RunMode,
  type ServerSummary,
  type ShardSet,
  type ThroughputSummary,
  type TokenSummary,
} from "./report.ts";
export { needsCaution, samplesBeyond, samplesNeeded, supportsPercentile } from "./sample-size.ts";
export { samplesMissing } from "./samples-missing.ts";
export { type SeriesBin, type SeriesSummary } from "./series.ts";
export { createSloJudge, formatSlo, limitedMetrics, parseSlo, type Slo, type SloJudge, type SloName } from "./slo.ts";
export { createSummary, type GroupLoad, type ReportContext, summarize, type Summary, type SummaryOptions } from "./summarize.ts";
export { type TimeWindow } from "./time-window.ts";
export type { TurnSummary } from "./turn-summary.ts";
export { type CacheSide, type CacheSummary, type WorkloadSummary } from "./workload-summary.ts";
export { formatFigure, parseThreshold, type Threshold, type ThresholdOperator, type ThresholdStatistic } from "./threshold.ts";
export { THRESHOLD_METRIC_NAMES, type ThresholdMetric, type ThresholdUnit } from "./threshold-metric.ts";
export { type ThresholdOutcome, type ThresholdReference } from "./threshold-outcome.ts";
