import { createHistogram, type Distribution, type GroupSummary, type Report, toDistribution } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { distributionCharts } from "../src/html/distribution-charts.ts";
import { htmlExporter } from "../src/index.ts";
import { chartOf, chartsOf } from "./pages.ts";
import { ALL_FAILED, CLOSED_LOOP, OPEN_LOOP, reportOf, request, SINGLE, SWEEP } from "./reports.ts";

const MS = 1_000_000;

function distributionOf(valuesMs: readonly number[]): Distribution {
  const histogram = createHistogram();
  for (const valueMs of valuesMs) histogram.record(Math.round(valueMs * MS));
  return toDistribution(histogram);
}

const range = (count: number, value: (index: number) => number): readonly number[] =>
  Array.from({ length: count }, (_, index) => value(index));
const draw = (...samples: readonly (readonly number[])[]) =>
  distributionCharts(
    "x",
    "X",
    samples.map((valuesMs, color) => ({ label: `s${color}`, color, distribution: distributionOf(valuesMs) })),
  );

/** 1 ms to 1 s. */
const THOUSAND = range(1000, (index) => index + 1);

describe("the percentile curve", () => {
  const { percentiles } = draw(THOUSAND);
  const at = (x: number): number => (percentiles.series[0]?.values[percentiles.xs.indexOf(x)] ?? Number.NaN) / MS;

  test("goes by the slow tail: each nine takes as much room as the one before", () => {
    expect(percentiles.xs.filter((x) => [0, 0.30103, 1, 1.301, 2, 3].includes(x))).toEqual([0, 0.30103, 1, 1.301, 2, 3]);
    expect([0, 0.30103, 1, 1.301, 2, 3].map((x) => Math.round(at(x)))).toEqual([1, 500, 900, 950, 990, 999]);
  });

  test("ends where less than one sample lies beyond", () => {
    expect(percentiles.xs.at(-1)).toBe(3);
    const shorter = draw(THOUSAND, THOUSAND.slice(0, 100)).percentiles;
    const last = shorter.series[1]?.values.findLastIndex((value) => value !== null) ?? -1;
    expect(shorter.xs[last]).toBe(2);
  });

  test("has a whisker at each percentile whose interval has two ends, as long as they can be told apart", () => {
    expect(percentiles.series[0]?.whiskers.map(({ x }) => x)).toEqual([0.30103, 1, 1.301, 2]);
    expect(draw(THOUSAND, THOUSAND, THOUSAND).percentiles.series.map(({ whiskers }) => whiskers.length)).toEqual([0, 0, 0]);
  });

  test("leaves out what has no samples", () => {
    expect(draw(THOUSAND, []).percentiles.series.map(({ label }) => label)).toEqual(["s0"]);
  });
});

describe("the cumulative curve and the histogram", () => {
  test("share the axis of values, from the smallest to the largest", () => {
    const { cumulative, histogram } = draw(THOUSAND);
    for (const { x, xs } of [cumulative, histogram]) {
      expect([x.log, xs[0], xs.at(-1)]).toEqual([false, MS, 1000 * MS]);
    }
    expect(cumulative.group).toBe(histogram.group);
  });

  test("rise to 1, and come to 1 together", () => {
    const { cumulative, histogram } = draw(THOUSAND);
    expect(cumulative.series[0]?.values.at(-1)).toBe(1);
    expect(histogram.series[0]?.values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBeCloseTo(1, 4);
  });

  test("have as many stretches as the samples are worth", () => {
    expect([10, 400, 100_000].map((count) => draw(range(count, (index) => 1 + (index % 997))).histogram.xs.length - 1)).toEqual([
      12, 20, 60,
    ]);
  });

  test("go over to a logarithmic axis where the largest is many medians", () => {
    const { histogram } = draw([...range(99, () => 10), 10_000]);
    expect(histogram.x.log).toBe(true);
    expect(histogram.series[0]?.values[0]).toBe(0.99);
  });

  test("give a single value some room", () => {
    const { histogram } = draw([20]);
    expect([histogram.xs[0], histogram.xs.at(-1)]).toEqual([19 * MS, 21 * MS]);
  });
});

describe("a run over time", () => {
  const page = htmlExporter.render(CLOSED_LOOP);

  test("is drawn in stretches wide enough for a p95", () => {
    const { series } = chartOf(page, "time-ttft");
    expect(series.map(({ label }) => label)).toEqual(["p50", "p95"]);
    expect(series[1]?.values.filter((value) => value !== null).length).toBeGreaterThan(12);
  });

  test("counts failures by code, to the end of the last stretch", () => {
    const { series, xs } = chartOf(page, "time-errors");
    expect(series.map(({ label, values }) => [label, values.reduce<number>((sum, value) => sum + (value ?? 0), 0)])).toEqual([
      ["RATE_LIMITED", 6],
    ]);
    expect(series[0]?.values.slice(-2)).toEqual([3, 3]);
    expect(xs.at(-1)).toBeGreaterThan(39);
  });

  test("gives no rate to the first and the last stretch, which are seldom full", () => {
    const values = chartOf(page, "time-rate").series[0]?.values ?? [];
    expect([values[0], values.at(-2)]).toEqual([null, null]);
    expect(new Set(values.slice(1, -2))).toEqual(new Set([10]));
  });

  test("has a line for each of several targets", () => {
    const other = { provider: "groq", model: "m", label: "groq:m", origin: null };
    const both = reportOf(range(400, (index) => index).map((index) => request(index, index % 2 === 0 ? {} : { target: other })));
    expect(chartOf(htmlExporter.render(both), "time-ttft").series.map(({ label }) => label)).toEqual(["openai:gpt-6-sol", "groq:m"]);
  });

  test("is not drawn where there is too little of it", () => {
    for (const report of [SINGLE, ALL_FAILED])
      expect(chartsOf(htmlExporter.render(report)).filter(({ id }) => id.startsWith("time"))).toEqual([]);
  });
});

describe("latency against load", () => {
  const page = htmlExporter.render(SWEEP);

  test("is drawn by level, in ascending order, from when requests were due", () => {
    const { xs, series, x } = chartOf(page, "load-rate-ttft");
    expect([xs, x.log]).toEqual([[1, 2, 4, 8], true]);
    expect(series.map(({ label }) => label)).toEqual(["p50", "p95"]);
    expect(series[0]?.values.map((value) => Math.round((value ?? 0) / MS))).toEqual([214, 429, 859, 1720]);
  });

  test("marks the knee, the answer of the search, and the limit of the figure that it is on", () => {
    const marksOf = (id: string) => chartOf(page, id).marks.map(({ axis, at, label }) => [axis, at, label]);
    const along = [
      ["x", 2, "knee"],
      ["x", 4, "highest that meets it"],
    ];
    expect(marksOf("load-rate-ttft")).toEqual([...along, ["y", 1000 * MS, "ttft p95 < 1s"]]);
    expect(marksOf("load-rate-e2e")).toEqual(along);
  });

  test("marks SLOs", () => {
    const goodput = { slo: { ttftNs: 500 * MS }, met: 1, judged: 1, share: 1, interval: { lower: 0, upper: 1 }, ratePerSecond: null };
    const report: Report = {
      ...SWEEP,
      searches: [],
      sweeps: [],
      groups: SWEEP.groups.map((group): GroupSummary => ({ ...group, goodput })),
    };
    expect(chartOf(htmlExporter.render(report), "load-rate-ttft").marks).toEqual([{ axis: "y", at: 500 * MS, label: "SLO" }]);
  });

  test("leaves out a limit that it cannot read", () => {
    const report: Report = {
      ...SWEEP,
      searches: SWEEP.searches.map((search) => ({ ...search, thresholds: ["vs main: ttft p95 < +10%", "?"] })),
    };
    expect(chartOf(htmlExporter.render(report), "load-rate-ttft").marks.map(({ axis }) => axis)).toEqual(["x", "x"]);
  });

  test("tells several targets apart by colour, and the p95 by dashes", () => {
    const second = SWEEP.groups.map((group) => ({
      ...group,
      target: { ...group.target, label: group.target.label.replace("openai:gpt-6-sol", "b") },
    }));
    const { series } = chartOf(htmlExporter.render({ ...SWEEP, groups: [...SWEEP.groups, ...second] }), "load-rate-ttft");
    expect(series.map(({ label, color, dashed }) => [label, color, dashed])).toEqual([
      ["openai:gpt-6-sol p50", 0, false],
      ["openai:gpt-6-sol p95", 0, true],
      ["b p50", 1, false],
      ["b p95", 1, true],
    ]);
  });
});

test("an open loop is drawn from the start and from the due time", () => {
  const ids = chartsOf(htmlExporter.render(OPEN_LOOP)).map(({ id }) => id);
  expect(ids).toEqual(
    expect.arrayContaining(["ttft-percentiles", "ttfo-percentiles", "chunkGap-percentiles", "response-ttft-percentiles"]),
  );
});
