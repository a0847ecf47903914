import type { BucketedSamples } from "./bucketed-samples.ts";
import type { SyncExporter } from "./exporter.ts";
import type { OtelAttributes } from "./otel-attributes.ts";
import { type OtelMetricData, otelRun, type OtelRun } from "./otel-run.ts";

/** As OTLP counts from the start to the end, and not since the last time: a backend that wants the other takes a single point for either. */
const CUMULATIVE = 2;

/** Numbers of 64 bits are text in the JSON of protocol buffers. */
const integer = (value: number): string => BigInt(value).toString();

/** Whole microseconds: as exact as a wall time in milliseconds with a fraction is. */
const nanoseconds = (atMs: number): string => (BigInt(Math.round(atMs * 1000)) * 1000n).toString();

function valueOf(value: string | number | boolean): object {
  if (typeof value === "string") return { stringValue: value };
  return typeof value === "number" ? { intValue: integer(value) } : { boolValue: value };
}

const attributesOf = (attributes: OtelAttributes): readonly object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: valueOf(value) }));

/** How many samples each bucket holds, the last being what exceeds every bound. */
export function bucketCounts({ count, cumulative }: BucketedSamples): readonly number[] {
  return [...cumulative, count].map((upTo, index) => upTo - (cumulative[index - 1] ?? 0));
}

function metricOf(data: OtelMetricData, { startedAtMs, endedAtMs }: OtelRun): object {
  const { name, description, unit } = data.metric;
  const times = { startTimeUnixNano: nanoseconds(startedAtMs), timeUnixNano: nanoseconds(endedAtMs) };
  if (data.kind === "histogram") {
    const dataPoints = data.points.map(({ attributes, value }) => ({
      attributes: attributesOf(attributes),
      ...times,
      count: integer(value.count),
      sum: value.sum,
      min: value.min,
      max: value.max,
      explicitBounds: data.metric.bounds,
      bucketCounts: bucketCounts(value).map(integer),
    }));
    return { name, description, unit, histogram: { aggregationTemporality: CUMULATIVE, dataPoints } };
  }
  const dataPoints = data.points.map(({ attributes, value }) => ({
    attributes: attributesOf(attributes),
    ...times,
    ...(data.kind === "count" ? { asInt: integer(value) } : { asDouble: value }),
  }));
  return { name, description, unit, sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } };
}

/**
 * Metrics for OpenTelemetry in the JSON of OTLP, on one line, as collectors read it from a file or a request: the names of the GenAI conventions that `semconv` says,
 * and our own beside them.
 */
export const otlpExporter: SyncExporter = {
  id: "otlp",
  extension: "json",
  render(report, { semconv } = {}) {
    const run = otelRun(report, semconv);
    const metrics = run.metrics.map((data) => metricOf(data, run));
    const resource = { attributes: attributesOf(run.resource) };
    return `${JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope: run.scope, metrics }] }] })}\n`;
  },
};
