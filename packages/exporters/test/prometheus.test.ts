import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { type Report, ttftNs } from "@lens/metrics";
import parse from "parse-prometheus-text-format";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { MONITOR_METRICS, PROMETHEUS_METRICS, prometheusExporter, TARGET_LABELS } from "../src/index.ts";
import { prometheusFamilies } from "../src/prometheus.ts";
import type { PrometheusMetric } from "../src/prometheus-metrics.ts";
import { FORTY, HARMFUL, NAMES, REPORTS as SMALL } from "./hard-reports.ts";
import { MILLION } from "./million.ts";
import { ALL_FAILED, CLOSED_LOOP, EMPTY, HOSTILE, OPEN_LOOP, request } from "./reports.ts";

const REPORTS: Readonly<Record<string, Report>> = { ...SMALL, million: MILLION };
const NAMED = Object.entries(REPORTS);
const HAS_PROMTOOL = spawnSync("promtool", ["--version"]).status === 0;

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The samples of each series, as another reader finds them. It is not told the types, as it would throw the labels of histograms away. */
function read(report: Report): ReadonlyMap<string, readonly Sample[]> {
  const series = new Map<string, Sample[]>();
  for (const { name, metrics } of parse(prometheusExporter.render(report).replaceAll(/^#.*\n/gm, ""))) {
    const samples = metrics.map(({ labels = {}, value }) => ({ labels, value: Number(value) }));
    series.set(name, [...(series.get(name) ?? []), ...samples]);
  }
  return series;
}

const samplesOf = (report: Report, name: string): readonly Sample[] => read(report).get(name) ?? [];

/** The value of each sample by one of its labels. */
const byLabel = (samples: readonly Sample[], label: string): Readonly<Record<string, number>> =>
  Object.fromEntries(samples.map(({ labels, value }) => [labels[label] ?? "", value]));

describe("a report as Prometheus text", () => {
  test.each(["closed-loop", "open-loop", "all-failed", "empty"])("of a run that is %s is as in its golden file", async (name) => {
    await expect(prometheusExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.prom`);
  });

  test.each(NAMED)("of a run that is %s is what prom-client writes of the same metrics", async (_name, report) => {
    const registry = new Registry();
    for (const { metric, samples } of prometheusFamilies(report)) {
      const values = samples.map(({ name, labels, value }) => ({ metricName: name, labels, value }));
      registry.registerMetric({ ...metric, get: () => ({ ...metric, values }) } as never);
    }
    expect(prometheusExporter.render(report)).toBe(await registry.metrics());
  });

  test.runIf(HAS_PROMTOOL).each(NAMED)("of a run that is %s is valid to promtool, down to its rules of style", (_name, report) => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: prometheusExporter.render(report),
      encoding: "utf8",
    });
    expect(`${stdout}${stderr}`).toBe("");
    expect(status).toBe(0);
  });

  test.each(NAMED)("of a run that is %s has no timestamps, and no number that is none", (_name, report) => {
    const samples = prometheusExporter
      .render(report)
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
    for (const sample of samples) expect(sample).toMatch(/^[a-z_]+(\{.*\})? \d+(\.\d+)?(e-\d+)?$/su);
  });

  test.each(NAMED)("of a run that is %s holds histograms whose buckets ascend to their count", (_name, report) => {
    const all = read(report);
    for (const [name, buckets] of all) {
      if (!name.endsWith("_bucket")) continue;
      const counts = (all.get(name.replace("_bucket", "_count")) ?? []).map(({ value }) => value);
      expect(buckets.filter(({ labels }) => labels.le === "+Inf").map(({ value }) => value)).toEqual(counts);
      buckets.forEach(({ labels, value }, index) => {
        if (labels.le !== "+Inf") expect(buckets[index + 1]?.value).toBeGreaterThanOrEqual(value);
      });
    }
  });
});

describe("what Prometheus reads", () => {
  test("are true histograms: count, sum and buckets of every sample", () => {
    const [group] = CLOSED_LOOP.groups;
    const target = { provider: "openai", model: "gpt-6-sol", target: "openai:gpt-6-sol" };
    expect(samplesOf(CLOSED_LOOP, "llm_ttft_seconds_count")).toEqual([{ labels: target, value: 397 }]);
    const [sum] = samplesOf(CLOSED_LOOP, "llm_ttft_seconds_sum");
    expect(sum?.value).toBeCloseTo(((group?.ttft.meanNs ?? 0) * 397) / 1e9, 9);
    const ttftsNs = Array.from({ length: 397 }, (_, index) => ttftNs(request(index)) ?? 0);
    const upTo = (bound: number): number => ttftsNs.filter((durationNs) => durationNs <= bound).length;
    for (const { labels, value } of samplesOf(CLOSED_LOOP, "llm_ttft_seconds_bucket")) {
      const boundNs = Number(labels.le?.replace("+Inf", "Infinity")) * 1e9;
      expect(value).toBeLessThanOrEqual(upTo(boundNs));
      expect(value).toBeGreaterThanOrEqual(upTo(boundNs * (1 - 1 / 1024)));
    }
  });

  test("are requests by how they ended, and failures by their code", () => {
    expect(byLabel(samplesOf(CLOSED_LOOP, "llm_requests_total"), "status")).toEqual({
      ok: 397,
      truncated: 0,
      filtered: 0,
      refused: 0,
      error: 3,
      incomplete: 0,
      aborted: 0,
    });
    expect(byLabel(samplesOf(CLOSED_LOOP, "llm_request_errors_total"), "error_type")).toEqual({ RATE_LIMITED: 3 });
  });

  test("does not hold what is not known, instead of holding 0", () => {
    const failed = read(ALL_FAILED);
    expect(failed.get("llm_requests_total")).toHaveLength(7);
    expect(failed.has("llm_ttft_seconds_count")).toBe(false);
    expect(failed.has("llm_cost_dollars_total")).toBe(false);
    expect(failed.has("llm_tokens_generated_total")).toBe(false);
    expect(read(CLOSED_LOOP).has("llm_response_ttft_seconds_count")).toBe(false);
    expect(read(OPEN_LOOP).has("llm_response_ttft_seconds_count")).toBe(true);
    expect([...read(EMPTY).keys()]).toEqual(["llm_run_start_timestamp_seconds", "llm_run_duration_seconds", "llm_run_info"]);
  });

  test("are names from outside as they came", () => {
    const [hostile] = samplesOf(HOSTILE, "llm_ttft_seconds_count");
    expect(hostile?.labels.target === HOSTILE.groups[0]?.target.label).toBe(true);
    expect(samplesOf(HARMFUL, "llm_ttft_seconds_count").map(({ labels }) => labels.target)).toEqual(NAMES);
  });

  test("does not take what is of a whole run for that of another, whose file stands beside it", () => {
    const runs = [CLOSED_LOOP, OPEN_LOOP, FORTY, EMPTY].map((report) => samplesOf(report, "llm_run_info")[0]?.labels.run);
    expect(runs).toEqual(["openai:gpt-6-sol", "openrouter:some/model", "sim:model-1 and 39 more", "none"]);
    const seen = [CLOSED_LOOP, OPEN_LOOP, FORTY].flatMap((report) =>
      [...read(report)].flatMap(([name, samples]) => samples.map(({ labels }) => `${name} ${JSON.stringify(labels)}`)),
    );
    expect(new Set(seen).size).toBe(seen.length);
  });

  test("are forty targets, and a million requests", () => {
    expect(samplesOf(FORTY, "llm_ttft_seconds_count")).toHaveLength(40);
    expect(byLabel(samplesOf(MILLION, "llm_chunk_gap_seconds_bucket"), "le")["+Inf"]).toBe(64_000_000);
  });
});

test("every metric has a name, help and labels that Prometheus allows, and buckets that ascend", () => {
  const metrics: readonly PrometheusMetric[] = [...Object.values(PROMETHEUS_METRICS), ...Object.values(MONITOR_METRICS)];
  expect(new Set(metrics.map(({ name }) => name)).size).toBe(metrics.length);
  for (const metric of metrics) {
    expect(metric.name).toMatch(/^llm_[a-z_]+$/);
    expect(metric.name.endsWith("_total")).toBe(metric.type === "counter");
    expect(metric.help).toMatch(/\.$/);
    for (const label of metric.labelNames) expect(label).toMatch(/^[a-z_]+$/);
    if (metric.type === "histogram")
      expect(metric.bucketsSeconds).toEqual([...new Set(metric.bucketsSeconds)].toSorted((left, right) => left - right));
  }
});

test("the documentation lists every metric with its type and labels", () => {
  const page = readFileSync(new URL("../../../docs/EXPORTERS.md", import.meta.url), "utf8");
  for (const { name, type, labelNames } of Object.values(PROMETHEUS_METRICS)) {
    const [, row = ""] = new RegExp(`^\\| \`${name}\` +\\|(.*)$`, "m").exec(page) ?? [];
    expect(row).toContain(` ${type} `);
    for (const label of labelNames) if (!TARGET_LABELS.some((known) => known === label)) expect(row).toContain(`\`${label}\``);
  }
});
