import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import root from "@opentelemetry/otlp-transformer/build/src/generated/root.js";
import type { Report } from "@lens/metrics";
import { afterEach, describe, expect, test } from "vitest";
import {
  createOtlpPush,
  GENAI_METRICS,
  GENAI_METRICS_V1_41,
  LENS_METRICS,
  type OtelMetric,
  otlpExporter,
  type SemanticConvention,
} from "../src/index.ts";
import { FORTY, HARMFUL, NAMES, REPORTS as SMALL } from "./hard-reports.ts";
import { MILLION } from "./million.ts";
import { ALL_FAILED, CLOSED_LOOP, EMPTY, GATED, HOSTILE, OPEN_LOOP } from "./reports.ts";

const REPORTS: Readonly<Record<string, Report>> = { ...SMALL, million: MILLION };
const NAMED = Object.entries(REPORTS);
/** The types that OpenTelemetry generated from its protocol buffers. */
const { ExportMetricsServiceRequest } = root.opentelemetry.proto.collector.metrics.v1;

type Json = any;

const read = (report: Report, semconv?: SemanticConvention): Json =>
  JSON.parse(otlpExporter.render(report, semconv === undefined ? {} : { semconv }));

const metricsIn = (request: Json): readonly Json[] => request.resourceMetrics[0].scopeMetrics[0].metrics;
const namesIn = (request: Json): readonly string[] => metricsIn(request).map(({ name }) => name);
const pointsOf = (request: Json, name: string): readonly Json[] => {
  const metric = metricsIn(request).find((candidate) => candidate.name === name);
  return (metric?.histogram ?? metric?.sum)?.dataPoints ?? [];
};
/** Plain JSON without empty lists, which the protocol does not tell from none. */
const withoutEmpty = (value: object): Json =>
  JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (Array.isArray(inner) && inner.length === 0 ? undefined : inner));
const attributesOf = ({ attributes }: Json): Json =>
  Object.fromEntries(attributes.map(({ key, value }: Json) => [key, Object.values(value)[0]]));

describe("a report for OpenTelemetry", () => {
  test.each(["closed-loop", "open-loop", "all-failed", "empty"])("of a run that is %s is as in its golden file", async (name) => {
    const text = otlpExporter.render(REPORTS[name] ?? EMPTY, { semconv: "both" });
    expect(text.indexOf("\n")).toBe(text.length - 1);
    await expect(`${JSON.stringify(JSON.parse(text), null, 2)}\n`).toMatchFileSnapshot(`golden/${name}.otlp.json`);
  });

  test.each(NAMED)("of a run that is %s is a request by the protocol's own types, field for field", (_name, report) => {
    const request = read(report, "both");
    const message = ExportMetricsServiceRequest.fromObject(request);
    const decoded = ExportMetricsServiceRequest.decode(ExportMetricsServiceRequest.encode(message).finish());
    const { toObject } = ExportMetricsServiceRequest;
    expect(withoutEmpty(toObject(decoded, { longs: String, enums: Number }))).toEqual(withoutEmpty(request));
  });

  test.each(NAMED)("of a run that is %s has histograms with a bucket more than bounds, which add up to their count", (_name, report) => {
    for (const { histogram } of metricsIn(read(report, "both"))) {
      for (const { count, explicitBounds, bucketCounts } of histogram?.dataPoints ?? []) {
        expect(bucketCounts).toHaveLength(explicitBounds.length + 1);
        expect(bucketCounts.reduce((sum: bigint, bucket: string) => sum + BigInt(bucket), 0n)).toBe(BigInt(count));
      }
    }
  });

  test.each(NAMED)("of a run that is %s tells all points of a metric apart by their attributes", (_name, report) => {
    for (const { sum, histogram } of metricsIn(read(report, "both"))) {
      const points: readonly Json[] = (sum ?? histogram).dataPoints;
      expect(new Set(points.map(({ attributes }) => JSON.stringify(attributes))).size).toBe(points.length);
    }
  });
});

describe("the metrics for OpenTelemetry", () => {
  test("have the names of the conventions asked for", () => {
    const genAi = (semconv?: SemanticConvention): readonly string[] =>
      namesIn(read(OPEN_LOOP, semconv)).filter((name) => name.startsWith("gen_ai."));
    const latest = genAi("latest");
    expect(latest).toContain(GENAI_METRICS.timeToFirstChunk.name);
    expect(genAi()).toEqual(latest);
    expect(genAi("v1.41")).toEqual(Object.values(GENAI_METRICS_V1_41).map(({ name }) => name));
    expect(genAi("both")).toEqual([...latest, ...genAi("v1.41")]);
  });

  test("hold every metric there is of a run that has them all", () => {
    const priced: Report = { ...GATED, groups: [...GATED.groups, ...OPEN_LOOP.groups] };
    const missing = Object.values({ ...GENAI_METRICS, ...LENS_METRICS }).filter(({ name }) => !namesIn(read(priced)).includes(name));
    // No request failed to meet an SLO that was never set, and none wrote to a cache.
    expect(missing.map(({ name }) => name)).toEqual([GENAI_METRICS.cacheWriteTokens.name, LENS_METRICS.sloRequests.name]);
  });

  test("say what was asked, who answered, and where", () => {
    const [point] = pointsOf(read(CLOSED_LOOP), "gen_ai.client.inference.duration");
    expect(attributesOf(point)).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-6-sol",
      "gen_ai.response.model": "gpt-6-sol",
      "server.address": "api.openai.com",
      "server.port": "443",
      "lens.target": "openai:gpt-6-sol",
    });
    // Two models answered here, so none of them did.
    expect(attributesOf(pointsOf(read(OPEN_LOOP), "gen_ai.client.inference.duration")[0])).not.toHaveProperty("gen_ai.response.model");
  });

  test("are sums from the start of the run to its end", () => {
    const request = read(CLOSED_LOOP);
    const [point] = pointsOf(request, "gen_ai.client.inference.usage.output_tokens");
    expect(point).toMatchObject({
      asInt: String(397 * 6),
      startTimeUnixNano: "1795428000000000000",
      timeUnixNano: "1795428042000000000",
    });
    expect(metricsIn(request).map(({ sum, histogram }) => (sum ?? histogram).aggregationTemporality)).toEqual(
      metricsIn(request).map(() => 2),
    );
    expect(attributesOf(request.resourceMetrics[0].resource)).toEqual({
      "service.name": "llm-latency-lens",
      "service.version": "0.1.0",
      "service.instance.id": "1795428000000",
      "os.type": "linux",
      "host.arch": "amd64",
    });
  });

  test("hold seconds and tokens in the conventions' buckets, and gaps in finer ones beside them", () => {
    const request = read(CLOSED_LOOP);
    const [group] = CLOSED_LOOP.groups;
    const [gap] = pointsOf(request, "gen_ai.client.inference.time_per_output_chunk");
    expect(gap.explicitBounds).toEqual([0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);
    expect(gap).toMatchObject({ count: String(397 * 5), min: 0.018, max: 0.022 });
    expect(gap.sum).toBeCloseTo(((group?.chunkGap.meanNs ?? 0) * 397 * 5) / 1e9, 9);
    expect(pointsOf(request, "lens.client.chunk_gap")[0].explicitBounds.length).toBeGreaterThan(gap.explicitBounds.length);
    const [output] = pointsOf(request, "gen_ai.client.inference.operation.output_tokens");
    // Six tokens a request: more than 4, and no more than 16.
    expect(output).toMatchObject({ count: "397", sum: 397 * 6, min: 6, max: 6 });
    expect(output.explicitBounds.slice(0, 3)).toEqual([1, 4, 16]);
    expect(output.explicitBounds.at(-1)).toBe(67_108_864);
    expect(output.bucketCounts.slice(0, 4)).toEqual(["0", "0", "397", "0"]);
  });

  test("leave out what is not known, and count failures by their code", () => {
    const request = read(ALL_FAILED, "both");
    expect(namesIn(request)).toEqual([LENS_METRICS.requests.name, LENS_METRICS.errors.name, LENS_METRICS.lateness.name]);
    expect(attributesOf(pointsOf(request, "lens.client.errors")[0])).toMatchObject({ "error.type": "RATE_LIMITED" });
    expect(metricsIn(read(EMPTY))).toEqual([]);
  });

  test("hold names from outside as they came, forty targets and a million requests", () => {
    const labels = (report: Report): readonly Json[] =>
      pointsOf(read(report), "gen_ai.client.inference.duration").map((point) => attributesOf(point)["lens.target"]);
    expect(labels(HARMFUL)).toEqual(NAMES);
    expect(labels(HOSTILE)[0] === HOSTILE.groups[0]?.target.label).toBe(true);
    expect(labels(FORTY)).toHaveLength(40);
    expect(pointsOf(read(MILLION), "lens.client.chunk_gap")[0].count).toBe("64000000");
  });
});

test("the documentation lists every metric for OpenTelemetry", () => {
  const page = readFileSync(new URL("../../../docs/EXPORTERS.md", import.meta.url), "utf8");
  for (const { name } of [GENAI_METRICS, GENAI_METRICS_V1_41, LENS_METRICS].flatMap((metrics) => Object.values<OtelMetric>(metrics)))
    expect(page).toContain(`\`${name}\``);
});

interface Collector {
  readonly url: string;
  readonly received: { readonly path: string | undefined; readonly body: Json }[];
}

describe("sending to a collector", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
  });

  async function collector(status: number): Promise<Collector> {
    const received: Collector["received"] = [];
    const server = createServer((request, response) => {
      let body = "";
      request.setEncoding("utf8");
      request.on("data", (chunk: string) => (body += chunk));
      request.on("end", () => {
        received.push({ path: request.url, body: JSON.parse(body) });
        response.writeHead(status, { "content-type": "application/json" }).end("{}");
      });
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
  }

  /** The same request whether its large numbers are written as text or as numbers, which the protocol leaves open. */
  const normal = (request: Json): object =>
    ExportMetricsServiceRequest.toObject(ExportMetricsServiceRequest.fromObject(request), { longs: String });

  test.each(["closed-loop", "open-loop", "gated", "all-failed", "harmful"])(
    "OpenTelemetry's own packages send of a run that is %s what the exporter writes",
    async (name) => {
      const { url, received } = await collector(200);
      const report = REPORTS[name] ?? EMPTY;
      const push = await createOtlpPush({ endpoint: url, semconv: "both" });
      await push(report);
      expect(received.map(({ path }) => path)).toEqual(["/v1/metrics"]);
      const resource = { ...received[0]?.body.resourceMetrics[0].resource };
      delete resource.droppedAttributesCount;
      received[0]!.body.resourceMetrics[0].resource = resource;
      expect(normal(received[0]?.body)).toEqual(normal(read(report, "both")));
    },
  );

  test("takes a path that is given, and asks for an endpoint that is a URL", async () => {
    const { url, received } = await collector(200);
    await (
      await createOtlpPush({ endpoint: `${url}/otlp/` })
    )(CLOSED_LOOP);
    await (
      await createOtlpPush({ endpoint: `${url}/own/v1/metrics` })
    )(CLOSED_LOOP);
    expect(received.map(({ path }) => path)).toEqual(["/otlp/v1/metrics", "/own/v1/metrics"]);
    await expect(createOtlpPush({ endpoint: "nowhere" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  });

  test("says which collector refused, and how", async () => {
    const { url } = await collector(400);
    const push = await createOtlpPush({ endpoint: url });
    await expect(push(CLOSED_LOOP)).rejects.toMatchObject({
      code: "UNEXPECTED_STATUS",
      status: 400,
      message: `Expected the collector at ${url} to take the metrics, got status 400.`,
    });
  });
});
