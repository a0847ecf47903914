import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { consoleExporter, type RenderOptions } from "../src/index.ts";
import { widthOf } from "../src/terminal-text.ts";
import { ALL_FAILED, CLOSED_LOOP, DRIFTING, EMPTY, GATED, HOSTILE, OPEN_LOOP, reportOf, request, SINGLE, SWEEP } from "./reports.ts";

const REPORTS = {
  "closed-loop": CLOSED_LOOP,
  "open-loop": OPEN_LOOP,
  single: SINGLE,
  "all-failed": ALL_FAILED,
  empty: EMPTY,
  hostile: HOSTILE,
  sweep: SWEEP,
  drifting: DRIFTING,
  gated: GATED,
};
const NAMED = Object.entries(REPORTS);
// oxlint-disable-next-line no-control-regex -- the sequences that colour a terminal
const COLOR = /\u001b\[\d+m/g;
/** Anything that is not printed, other than a line break. */
const HARMFUL = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

function linesOf(report: typeof CLOSED_LOOP, options?: RenderOptions): readonly string[] {
  return consoleExporter.render(report, options).split("\n");
}

/** The line that begins with `label`. */
function lineOf(report: typeof CLOSED_LOOP, label: string): string {
  const found = linesOf(report).find((line) => line.startsWith(label));
  if (found === undefined) throw new Error(`no line ${label}`);
  return found;
}

const cells = (line: string): readonly string[] => line.trim().split(/\s+/);

describe("the console's report", () => {
  test.each(NAMED)("of a run that is %s is as in its golden file", async (name, report) => {
    await expect(consoleExporter.render(report)).toMatchFileSnapshot(`golden/${name}.txt`);
  });

  test("explains every metric when asked", async () => {
    await expect(consoleExporter.render(OPEN_LOOP, { explain: true })).toMatchFileSnapshot("golden/open-loop-explained.txt");
  });

  test.each(NAMED)("of a run that is %s never takes more than 80 columns", (_name, report) => {
    for (const line of linesOf(report, { explain: true })) expect(widthOf(line)).toBeLessThanOrEqual(80);
  });

  test.each(NAMED)("of a run that is %s differs in colour only, when in colour", (_name, report) => {
    const colored = consoleExporter.render(report, { color: true });
    expect(colored).toMatch(COLOR);
    expect(colored.replace(COLOR, "")).toBe(consoleExporter.render(report));
  });

  test("holds no colour unless asked, and nothing that could act on a terminal", () => {
    for (const report of Object.values(REPORTS)) expect(consoleExporter.render(report)).not.toMatch(HARMFUL);
  });

  test("fits and stays harmless whatever the names are", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (name) => {
        const plain = request(0);
        const report = reportOf(
          [request(0, { target: { provider: "x", model: name, label: name, origin: name }, reply: { ...plain.reply, model: `${name}!` } })],
          {},
          { notes: [name] },
        );
        const text = consoleExporter.render(report);
        expect(text).not.toMatch(HARMFUL);
        for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(80);
      }),
    );
  });
});

describe("a line of the table", () => {
  test("says n/a where the sample cannot support a percentile, and how large it is", () => {
    expect(cells(lineOf(CLOSED_LOOP, "TTFT"))).toEqual(["TTFT", "ms", "397", "250", "290", "295", "~299", "n/a", "300", "250"]);
    expect(lineOf(CLOSED_LOOP, "n/a")).toBe("n/a (n=397) too few samples: p50 needs 2, p90 10, p95 20, p99 100, p99.9 1000");
  });

  test("marks a percentile with fewer than ten samples beyond", () => {
    const p99Of = (count: number): string | undefined =>
      cells(lineOf(reportOf(Array.from({ length: count }, (_, index) => request(index))), "E2E"))[6];
    expect(p99Of(999)).toMatch(/^~\d/);
    expect(p99Of(1000)).toMatch(/^\d/);
  });

  test.each([
    ["µs", 0.4, ["400", "400"]],
    ["ms", 5, ["5.00", "5.00"]],
    ["ms", 9_999, ["9999", "9999"]],
    ["s", 12_345, ["12.3", "12.3"]],
    ["s", 7_200_000, ["7200", "7200"]],
  ])("is in %s where the values are about %s ms", (unit, ttftMs, maxAndMean) => {
    const line = cells(lineOf(reportOf([request(1, { chunksMs: [ttftMs] })]), "TTFT"));
    expect([line[1], ...line.slice(-2)]).toEqual([unit, ...maxAndMean]);
  });

  test("takes a larger unit where a value would not fit its column", () => {
    const slow = Array.from({ length: 3 }, (_, index) => request(index + 1, { chunksMs: [index === 0 ? 80_000_000 : 1000] }));
    expect(cells(lineOf(reportOf(slow), "TTFT")).slice(0, 3)).toEqual(["TTFT", "s", "3"]);
  });
});

describe("what is shown", () => {
  test("TTFO only where it is not the TTFT", () => {
    expect(linesOf(CLOSED_LOOP).some((line) => line.startsWith("TTFO"))).toBe(false);
    expect(linesOf(OPEN_LOOP).some((line) => line.startsWith("TTFO"))).toBe(true);
  });

  test("a chunk gap with its tokens per chunk, or inter-token latency, never both", () => {
    const starts = (report: typeof CLOSED_LOOP, label: string): boolean => linesOf(report).some((line) => line.startsWith(label));
    expect([starts(CLOSED_LOOP, "ITL"), starts(CLOSED_LOOP, "chunk gap")]).toEqual([true, false]);
    expect([starts(OPEN_LOOP, "ITL"), starts(OPEN_LOOP, "chunk gap")]).toEqual([false, true]);
    expect(consoleExporter.render(OPEN_LOOP)).toContain("chunk gap (3.33 tokens/chunk): not the time between tokens");
  });

  test("failures, by code", () => {
    expect(lineOf(CLOSED_LOOP, "NOT ANSWERED")).toBe("NOT ANSWERED  3 of 400 (0.8 %) · RATE_LIMITED 3");
    const refused = reportOf([request(0), request(1, { outcome: { kind: "refused", finishReason: null, error: null } })]);
    expect(lineOf(refused, "NOT ANSWERED")).toBe("NOT ANSWERED  1 of 2 (50.0 %) · refused 1");
  });

  test("a price with the model that matched and its date, or the word unpriced", () => {
    expect(consoleExporter.render(CLOSED_LOOP)).toContain("price of gpt-6-sol · genai-prices 0.1.8 · 2026-09-23");
    expect(lineOf(SINGLE, "cost")).toBe("cost          unpriced");
  });

  test.each([
    [[0.00026], "the same by the provider's own account"],
    [[0.00013], "$0.000130 by the provider's own account: 50.0 % less"],
    [[0.00052, 0.00052], "$0.00104 by the provider's own account: 100 % more"],
    [[0.0003, null], "$0.000300 by the provider's own account, for 1 request"],
  ])("what the provider says that requests cost, where that is %j, beside the list's price", (said, words) => {
    const { reply } = request(0);
    const records = said.map((costUsd, index) => request(index, { reply: { ...reply, costUsd } }));
    expect(consoleExporter.render(reportOf(records))).toContain(words);
  });

  test("how far off a percentile may be, on the farther side, or that nothing bounds it", () => {
    const lines = linesOf(reportOf(Array.from({ length: 40 }, (_, index) => request(index))));
    const ttft = lines.findIndex((line) => line.startsWith("TTFT"));
    expect(cells(lines[ttft + 1] ?? "")).toEqual(["±17", "±10", "±?"]);
    expect(lines).toContain("± at 95 % confidence, the wider side; ±? too few samples beyond to bound it");
    expect(consoleExporter.render(SINGLE)).not.toContain("±");
  });

  test("goodput with its interval and limits, and over levels in the place of the tokens", () => {
    const slo = { ttftNs: 250_000_000 };
    const records = Array.from({ length: 100 }, (_, index) => request(index));
    expect(lineOf(reportOf(records, {}, { slo }), "goodput")).toMatch(
      /^goodput {7}51\.0 % \(40\.8 % to 61\.1 %\) · 51 of 100 requests · [\d.]+ requests\/s$/,
    );
    const level = { kind: "rate", value: 10 } as const;
    const load = { stoppedBy: "requests", sent: 100, lost: 0, workers: 0, crashes: [], schedule: null } as const;
    const loads = new Map([["openai:gpt-6-sol", { level, load }]]);
    const head = linesOf(reportOf(records, {}, { slo, loads })).find((line) => line.includes("answered/s")) ?? "";
    expect(cells(head).slice(-2)).toEqual(["goodput", "failed"]);
  });

  test("figures over time only where a run has several bins, and only those that moved", () => {
    const over = (report: typeof CLOSED_LOOP): readonly string[] =>
      linesOf(report)
        .filter((line) => /^(over time|TTFT p50|TPOT p50|requests\/s|not answered|met all SLOs)/.test(line))
        .map((line) => line.slice(0, 12).trim());
    expect(over(SINGLE)).toEqual([]);
    expect(over(DRIFTING)).toEqual(["over time", "TTFT p50", "not answered", "met all SLOs"]);
    const paused = Array.from({ length: 400 }, (_, index) =>
      request(index, { chunksMs: [200, 220], startedAtMs: index * 100 + (index < 200 ? 0 : 20_000) }),
    );
    expect(over(reportOf(paused))).toEqual(["over time", "requests/s"]);
  });

  test("levels of load as one table in the order of the levels, and the answer of a search", () => {
    const lines = linesOf(SWEEP);
    const head = lines.findIndex((line) => line.includes("answered/s"));
    expect(lines.slice(head + 1, head + 5).map((line) => cells(line)[0])).toEqual(["1", "2", "4", "8"]);
    expect(lines).toContain("failed @ 8    12 of 240 (5.0 %) · RATE_LIMITED 12");
    expect(lines).toContain("`ttft p95 < 1s` holds up to 4 requests/s, and at 8 requests/s no more.");
    expect(lineOf(SWEEP, "knee")).toBe("knee          at 2 requests/s · the median E2E rises from there on");
  });

  test("two targets, one after the other", () => {
    const other = { provider: "groq", model: "m", label: "groq:m", origin: null };
    const titles = linesOf(reportOf([request(0), request(1, { target: other })])).filter((line) => /^\w+:/.test(line));
    expect(titles).toEqual(["openai:gpt-6-sol", "groq:m"]);
  });
});

test("says of which shards of a run a report is", () => {
  const footer = (numbers: readonly number[]): string =>
    consoleExporter.render(reportOf([request(0)], { shards: { of: 3, numbers } })).slice(-60);
  expect(footer([2])).toContain("shard 2 of 3");
  expect(footer([1, 3])).toContain("shard 1, 3 of 3");
  expect(footer([1, 2, 3])).toContain("3 shards");
});
