import type { GroupSummary, Machine, Report } from "@lens/metrics";
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

/** What there is of a group: a value with attributes of its own; null for what is not known, which gives no point. */
type Reading<Value> = (group: GroupSummary) => readonly (readonly [OtelAttributes, Value | null])[];

const plain =
  <Value>(read: (group: GroupSummary) => Value | null): Reading<Value> =>
  (group) => [[{}, read(group)]];

const byKey =
  (attribute: string, read: (group: GroupSummary) => Readonly<Record<string, number>>): Reading<number> =>
  (group) =>
    Object.entries(read(group)).map(([key, value]) => [{ [attribute]: key }, value]);

function pointsOf<Value>(groups: readonly GroupSummary[], read: Reading<Value>): readonly OtelPoint<Value>[] {
  return groups.flatMap((group) => {
    const target = genAiAttributes(group.target, responseModelOf(group));
    return read(group).flatMap(([attributes, value]) => (value === null ? [] : [{ attributes: { ...target, ...attributes }, value }]));
  });
}

/** How metrics are made of the groups of a report. */
function metricsOf(groups: readonly GroupSummary[]) {
  const histogram = (metric: OtelHistogram, read: Reading<BucketedSamples>): OtelMetricData => ({
    kind: "histogram",
    metric,
    points: pointsOf(groups, read),
  });
  return {
    count: (metric: OtelMetric, read: Reading<number>): OtelMetricData => ({ kind: "count", metric, points: pointsOf(groups, read) }),
    amount: (metric: OtelMetric, read: Reading<number>): OtelMetricData => ({ kind: "amount", metric, points: pointsOf(groups, read) }),
    histogram,
    durations: (metric: OtelHistogram, read: (group: GroupSummary) => GroupSummary["e2e"] | null): OtelMetricData =>
      histogram(
        metric,
        plain((group) => {
          const distribution = read(group);
          return distribution === null ? null : bucketDurations(distribution, metric.bounds);
        }),
      ),
  };
}

function latestMetrics(groups: readonly GroupSummary[]): readonly OtelMetricData[] {
  const { durations, histogram, count } = metricsOf(groups);
  const { operationInputTokens, operationOutputTokens, ...metrics } = GENAI_METRICS;
  return [
    durations(metrics.duration, ({ e2e }) => e2e),
    durations(metrics.timeToFirstChunk, ({ ttft }) => ttft),
    durations(metrics.timePerOutputChunk, ({ chunkGap }) => chunkGap),
    histogram(
      operationInputTokens,
      plain(({ tokens }) => bucketTokens(tokens.inputPerRequest, operationInputTokens.bounds)),
    ),
    histogram(
      operationOutputTokens,
      plain(({ tokens }) => bucketTokens(tokens.outputPerRequest, operationOutputTokens.bounds)),
    ),
    count(
      metrics.inputTokens,
      plain(({ tokens }) => tokens.input),
    ),
    count(
      metrics.outputTokens,
      plain(({ tokens }) => tokens.output),
    ),
    count(
      metrics.cacheReadTokens,
      plain(({ tokens }) => tokens.cacheRead),
    ),
    count(
      metrics.cacheWriteTokens,
      plain(({ tokens }) => tokens.cacheWrite),
    ),
    count(
      metrics.reasoningTokens,
      plain(({ tokens }) => tokens.reasoning),
    ),
  ];
}

function metricsOfV1_41(groups: readonly GroupSummary[]): readonly OtelMetricData[] {
  const { durations, histogram } = metricsOf(groups);
  const { tokenUsage, ...metrics } = GENAI_METRICS_V1_41;
  return [
    durations(metrics.duration, ({ e2e }) => e2e),
    durations(metrics.timeToFirstChunk, ({ ttft }) => ttft),
    durations(metrics.timePerOutputChunk, ({ chunkGap }) => chunkGap),
    histogram(tokenUsage, ({ tokens }) => [
      [{ "gen_ai.token.type": "input" }, bucketTokens(tokens.inputPerRequest, tokenUsage.bounds)],
      [{ "gen_ai.token.type": "output" }, bucketTokens(tokens.outputPerRequest, tokenUsage.bounds)],
    ]),
  ];
}

function ownMetrics({ groups, instrument }: Report): readonly OtelMetricData[] {
  const { durations, count, amount } = metricsOf(groups);
  const lateness = bucketDurations(instrument.lateness, LENS_METRICS.lateness.bounds);
  return [
    durations(LENS_METRICS.chunkGap, ({ chunkGap }) => chunkGap),
    durations(LENS_METRICS.tpot, ({ tpot }) => tpot),
    durations(LENS_METRICS.ttfo, ({ ttfo }) => ttfo),
    durations(LENS_METRICS.responseTtft, ({ response }) => response?.ttft ?? null),
    durations(LENS_METRICS.responseDuration, ({ response }) => response?.e2e ?? null),
    count(
      LENS_METRICS.requests,
      byKey("lens.outcome", ({ outcomes }) => outcomes),
    ),
    count(
      LENS_METRICS.errors,
      byKey("error.type", ({ errors }) => errors),
    ),
    count(LENS_METRICS.sloRequests, ({ goodput }) =>
      goodput === null
        ? []
        : [
            [{ "lens.slo.met": true }, goodput.met],
            [{ "lens.slo.met": false }, goodput.judged - goodput.met],
          ],
    ),
    amount(
      LENS_METRICS.cost,
      plain(({ costUsd }) => costUsd.total),
    ),
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
