import { LensError } from "@lens/core";
import type { Report } from "@lens/metrics";
import type { ResourceMetrics } from "@opentelemetry/sdk-metrics";
import { hrTime } from "./hr-time.ts";
import type { SemanticConvention } from "./otel-metrics.ts";
import { type OtelMetricData, otelRun, type OtelRun } from "./otel-run.ts";
import { bucketCounts } from "./otlp.ts";

/** Where a run is sent to, and under which names. */
export interface OtlpPushOptions {
  /** The URL of a collector, such as `http://127.0.0.1:4318`; `/v1/metrics` is added where it is missing. */
  readonly endpoint: string;
  readonly semconv?: SemanticConvention;
}

/** Sends a finished run. Rejects with a `LensError` where the collector did not take it. */
export type OtlpPush = (report: Report) => Promise<void>;

type SdkMetric = ResourceMetrics["scopeMetrics"][number]["metrics"][number];

const METRICS_PATH = "/v1/metrics";

/** Those who send nothing need none of them, so they are nobody's dependencies. */
async function loadPackages() {
  try {
    const [api, exporter, resources, sdk] = await Promise.all([
      import("@opentelemetry/api"),
      import("@opentelemetry/exporter-metrics-otlp-http"),
      import("@opentelemetry/resources"),
      import("@opentelemetry/sdk-metrics"),
    ]);
    return { api, exporter, resources, sdk };
  } catch (cause) {
    const names = ["api", "exporter-metrics-otlp-http", "resources", "sdk-metrics"].map((name) => `@opentelemetry/${name}`).join(" ");
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected OpenTelemetry's packages to be installed, got none of them, or not all. To install them: npm install ${names}`,
      {
        cause,
      },
    );
  }
}

type Packages = Awaited<ReturnType<typeof loadPackages>>;

function metricsUrl(endpoint: string): URL {
  if (!URL.canParse(endpoint)) throw new LensError("INVALID_ARGUMENT", "Expected the endpoint for metrics to be an http or https URL.");
  const url = new URL(endpoint);
  if (!url.pathname.endsWith(METRICS_PATH)) url.pathname = `${url.pathname.replace(/\/$/, "")}${METRICS_PATH}`;
  return url;
}

/** The metric as the SDK itself would hand it to an exporter. */
function sdkMetric(data: OtelMetricData, { startedAtMs, endedAtMs }: OtelRun, { api, sdk }: Packages): SdkMetric {
  const times = { startTime: hrTime(startedAtMs), endTime: hrTime(endedAtMs) };
  const { name, description, unit } = data.metric;
  const valueType = data.kind === "count" ? api.ValueType.INT : api.ValueType.DOUBLE;
  const described = { descriptor: { name, description, unit, valueType }, aggregationTemporality: sdk.AggregationTemporality.CUMULATIVE };
  if (data.kind !== "histogram") {
    const dataPoints = data.points.map((point) => ({ ...times, ...point }));
    return { ...described, dataPointType: sdk.DataPointType.SUM, isMonotonic: true, dataPoints };
  }
  const { bounds } = data.metric;
  const dataPoints = data.points.map(({ attributes, value: samples }) => {
    const { count, sum, min, max } = samples;
    const value = { count, sum, min, max, buckets: { boundaries: [...bounds], counts: [...bucketCounts(samples)] } };
    return { ...times, attributes, value };
  });
  return { ...described, dataPointType: sdk.DataPointType.HISTOGRAM, dataPoints };
}

/** A run as the SDK's exporters take it. */
function sdkMetrics(run: OtelRun, packages: Packages): ResourceMetrics {
  const metrics = run.metrics.map((data) => sdkMetric(data, run, packages));
  return { resource: packages.resources.resourceFromAttributes(run.resource), scopeMetrics: [{ scope: run.scope, metrics }] };
}

function refusal({ origin }: URL, cause: unknown): LensError {
  const status = cause instanceof Error && "code" in cause && typeof cause.code === "number" ? cause.code : undefined;
  const reason = status !== undefined ? `status ${status}` : cause instanceof Error && cause.message !== "" ? cause.message : "no answer";
  const message = `Expected the collector at ${origin} to take the metrics, got ${reason}.`;
  return status === undefined
    ? new LensError("CONNECTION_FAILED", message, { cause })
    : new LensError("UNEXPECTED_STATUS", message, { cause, status });
}

/**
 * Readies OpenTelemetry's own exporter (OTLP over HTTP, JSON), which is loaded here and nowhere else; it tries again by itself and reads
 * `OTEL_EXPORTER_OTLP_HEADERS` and its like. Throws `INVALID_ARGUMENT`, naming the packages, where they are not installed, and for what is no URL.
 */
export async function createOtlpPush({ endpoint, semconv }: OtlpPushOptions): Promise<OtlpPush> {
  const url = metricsUrl(endpoint);
  const packages = await loadPackages();
  return async (report) => {
    const metrics = sdkMetrics(otelRun(report, semconv), packages);
    const exporter = new packages.exporter.OTLPMetricExporter({ url: url.href });
    try {
      await new Promise<void>((resolve, reject) => {
        exporter.export(metrics, ({ error }) => (error === undefined ? resolve() : reject(refusal(url, error))));
      });
    } finally {
      await exporter.shutdown();
    }
  };
}
