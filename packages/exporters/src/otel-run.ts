import type { Distribution, GroupSummary, Machine, Report, TokenDistribution } from "@lens/metrics";
import { bucketDurations, bucketTokens, type BucketedSamples } from "./bucketed-samples.ts";
import { genAiAttributes, type OtelAttributes } from "./otel-attributes.ts";
import {
  GENAI_METRICS,
  GENAI_METRICS_V1_41,
  LENS_METRICS,
  type OtelHistogram,
  type OtelMetric,
  type SemanticConvention,
} from "./otel-metrics.ts";

/** One value of a metric. */
export interface OtelPoint<Value> {
  readonly attributes: OtelAttributes;
  readonly value: Value;
}

/** A metric with all its points; at least one. */
export type OtelMetricData =
  | { readonly kind: "count" | "amount"; readonly metric: OtelMetric; readonly points: readonly OtelPoint<number>[] }
  | { readonly kind: "histogram"; readonly metric: OtelHistogram; readonly points: readonly OtelPoint<BucketedSamples>[] };

/** A finished run as OpenTelemetry sees it: sums from its start to its end. */
export interface OtelRun {
  readonly resource: OtelAttributes;
  readonly scope: Report["tool"];
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly metrics: readonly OtelMetricData[];
}

const NS_PER_MS = 1e6;
/** Node's words, where the conventions have others. */
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ["x64", "amd64"],
  ["ia32", "x86"],
  ["arm", "arm32"],
]);
const SYSTEMS: ReadonlyMap<string, string> = new Map([
  ["win32", "windows"],
  ["sunos", "solaris"],
]);

function machineAttributes({ platform, arch }: Machine): OtelAttributes {
  return { "os.type": SYSTEMS.get(platform) ?? platform, "host.arch": ARCHITECTURES.get(arch) ?? arch };
}

/** The instance is the run, or a shard of it: two of them that are sent one after the other do not continue one another. */
function resourceOf({ tool, run: { startedAtMs, shards, machine } }: Report): OtelAttributes {
  return {
    "service.name": tool.name,
    "service.version": tool.version,
    "service.instance.id": [startedAtMs, ...(shards?.numbers ?? [])].join("-"),
    ...(machine === null ? {} : machineAttributes(machine)),
  };
}

/** The one model that answered; null where several did, or none. */
function responseModelOf({ models }: GroupSummary): string | null {
  const [name, ...others] = Object.keys(models);
  return name === undefined || others.length > 0 ? null : name;
}

/** What there is of a group: values with attributes of their own; null for what is not known, which gives no point. */
type Reading<Value> = (group: GroupSummary) => readonly (readonly [OtelAttributes, Value | null])[];

type Table<Metric, Value> = readonly (readonly [Metric, (group: GroupSummary) => Value | null])[];

const genAiDurations = (metrics: Pick<typeof GENAI_METRICS, "duration" | "timeToFirstChunk" | "timePerOutputChunk">) =>
  [
    [metrics.duration, ({ e2e }) => e2e],
    [metrics.timeToFirstChunk, ({ ttft }) => ttft],
    [metrics.timePerOutputChunk, ({ chunkGap }) => chunkGap],
  ] as const satisfies Table<OtelHistogram, Distribution>;

const OWN_DURATIONS: Table<OtelHistogram, Distribution> = [
  [LENS_METRICS.chunkGap, ({ chunkGap }) => chunkGap],
  [LENS_METRICS.tpot, ({ tpot }) => tpot],
  [LENS_METRICS.ttfo, ({ ttfo }) => ttfo],
  [LENS_METRICS.responseTtft, ({ response }) => response?.ttft ?? null],
  [LENS_METRICS.responseDuration, ({ response }) => response?.e2e ?? null],
];

const TOKENS_OF_EACH: Table<OtelHistogram, TokenDistribution> = [
  [GENAI_METRICS.operationInputTokens, ({ tokens }) => tokens.inputPerRequest],
  [GENAI_METRICS.operationOutputTokens, ({ tokens }) => tokens.outputPerRequest],
];

const TOKENS_OF_ALL: Table<OtelMetric, number> = [
  [GENAI_METRICS.inputTokens, ({ tokens }) => tokens.input],
  [GENAI_METRICS.outputTokens, ({ tokens }) => tokens.output],
  [GENAI_METRICS.cacheReadTokens, ({ tokens }) => tokens.cacheRead],
  [GENAI_METRICS.cacheWriteTokens, ({ tokens }) => tokens.cacheWrite],
  [GENAI_METRICS.reasoningTokens, ({ tokens }) => tokens.reasoning],
];

const COUNTS: readonly (readonly [OtelMetric, Reading<number>])[] = [
  [LENS_METRICS.requests, ({ outcomes }) => Object.entries(outcomes).map(([outcome, count]) => [{ "lens.outcome": outcome }, count])],
  [LENS_METRICS.errors, ({ errors }) => Object.entries(errors).map(([code, count]) => [{ "error.type": code }, count])],
  [
    LENS_METRICS.sloRequests,
    ({ goodput }) => [
      [{ "lens.slo.met": true }, goodput === null ? null : goodput.met],
      [{ "lens.slo.met": false }, goodput === null ? null : goodput.judged - goodput.met],
    ],
  ],
];

function pointsOf<Value>(groups: readonly GroupSummary[], read: Reading<Value>): readonly OtelPoint<Value>[] {
  return groups.flatMap((group) => {
    const target = genAiAttributes(group.target, responseModelOf(group));
    return read(group).flatMap(([attributes, value]) => (value === null ? [] : [{ attributes: { ...target, ...attributes }, value }]));
  });
}

/** One histogram for each row. */
function histograms<Samples>(
  groups: readonly GroupSummary[],
  table: Table<OtelHistogram, Samples>,
  bucket: (samples: Samples, bounds: readonly number[]) => BucketedSamples | null,
): readonly OtelMetricData[] {
  return table.map(([metric, read]) => {
    const points = pointsOf(groups, (group) => {
      const samples = read(group);
      return [[{}, samples === null ? null : bucket(samples, metric.bounds)]];
    });
    return { kind: "histogram", metric, points };
  });
}

function latestMetrics(groups: readonly GroupSummary[]): readonly OtelMetricData[] {
  return [
    ...histograms(groups, genAiDurations(GENAI_METRICS), bucketDurations),
    ...histograms(groups, TOKENS_OF_EACH, bucketTokens),
    ...TOKENS_OF_ALL.map(([metric, read]): OtelMetricData => ({
      kind: "count",
      metric,
      points: pointsOf(groups, (group) => [[{}, read(group)]]),
    })),
  ];
}

function metricsOfV1_41(groups: readonly GroupSummary[]): readonly OtelMetricData[] {
  const { tokenUsage } = GENAI_METRICS_V1_41;
  const points = pointsOf(groups, ({ tokens }) => [
    [{ "gen_ai.token.type": "input" }, bucketTokens(tokens.inputPerRequest, tokenUsage.bounds)],
    [{ "gen_ai.token.type": "output" }, bucketTokens(tokens.outputPerRequest, tokenUsage.bounds)],
  ]);
  return [...histograms(groups, genAiDurations(GENAI_METRICS_V1_41), bucketDurations), { kind: "histogram", metric: tokenUsage, points }];
}

function ownMetrics({ groups, instrument }: Report): readonly OtelMetricData[] {
  const lateness = bucketDurations(instrument.lateness, LENS_METRICS.lateness.bounds);
  return [
    ...histograms(groups, OWN_DURATIONS, bucketDurations),
    ...COUNTS.map(([metric, read]): OtelMetricData => ({ kind: "count", metric, points: pointsOf(groups, read) })),
    { kind: "amount", metric: LENS_METRICS.cost, points: pointsOf(groups, ({ costUsd }) => [[{}, costUsd.total]]) },
    { kind: "histogram", metric: LENS_METRICS.lateness, points: lateness === null ? [] : [{ attributes: {}, value: lateness }] },
  ];
}

/**
 * What a report says, under our own names and those of the GenAI conventions, the latest unless `semconv` says others. Durations are of answered requests, so
 * none has an `error.type`; failures are counted in `lens.client.errors`. What is not known, or has no samples, is absent. Throws `INVALID_ARGUMENT` for a
 * histogram that cannot be read.
 */
export function otelRun(report: Report, semconv: SemanticConvention = "latest"): OtelRun {
  const { groups, run, tool } = report;
  const metrics = [
    ...(semconv === "v1.41" ? [] : latestMetrics(groups)),
    ...(semconv === "latest" ? [] : metricsOfV1_41(groups)),
    ...ownMetrics(report),
  ];
  return {
    resource: resourceOf(report),
    scope: tool,
    startedAtMs: run.startedAtMs,
    endedAtMs: run.startedAtMs + run.durationNs / NS_PER_MS,
    metrics: metrics.filter(({ points }) => points.length > 0),
  };
}
