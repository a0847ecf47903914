import { parse } from "csv-parse/sync";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RequestRecord } from "@lens/core";
import { createPriceBook, type Distribution, type GroupSummary } from "@lens/metrics";
import { csvComparisonExporter, csvExporter, csvRequestsExporter } from "../src/index.ts";
import { TWO } from "./comparisons.ts";
import { HARMFUL, NAMES, REPORTS } from "./hard-reports.ts";
import { CLOSED_LOOP, EMPTY, OPEN_LOOP, reportOf, request } from "./reports.ts";

type Rows = readonly Readonly<Record<string, string>>[];

/** By a reader that is not the one who wrote it. */
const read = (text: string): Rows => parse(text, { columns: true });

/** What stands at a path of a document; undefined where a step of it is null. */
function at(document: unknown, path: string): unknown {
  let found = document;
  for (const step of path.split(".")) found = (found as Readonly<Record<string, unknown>> | null | undefined)?.[step];
  return found;
}

/** A figure as a cell has it. */
const textOf = (value: unknown): string =>
  value === null || value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

async function requestsAsCsv(records: readonly RequestRecord[], priced = true): Promise<string> {
  const rates = { inputPerMillionUsd: 0.003, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null, outputPerMillionUsd: 0.02 };
  const price = { modelId: "gpt-6-sol", providers: null, rates, tiers: [], source: "test", asOf: "2026-11-23" };
  const { head, line } = await csvRequestsExporter.open(priced ? { priceBook: createPriceBook([price]) } : {});
  return head + records.map(line).join("");
}

describe("CSV of targets", () => {
  test.each(["closed-loop", "open-loop", "sweep", "all-failed", "empty", "harmful"])(
    "of a run that is %s is as in its golden file",
    async (name) => {
      await expect(await csvExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.csv`);
    },
  );

  test.each(Object.entries(REPORTS))("of a run that is %s has one whole row for each of its groups", async (_name, report) => {
    const rows = read(await csvExporter.render(report));
    expect(rows).toHaveLength(report.groups.length);
    expect(rows.map(({ requests }) => Number(requests))).toEqual(report.groups.map(({ requests }) => requests));
  });

  test("holds every figure to its last digit under its name in the JSON, and nothing where there is none", async () => {
    const { groups } = OPEN_LOOP;
    const [row] = read(await csvExporter.render(OPEN_LOOP));
    const ownNames = /^(errors|models|goodput\.slo|run\..*|tool\..*|instrument\..*|drift\..*)$/;
    const titles = Object.keys(row ?? {}).filter((title) => !ownNames.test(title));
    expect(titles.length).toBeGreaterThan(400);
    for (const title of titles) expect([title, row?.[title]]).toEqual([title, textOf(at(groups[0], title))]);
  });

  test("leaves no duration out that a report has", async () => {
    const [row] = read(await csvExporter.render(OPEN_LOOP));
    const isDistribution = (value: unknown): value is Distribution => typeof value === "object" && value !== null && "p50Ns" in value;
    const paths = (value: unknown, path: string): readonly string[] => {
      if (isDistribution(value)) return [path];
      if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
      return Object.entries(value).flatMap(([key, inner]) => paths(inner, path === "" ? key : `${path}.${key}`));
    };
    const { series: _series, ...group } = OPEN_LOOP.groups[0] as GroupSummary;
    expect(paths(group, "").filter((path) => row?.[`${path}.p50Ns`] === undefined)).toEqual([]);
  });

  test("does not round costs away", async () => {
    const [group] = CLOSED_LOOP.groups as [GroupSummary];
    const costly = { ...CLOSED_LOOP, groups: [{ ...group, costUsd: { ...group.costUsd, total: 3.0712345e-7 } }] };
    expect(Number(read(await csvExporter.render(costly))[0]?.["costUsd.total"])).toBe(3.0712345e-7);
  });

  test("never begins a cell of text as a formula does, and leaves negative numbers alone", async () => {
    const rows = read(await csvExporter.render(HARMFUL));
    expect(rows.map((row) => row["target.label"])).toEqual(NAMES.map((name) => (/^[=+\-@\t＝]/.test(name) ? `'${name}` : name)));
    const negative = read(await csvComparisonExporter.render(TWO)).map((row) => row.differenceShare);
    expect(negative).toContain("-0.0075");
  });

  test("is read back as it was, whatever the names are", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme", maxLength: 30 }), async (name) => {
        const report = reportOf([request(0, { target: { provider: "x", model: name, label: name, origin: null } })]);
        const [row] = read(await csvExporter.render(report));
        const model = row?.["target.model"];
        expect(model === name || model === `'${name}`).toBe(true);
        expect(model).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/);
      }),
    );
  });
});

describe("CSV of a comparison", () => {
  test("has one row for each figure, as in its golden file", async () => {
    const text = await csvComparisonExporter.render(TWO);
    await expect(text).toMatchFileSnapshot("golden/comparison-two.csv");
    expect(read(text).map(({ metric }) => metric)).toEqual(TWO.comparisons[0]?.metrics.map(({ metric }) => metric));
  });
});

describe("CSV of requests", () => {
  const error = {
    code: "RATE_LIMITED",
    message: "=slow, down",
    status: 429,
    providerType: null,
    retryable: true,
    retryAfterMs: null,
  } as const;
  const RECORDS = [
    request(0, { labels: { group: "a" }, queuedNs: 5_000_000 }),
    request(1, { chunksMs: [], usage: null, usageSource: "none", outcome: { kind: "error", finishReason: null, error } }),
    request(2, { phase: "warmup" }),
  ];

  test("is as in its golden file", async () => {
    await expect(await requestsAsCsv(RECORDS)).toMatchFileSnapshot("golden/requests.csv");
  });

  test("has one row for each request, those of warm-up as well, with its own figures", async () => {
    const [first, failed, warmup] = read(await requestsAsCsv(RECORDS));
    expect(first).toMatchObject({
      id: "r0",
      phase: "measured",
      outcome: "ok",
      ttftNs: "197000000",
      "response.ttftNs": "205000000",
      chunks: "6",
      longestChunkGapNs: "18000000",
      "tokens.outputTokens": "6",
      labels: '{"group":"a"}',
    });
    expect(failed).toMatchObject({
      outcome: "error",
      "error.code": "RATE_LIMITED",
      "error.message": "'=slow, down",
      ttftNs: "",
      costUsd: "",
    });
    expect(warmup?.phase).toBe("warmup");
  });

  test("gives what each request cost to its last digit, and nothing without prices", async () => {
    const priced = read(await requestsAsCsv(RECORDS))[0]?.costUsd;
    expect(Number(priced)).toBeCloseTo((100 * 0.003 + 6 * 0.02) / 1e6, 18);
    expect(read(await requestsAsCsv(RECORDS, false))[0]?.costUsd).toBe("");
  });

  test("of no requests is its titles", async () => {
    const text = await requestsAsCsv([]);
    expect(text.split("\n")).toHaveLength(2);
    expect(read(text)).toEqual([]);
  });
});
