import type { RequestRecord } from "@lens/core";
import { ttftNs } from "@lens/metrics";
import { AggregatorRegistry, Counter, Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { createPrometheusExporter, prometheusExporter } from "../src/index.ts";
import { LIVE_OPTIONS, RECORDS, reportOfLive } from "./live-records.ts";
import { request } from "./reports.ts";

const MS = 1_000_000;

function live(records: readonly RequestRecord[], register?: Registry) {
  const exporter = createPrometheusExporter({
    ...LIVE_OPTIONS,
    run: "openai:gpt-6-sol and 1 more",
    ...(register === undefined ? {} : { register }),
  });
  records.forEach(exporter.add);
  return exporter;
}

/** Each sample's number by its name and labels. */
function samplesOf(text: string): ReadonlyMap<string, number> {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

const namesOf = (text: string): readonly string[] => [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name = ""]) => name);

describe("live metrics for Prometheus", () => {
  test("are the numbers of the report of the same requests, all but the rates, and what is of a run as such", () => {
    const [now, later] = [live(RECORDS).render(), prometheusExporter.render(reportOfLive(RECORDS))];
    expect(namesOf(later).filter((name) => !namesOf(now).includes(name))).toEqual([
      "llm_requests_per_second",
      "llm_system_tokens_per_second",
      "llm_goodput_requests_per_second",
      "llm_instrument_client_limited",
      "llm_run_start_timestamp_seconds",
      "llm_run_duration_seconds",
      "llm_run_info",
    ]);
    const expected = samplesOf(later);
    for (const [name, value] of samplesOf(now)) {
      // The report's histograms may put what lies up to 0.1 % below a bound above it.
      if (name.includes("_bucket{")) expect(value).toBeGreaterThanOrEqual(expected.get(name) ?? Number.NaN);
      else expect([name, value]).toEqual([name, expected.get(name)]);
    }
  });

  test("count every sample into its bucket, to the nanosecond", () => {
    const at = [99_999_999, 100_000_000, 100_000_001];
    const text = live(at.map((atNs) => request(1, { chunksMs: [atNs / MS] }))).render();
    const count = (le: string): number | undefined =>
      samplesOf(text).get(`llm_ttft_seconds_bucket{provider="openai",model="gpt-6-sol",target="openai:gpt-6-sol",le="${le}"}`);
    expect(at).toEqual(at.map((atNs) => ttftNs(request(1, { chunksMs: [atNs / MS] }))));
    expect([count("0.075"), count("0.1"), count("0.15"), count("+Inf")]).toEqual([0, 2, 3, 3]);
  });

  test("say nothing of what is not known, and begin their counters at 0", () => {
    const text = createPrometheusExporter();
    expect(text.render()).toBe("\n");
    text.add(request(1, { usage: null, usageSource: "none", latenessNs: null }));
    const samples = samplesOf(text.render());
    const target = 'provider="openai",model="gpt-6-sol",target="openai:gpt-6-sol"';
    expect(samples.get(`llm_requests_total{${target},status="ok"}`)).toBe(1);
    expect(samples.get(`llm_requests_total{${target},status="aborted"}`)).toBe(0);
    expect(samples.get(`llm_requests_unpriced_total{${target}}`)).toBe(1);
    for (const name of samples.keys()) expect(name).not.toMatch(/cost|tokens|tpot|slo|response|lateness/);
  });

  test("keep a bounded number of targets apart, and never give one's place to another", () => {
    const exporter = createPrometheusExporter({ maxTargets: 2 });
    for (const model of ["a", "b", "c", "d", "a", "c"])
      exporter.add(request(1, { target: { provider: "x", model, label: `x:${model}`, origin: null } }));
    const counts = [...samplesOf(exporter.render())].filter(([name]) => name.startsWith("llm_request_attempts_total"));
    expect(counts).toEqual([
      ['llm_request_attempts_total{provider="x",model="a",target="x:a"}', 2],
      ['llm_request_attempts_total{provider="x",model="b",target="x:b"}', 1],
      ['llm_request_attempts_total{provider="(others)",model="(others)",target="(others)"}', 3],
    ]);
    expect(() => createPrometheusExporter({ maxTargets: 0 })).toThrow(/`maxTargets` to be a whole number from 1 up, got `0`/);
  });
});

describe("on a registry of prom-client", () => {
  test("the metrics stand beside the user's own, with the registry's labels", async () => {
    const register = new Registry();
    new Counter({ name: "mine_total", help: "Mine.", registers: [register] }).inc(3);
    register.setDefaultLabels({ app: "shop" });
    const exporter = live(RECORDS, register);
    const samples = samplesOf(await register.metrics());
    expect(samples.get('mine_total{app="shop"}')).toBe(3);
    for (const [name, value] of samplesOf(exporter.render())) expect(samples.get(name.replace("}", ',app="shop"}'))).toBe(value);
    // What the registry adds is not in our own labels.
    await register.getMetricsAsJSON();
    expect(exporter.render()).not.toContain("shop");
  });

  test("they are what prom-client makes of such metrics, also in OpenMetrics", async () => {
    const register = new Registry();
    register.setContentType(Registry.OPENMETRICS_CONTENT_TYPE as never);
    live(RECORDS, register);
    const text = await register.metrics();
    expect(text).toMatch(/^# TYPE llm_requests counter\nllm_requests_total\{/m);
    expect(text).toMatch(/^# TYPE llm_ttft_seconds histogram\nllm_ttft_seconds_bucket\{/m);
    expect(text).toMatch(/# EOF\n$/);
    expect(await register.metrics()).toBe(text);
  });

  test("they add up over the workers of a cluster", async () => {
    const registers = [new Registry(), new Registry()];
    registers.forEach((register, index) =>
      live(
        RECORDS.filter((_, place) => place % 2 === index),
        register,
      ),
    );
    const parts = await Promise.all(registers.map((register) => register.getMetricsAsJSON()));
    const sum = samplesOf(await AggregatorRegistry.aggregate(parts).metrics());
    for (const [name, value] of samplesOf(live(RECORDS).render())) expect(sum.get(name)).toBeCloseTo(value, 9);
  });

  test("a reset forgets the values, and what comes next is counted", async () => {
    const register = new Registry();
    const exporter = live(RECORDS, register);
    register.resetMetrics();
    expect(exporter.render()).toBe("\n");
    exporter.add(request(1));
    expect(
      samplesOf(await register.metrics()).get('llm_ttft_seconds_count{provider="openai",model="gpt-6-sol",target="openai:gpt-6-sol"}'),
    ).toBe(1);
  });

  test("two exporters have no room", () => {
    const register = new Registry();
    createPrometheusExporter({ register });
    expect(() => createPrometheusExporter({ register })).toThrow(/llm_requests_total has already been registered/);
  });
});
