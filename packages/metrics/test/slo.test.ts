import { describe, expect, test } from "vitest";
import { createGroup, formatSlo, type GroupSummary, parseSlo, type Slo } from "../src/index.ts";
import { failed, record, STARTED_AT_MS } from "./records.ts";

const MS = 1_000_000;

function groupOf(slo: Slo, records: readonly ReturnType<typeof record>[]): GroupSummary {
  const group = createGroup({ target: record().target, priceBook: null, window: null, slo });
  for (const each of records) group.add(each);
  return group.summary();
}

describe("SLOs", () => {
  test("are read with or without units, in whatever case, blanks or punctuation", () => {
    expect(parseSlo("ttft=500ms,tpot=30ms,e2e=10s")).toEqual({ ttftNs: 500 * MS, tpotNs: 30 * MS, e2eNs: 10_000 * MS });
    expect(parseSlo(" TTFO = 250 , response-ttft=1s,Response.E2E=2m,response_ttfo=1s")).toEqual({
      ttfoNs: 250 * MS,
      responseTtftNs: 1000 * MS,
      responseTtfoNs: 1000 * MS,
      responseE2eNs: 120_000 * MS,
    });
  });

  test.each([
    ["", "Expected SLOs such as `ttft=500ms,tpot=30ms`, got ``."],
    ["ttft<500ms", "Expected SLOs such as `ttft=500ms,tpot=30ms`, got `ttft<500ms`."],
    ["ttft=500ms,", "Expected SLOs such as `ttft=500ms,tpot=30ms`, got ``."],
    [
      "ttf=1s",
      "Expected an SLO on one of ttft, ttfo, tpot, e2e, response.ttft, response.ttfo, response.e2e, got `ttf`. Did you mean `ttft`?",
    ],
    ["latency=1s", "Expected an SLO on one of ttft, ttfo, tpot, e2e, response.ttft, response.ttfo, response.e2e, got `latency`."],
    ["ttft=fast", "Expected the SLO on `ttft` to be"],
    ["ttft=0ms", "Expected the SLO on `ttft` to be more than 0, got `0ms`."],
    ["ttft=1s,TTFT=2s", "Expected one SLO on `ttft`, got two."],
  ])("written as `%s` are refused", (written, message) => {
    expect(() => parseSlo(written)).toThrow(message);
  });

  test("are written out in the order in which a request lives through them", () => {
    expect(formatSlo({ e2eNs: 10_000 * MS, ttftNs: 500 * MS })).toBe("ttft ≤ 500 ms, e2e ≤ 10.0 s");
  });
});

describe("goodput", () => {
  test("counts requests that met every SLO, and failed ones as not met", () => {
    const { goodput, series } = groupOf({ ttftNs: 200 * MS, tpotNs: 20 * MS }, [
      record(),
      record({ startedAtMs: STARTED_AT_MS + 1000 }),
      record({ startedAtMs: STARTED_AT_MS + 2000, attempts: record().attempts.map((attempt) => ({ ...attempt, sentNs: 9_999_999 })) }),
      failed("RATE_LIMITED", { startedAtMs: STARTED_AT_MS + 2000 }),
    ]);
    expect(goodput).toMatchObject({ slo: { ttftNs: 200 * MS, tpotNs: 20 * MS }, met: 2, judged: 4, share: 0.5, ratePerSecond: 1 });
    expect(goodput?.interval.lower).toBeCloseTo(0.0676, 4);
    expect(goodput?.interval.upper).toBeCloseTo(0.9324, 4);
    expect(series?.bins.map((bin) => bin.goodput)).toEqual([1, 1, 0]);
  });

  test("leaves out a request whose figure is not known, unless another is over its limit", () => {
    const unreported = record({ usage: null, usageSource: "none" });
    const { goodput, series } = groupOf({ ttftNs: 200 * MS, tpotNs: 20 * MS }, [record(), unreported]);
    expect(goodput).toMatchObject({ met: 1, judged: 1, share: 1 });
    expect(series?.bins).toMatchObject([{ goodput: 1 }]);
    expect(groupOf({ ttftNs: MS, tpotNs: 20 * MS }, [unreported]).goodput).toMatchObject({ met: 0, judged: 1, share: 0 });
    const none = groupOf({ tpotNs: 20 * MS }, [unreported]);
    expect(none.goodput).toMatchObject({ judged: 0, share: null, ratePerSecond: null, interval: { lower: null, upper: null } });
    expect(none.series?.bins).toMatchObject([{ goodput: null }]);
  });

  test("has no rate where there is no window, and is null without SLOs", () => {
    expect(groupOf({ ttftNs: MS }, [record()]).goodput).toMatchObject({ share: 0, ratePerSecond: null });
    const group = createGroup({ target: record().target, priceBook: null, window: null });
    group.add(record());
    expect(group.summary().goodput).toBeNull();
  });
});
