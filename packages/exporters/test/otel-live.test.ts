import type { RequestRecord } from "@lens/core";
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  type MetricData,
  PeriodicExportingMetricReader,
} from "@opentelemetry/sdk-metrics";
import { describe, expect, test } from "vitest";
import { createOtelMetrics, GENAI_METRICS, GENAI_METRICS_V1_41, LENS_METRICS, type OtelMetricsOptions } from "../src/index.ts";
import { otelRun } from "../src/otel-run.ts";
import { LIVE_OPTIONS, RECORDS, reportOfLive } from "./live-records.ts";
import { request } from "./reports.ts";

/** What OpenTelemetry's own SDK makes of the records. */
async function collect(records: readonly RequestRecord[], options: OtelMetricsOptions = {}): Promise<readonly MetricData[]> {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
  const provider = new MeterProvider({ readers: [reader] });
  const metrics = createOtelMetrics(provider, { ...LIVE_OPTIONS, ...options });
  records.forEach(metrics.add);
  const { resourceMetrics, errors } = await reader.collect();
  await provider.shutdown();
  expect(errors).toEqual([]);
  return resourceMetrics.scopeMetrics.flatMap(({ metrics: all }) => all);
}

const find = (all: readonly MetricData[], name: string): MetricData | undefined => all.find(({ descriptor }) => descriptor.name === name);

/** Points by their attributes, in whichever order. */
const keyOf = (attributes: object): string =>
  JSON.stringify(Object.entries(attributes).toSorted(([one], [other]) => (one < other ? -1 : 1)));

describe("live metrics for OpenTelemetry", () => {
  test.each(["latest", "v1.41", "both"] as const)(
    "are, by the names of %s, the points of the report of the same requests",
    async (semconv) => {
      const live = await collect(RECORDS, { semconv });
      const { metrics } = otelRun(reportOfLive(RECORDS), semconv);
      expect(live.map(({ descriptor }) => descriptor.name).toSorted()).toEqual(metrics.map(({ metric }) => metric.name).toSorted());
      for (const { metric, points } of metrics) {
        const found = find(live, metric.name);
        const told = points.filter(({ value }) => value !== 0);
        expect(found?.descriptor).toMatchObject({ description: metric.description, unit: metric.unit });
        expect(found?.dataPoints).toHaveLength(told.length);
        for (const { attributes, value } of told) {
          const point = found?.dataPoints.find((other) => keyOf(other.attributes) === keyOf(attributes));
          if (typeof value === "number") expect(point?.value).toBeCloseTo(value, 9);
          else {
            const { sum, count, min, max } = value;
            expect(point?.value).toMatchObject({ count, min, max, sum: expect.closeTo(sum, 6) });
          }
        }
      }
    },
  );

  test("have the conventions' buckets, and finer ones for gaps under a name of our own", async () => {
    const live = await collect(RECORDS, { semconv: "both" });
    for (const metric of [GENAI_METRICS.timePerOutputChunk, GENAI_METRICS_V1_41.tokenUsage, LENS_METRICS.chunkGap]) {
      const [point] = find(live, metric.name)?.dataPoints ?? [];
      expect(point?.value).toMatchObject({ buckets: { boundaries: metric.bounds } });
    }
  });

  test("count tokens in whole numbers", async () => {
    const live = await collect(RECORDS);
    expect(find(live, GENAI_METRICS.outputTokens.name)?.descriptor).toMatchObject({ valueType: 0 });
    expect(find(live, LENS_METRICS.cost.name)?.descriptor).toMatchObject({ valueType: 1 });
  });

  test("say of failures what they were, and give no durations of them", async () => {
    const failed = RECORDS.filter(({ outcome }) => outcome.kind === "error");
    const live = await collect(failed);
    expect(live.map(({ descriptor }) => descriptor.name).toSorted()).toEqual([
      LENS_METRICS.errors.name,
      LENS_METRICS.requests.name,
      LENS_METRICS.sloRequests.name,
      LENS_METRICS.lateness.name,
    ]);
    expect(find(live, LENS_METRICS.errors.name)?.dataPoints).toMatchObject([
      { attributes: { "error.type": "RATE_LIMITED", "gen_ai.request.model": "gpt-6-sol" }, value: failed.length },
    ]);
  });

  test("keep a bounded number of targets and of names that servers give themselves", async () => {
    const records = Array.from({ length: 50 }, (_, index) => {
      const plain = request(index);
      const model = `m${Math.floor(index / 25)}`;
      return { ...plain, target: { ...plain.target, model, label: model }, reply: { ...plain.reply, model: `answered-${index}` } };
    });
    const points = find(await collect(records, { maxTargets: 1 }), LENS_METRICS.requests.name)?.dataPoints ?? [];
    expect(points).toHaveLength(42);
    expect(points.map(({ attributes }) => attributes["gen_ai.request.model"])).toContain("(others)");
    expect(points.map(({ attributes }) => attributes["gen_ai.response.model"])).toContain("(others)");
  });
});
