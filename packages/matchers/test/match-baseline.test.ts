import { createPriceBook, parseReport, type Report, summarize } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { matchBaseline, type BaselineOptions } from "../src/match-baseline.ts";
import { readSubject } from "../src/subject.ts";
import { rising, type Written } from "./records.ts";

const RUN = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "unknown",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
} as const;

const baselineOf = (written: Written = {}): Report =>
  parseReport(JSON.stringify(summarize(rising(20, { ttftMs: 100, ...written }), { tool: { name: "test", version: "0" }, run: RUN })));

/** What each measure came to. */
function judge(written: Written, options: BaselineOptions = {}, baseline = baselineOf()): Readonly<Record<string, boolean | null>> {
  const subject = readSubject(rising(20, { ttftMs: 100, ...written }), { priceBook: createPriceBook() });
  const findings = matchBaseline("main", options, () => baseline).judge(subject);
  return Object.fromEntries(findings.map(({ outcome }) => [outcome.text, outcome.met]));
}

describe("matching a baseline", () => {
  test("allows a tenth more, in the medians of TTFT, TPOT and the whole", () => {
    expect(judge({ ttftMs: 109 })).toEqual({
      "vs main: ttft p50 <= +10%": true,
      "vs main: tpot p50 <= +10%": true,
      "vs main: e2e p50 <= +10%": true,
    });
    expect(judge({ ttftMs: 120, gapMs: 12 })).toEqual({
      "vs main: ttft p50 <= +10%": false,
      "vs main: tpot p50 <= +10%": false,
      "vs main: e2e p50 <= +10%": false,
    });
  });

  test("takes another tolerance, and other measures; of rates more is better", () => {
    expect(judge({ ttftMs: 120, gapMs: 12 }, { tolerance: 0.25, measures: ["ttft p95", "outputTokensPerSecond p50"] })).toEqual({
      "vs main: ttft p95 <= +25%": true,
      "vs main: outputTokensPerSecond p50 >= -25%": true,
    });
    expect(judge({ gapMs: 20 }, { measures: ["outputTokensPerSecond p50"] })).toEqual({
      "vs main: outputTokensPerSecond p50 >= -10%": false,
    });
  });

  test("leaves out what the baseline does not have, unless it was asked for", () => {
    const baseline = baselineOf({ reportUsage: false });
    expect(Object.keys(judge({}, {}, baseline))).toEqual(["vs main: ttft p50 <= +10%", "vs main: e2e p50 <= +10%"]);
    expect(judge({}, { measures: ["tpot p50"] }, baseline)).toEqual({ "vs main: tpot p50 <= +10%": null });
  });

  test("cannot do without a figure that the baseline has", () => {
    expect(judge({ reportUsage: false })["vs main: tpot p50 <= +10%"]).toBeNull();
  });

  test("cannot judge a target that the baseline does not know", () => {
    const two = { ...baselineOf(), groups: [...baselineOf({ label: "a" }).groups, ...baselineOf({ label: "b" }).groups] };
    expect(Object.values(judge({}, {}, two))).toEqual([null, null, null]);
  });
});
