import { describe, expect, test } from "vitest";
import { parseReport, type Report, summarize, toReport } from "../src/index.ts";
import { failed, record, STARTED_AT_MS, usage } from "./records.ts";

const REPORT: Report = summarize(
  [
    record({ queuedNs: 0, latenessNs: 5, usage: usage({ inputTokens: 3, outputTokens: 5 }) }),
    record({ reply: { ...record().reply, model: "m", rateLimit: { "x-ratelimit-limit-requests": "5" } } }),
    failed("RATE_LIMITED"),
  ],
  {
    tool: { name: "llm-latency-lens", version: "0.1.0" },
    run: {
      startedAtMs: STARTED_AT_MS,
      durationNs: 1e9,
      mode: "open",
      command: "lens benchmark",
      seed: 1,
      options: { rate: 5, label: "x", strict: false, requests: null },
      versions: { node: "20" },
      machine: { platform: "linux", arch: "x64", cpu: "c", cores: 2 },
      interrupted: false,
      shards: null,
    },
    resources: {
      threads: 1,
      utilization: { mean: 0.1, max: 0.2 },
      gc: { count: 1, totalNs: 2, maxNs: 2 },
      cpuNs: 3,
      cpuScope: "thread",
      rss: { startBytes: 1, maxBytes: 3, endBytes: 2 },
    },
    sweeps: [{ label: "x", kind: "rate", knee: null, endedEarly: false }],
    searches: [
      {
        label: "x",
        kind: "rate",
        thresholds: ["ttft p95 < 1s"],
        status: "found",
        highestMet: 4,
        lowestMissed: null,
        verdict: "v",
        probes: [{ level: 4, met: null, certain: false, growing: true, reasons: ["r"] }],
      },
    ],
  },
);
const JSON_TEXT = JSON.stringify(REPORT, null, 2);

function refusal(read: () => unknown): unknown {
  try {
    read();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
  return "nothing was thrown";
}

describe("a saved report", () => {
  test("comes back field for field", () => {
    expect(parseReport(JSON_TEXT)).toEqual(REPORT);
  });

  test("may hold fields that a later version added; they are left out", () => {
    expect(toReport({ ...REPORT, novelty: 1 })).toEqual(REPORT);
  });

  test.each([
    ["", "nothing"],
    ["  \n", "nothing"],
    ["hello", "a text that is no JSON"],
    [JSON_TEXT.slice(0, 500), "JSON that was cut off"],
    ["{,}", "JSON with a mistake in it"],
    ['{"schema":1}\n{"schema":1}\n', "several lines of JSON, such as the records of requests"],
  ])("is not %j", (text, instead) => {
    expect(refusal(() => parseReport(text))).toBe(`INVALID_REPORT: Expected a report as JSON, got ${instead}.`);
  });

  test.each([
    [[REPORT], "a list"],
    [7, "something that is no object"],
    [null, "something that is no object"],
    [{ name: "package" }, "an object of another kind"],
    [record(), "the record of one request"],
    [{ ...REPORT, schema: 2 }, "one of schema 2, which another version of the tool wrote"],
  ])("is not another thing (%#)", (value, instead) => {
    expect(refusal(() => toReport(value))).toBe(`INVALID_REPORT: Expected a report of schema 1, got ${instead}.`);
  });

  const [group] = REPORT.groups;
  test.each([
    [{ ...REPORT, groups: {} }, "`groups` of the report to be a list, got an object"],
    [{ ...REPORT, groups: [{ ...group, requests: "3" }] }, "`groups[0].requests` of the report to be a whole number from 0 up, got `3`"],
    [{ ...REPORT, groups: [{ ...group, ttft: null }] }, "`groups[0].ttft` of the report to be an object, got null"],
    [
      { ...REPORT, groups: [{ ...group, ttft: { ...group?.ttft, p50Ns: [] } }] },
      "`groups[0].ttft.p50Ns` of the report to be a number, got a list",
    ],
    [
      { ...REPORT, groups: [{ ...group, models: { m: -1 } }] },
      "`groups[0].models.m` of the report to be a whole number from 0 up, got `-1`",
    ],
    [{ ...REPORT, run: { ...REPORT.run, mode: "loud" } }, "`run.mode` of the report to be single or closed or open or unknown, got `loud`"],
    [{ ...REPORT, run: { ...REPORT.run, interrupted: 0 } }, "`run.interrupted` of the report to be true or false, got `0`"],
    [{ ...REPORT, run: { ...REPORT.run, options: { a: [] } } }, "`run.options.a` of the report to be a text, got a list"],
    [{ ...REPORT, notes: undefined }, "`notes` of the report to be a list, got nothing"],
  ])("is refused where a field is not what it must be (%#)", (value, complaint) => {
    expect(refusal(() => toReport(value))).toBe(`INVALID_REPORT: Expected ${complaint}.`);
  });

  test("cannot put a name into other objects", () => {
    const hostile = JSON.parse(JSON_TEXT.replace('"rate": 5', '"__proto__": 5')) as unknown;
    expect(Object.hasOwn(toReport(hostile).run.options, "__proto__")).toBe(true);
  });
});
