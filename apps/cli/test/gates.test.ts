import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { THRESHOLD_METRIC_NAMES, type Report } from "@lens/metrics";
import type { Scenario } from "@lens/sim";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";

const reportOf = (text: string): Report => JSON.parse(text) as Report;

/** `bench sim:` with a threshold, and what else there is to be said. */
const bench = (thresholds: readonly string[], more = "-n 40 --warmup 0"): readonly string[] => [
  ..."bench sim: --json".split(" "),
  ...more.split(" "),
  ...thresholds.flatMap((threshold) => ["--threshold", threshold]),
];

/** Every request has its first token after exactly so long, or a little later. */
const afterMs = (ttftMs: number): Partial<Scenario> => ({ ttftMs, gapMs: 0, outputTokens: 2 });
const ALL_FAIL: Partial<Scenario> = { faults: [{ fault: "500", share: 1 }] };

describe("a threshold", () => {
  interface Case {
    readonly what: string;
    readonly threshold: string;
    readonly scenario?: Partial<Scenario>;
    readonly args?: string;
    readonly code: number;
    /** What the last line on standard error says; nothing where it is null. */
    readonly says: RegExp | null;
    readonly met?: boolean | null;
  }

  const CASES: readonly Case[] = [
    { what: "that is met", threshold: "ttft p50 < 10s", code: 0, says: null, met: true },
    {
      what: "that is breached",
      threshold: "ttft p50 < 20ms",
      scenario: afterMs(30),
      code: 4,
      says: /^lens: `ttft p50 < 20ms` is breached: p50 is [\d.]+ ms \([\d.]+ ms to [\d.]+ ms at 95 % confidence\), over 40 samples\.$/,
      met: false,
    },
    {
      what: "that is breached by a hair",
      threshold: "error rate < 2%",
      scenario: { faults: [{ fault: "500", every: 40 }] },
      code: 4,
      says: /^lens: `error rate < 2%` is breached: errorRate is 2\.5 % \(0\.0633 % to 13\.2 % at 95 % confidence\): 1 of 40 requests\. Its interval leaves that open: more requests may turn it round\.$/,
      met: false,
    },
    {
      what: "on an unknown metric",
      threshold: "tfft p95 < 1s",
      code: 2,
      says: /^lens: Expected a threshold's metric to be one of ttft, .*, got `tfft p95`\. Did you mean `ttft`\?$/,
    },
    {
      what: "on a percentile that the requests are too few for",
      threshold: "ttft p99 < 10s",
      code: 4,
      says: /^lens: `ttft p99 < 10s` cannot be judged: p99 needs 100 samples, and stands on 40 samples \(at least [\d.]+ ms at 95 % confidence\)\.$/,
      met: null,
    },
    {
      what: "where all failed",
      threshold: "ttft p95 < 10s",
      scenario: ALL_FAIL,
      code: 4,
      says: /^lens: `ttft p95 < 10s` is breached: all 40 requests failed\.$/,
      met: false,
    },
    {
      what: "where 97 % failed, whose answers were all quick",
      threshold: "ttft p50 < 10s",
      // Of 100 requests with this seed, 97.
      scenario: { faults: [{ fault: "500", share: 0.97 }], seed: 8 },
      args: "-n 100 --warmup 0",
      code: 4,
      says: /^lens: `ttft p50 < 10s` is breached: p50 is a failed request, over 3 samples and 97 failed requests\.$/,
      met: false,
    },
    {
      what: "on a figure that the run does not give",
      threshold: "response ttft p50 < 10s",
      code: 4,
      says: /^lens: `response ttft p50 < 10s` cannot be judged: response\.ttft is not known in this run\.$/,
      met: null,
    },
    {
      what: "on a cost that nobody knows",
      threshold: "cost per request < $0.01",
      code: 4,
      says: /^lens: `cost per request < \$0\.01` cannot be judged: costUsd\.perRequest is not known in this run\.$/,
      met: null,
    },
    {
      what: "on goodput without objectives",
      threshold: "goodput > 95%",
      code: 2,
      says: /^lens: Expected `--slo`, which says what a good request is, with the threshold `goodput > 95%`\.$/,
    },
    { what: "on goodput", threshold: "goodput > 95%", args: "-n 40 --warmup 0 --slo ttft=10s", code: 0, says: null, met: true },
    {
      what: "on goodput that is missed",
      threshold: "goodput > 95%",
      scenario: afterMs(30),
      args: "-n 40 --warmup 0 --slo ttft=20ms",
      code: 4,
      says: /^lens: `goodput > 95%` is breached: goodput is 0 % \(0 % to 8\.81 % at 95 % confidence\): 0 of 40 requests\.$/,
      met: false,
    },
  ];

  test.each(CASES)("$what: exit code $code", async ({ threshold, scenario, args, code, says, met }) => {
    const run = await lens(bench([threshold], args), scenario === undefined ? {} : { scenario });
    expect(run.err.trimEnd().split("\n").at(-1)).toMatch(says ?? /^$/);
    expect(run.code).toBe(code);
    if (met === undefined) expect(run.io.truth()).toEqual([]);
    else expect(reportOf(run.out).thresholds).toMatchObject([{ text: threshold, label: "sim", met }]);
  });

  test("is shown in the report for people, with what it stands on", async () => {
    const { out } = await lens(["bench", "sim:", "-n", "40", "--threshold", "ttft p50 < 10s, ttft p99 < 10s"]);
    expect(out).toContain("thresholds    1 of 2 met\n  ttft p50 < 10s: met\n    p50 is ");
    expect(out).toContain("  ttft p99 < 10s: CANNOT BE JUDGED\n    p99 needs 100 samples, and stands on 40 samples");
  });

  test("holds for every target, and in the configuration for its own", async () => {
    const { cwd } = await createFakeIo();
    const targets = ["sim:a", { target: "sim:b", thresholds: ["ttft p50 > 10s"] }];
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets, thresholds: "ttft p50 < 10s" }));
    const { code, out, err } = await lens("bench -n 10 --json", { cwd });
    expect(reportOf(out).thresholds.map(({ label, text, met }) => [label, text, met])).toEqual([
      ["sim:a", "ttft p50 < 10s", true],
      ["sim:b", "ttft p50 < 10s", true],
      ["sim:b", "ttft p50 > 10s", false],
    ]);
    expect(err).toMatch(/^lens: sim:b: `ttft p50 > 10s` is breached: /);
    expect(code).toBe(4);
  });

  test("holds at every level of a sweep", async () => {
    const { code, out } = await lens(bench(["ttft p50 < 120ms"], "-c 1,4 -n 8"), { scenario: { ...afterMs(60), slots: 1 } });
    expect(reportOf(out).thresholds.map(({ label, met }) => [label, met])).toEqual([
      ["sim @ 1", true],
      ["sim @ 4", false],
    ]);
    expect(code).toBe(4);
  });

  test("of one request holds too", async () => {
    const { code, out, err } = await lens(["profile", "sim:", "--threshold", "ttft max < 10s, ttft max < 1ms"]);
    expect(out).toMatch(/thresholds {4}1 of 2 met\n {2}ttft max < 10s: met\n {4}max is .*, over 1 sample\n {2}ttft max < 1ms: BREACHED/);
    expect(err).toMatch(/lens: `ttft max < 1ms` is breached: max is /);
    expect(code).toBe(4);
  });

  test("of the configuration is put out of force by a search, unless it is of one target", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ thresholds: ["ttft p50 < 1ms"] }));
    const search = ["bench", "sim:", "-c", "1", "-n", "4", "--json", "--search", "ttft p50 < 10s"];
    const { code, out } = await lens(search, { cwd });
    expect([code, reportOf(out).thresholds]).toEqual([0, []]);
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets: [{ target: "sim:", thresholds: ["ttft p50 < 1ms"] }] }));
    const refused = await lens(
      search.filter((word) => word !== "sim:"),
      { cwd },
    );
    expect([refused.code, refused.err]).toEqual([2, "lens: Expected no `--search` with `--threshold`.\n"]);
  });

  test("does not go with a search, which looks for where thresholds are missed", async () => {
    const { code, err } = await lens([...bench(["ttft p50 < 1s"], "-n 40"), "--search", "ttft p50 < 1s"]);
    expect(err).toBe("lens: Expected either `--search` or `--threshold`, got both.\n");
    expect(code).toBe(2);
  });
});

describe("exit codes", () => {
  const fails = { scenario: { faults: [{ fault: "500", share: 0.5 }] } } as const;

  test("of a missed threshold come before that of failed requests, which are told all the same", async () => {
    const { code, err } = await lens(bench(["ttft p50 < 1ms"]), fails);
    expect(err).toMatch(/^lens: \d+ × SERVER_ERROR: .*\nlens: [\d.]+ % of the requests failed, .*\nlens: `ttft p50 < 1ms` is breached: /);
    expect(code).toBe(4);
  });

  test("of failed requests hold where the thresholds are met", async () => {
    expect((await lens(bench(["requests >= 40"]), fails)).code).toBe(3);
  });

  test("are left to a threshold on errors, where there is one and no --max-error-rate", async () => {
    expect((await lens(bench(["error rate < 90%"]), fails)).code).toBe(0);
    expect((await lens([...bench(["error rate < 90%"]), "--max-error-rate", "1%"], fails)).code).toBe(3);
  });

  test("of a missed threshold come before that of a regression", async () => {
    const { cwd } = await createFakeIo();
    await lens("bench sim: -n 40 --output before.json", { cwd, scenario: afterMs(5) });
    const options = { cwd, scenario: afterMs(300) };
    expect((await lens(bench(["vs before.json: ttft p50 < +20%"]), options)).code).toBe(5);
    expect((await lens(bench(["vs before.json: ttft p50 < +20%", "ttft p50 < 20ms"]), options)).code).toBe(4);
  });
});

describe("a threshold that is relative to other results", () => {
  async function before(ttftMs: number): Promise<string> {
    const { cwd } = await createFakeIo();
    await lens("bench sim: -n 40 --output before.json --records before.jsonl", { cwd, scenario: afterMs(ttftMs) });
    await lens("baseline save main before.json", { cwd });
    return cwd;
  }

  test("is met or missed by how the figure changed", async () => {
    const cwd = await before(100);
    const slower = await lens(bench(["vs before.json: ttft p50 < +50%"]), { cwd, scenario: afterMs(400) });
    expect(slower.err).toMatch(
      /^lens: `vs before\.json: ttft p50 < \+50%` is breached: p50 is [\d.]+ ms \(.*\), over 40 samples; \+[\d.]+ % from [\d.]+ ms of `before\.json`\.\n$/,
    );
    expect(reportOf(slower.out).thresholds).toMatchObject([
      { met: false, certain: true, reference: { name: "before.json", allowed: 0.5 } },
    ]);
    expect(slower.code).toBe(5);
    const faster = await lens(bench(["vs before.json: ttft p50 < +50%"]), { cwd, scenario: afterMs(2) });
    expect([faster.code, faster.err]).toEqual([0, ""]);
  });

  test("takes a baseline by its name, and records too", async () => {
    const cwd = await before(150);
    const { code, out } = await lens(bench(["vs main: ttft p50 < +50%", "vs before.jsonl: e2e p50 < +50%"]), { cwd, scenario: afterMs(2) });
    expect(reportOf(out).thresholds.map(({ met }) => met)).toEqual([true, true]);
    expect(code).toBe(0);
  });

  test.each([
    ["vs none.json: ttft p50 < +5%", "lens: Cannot read `none.json`: there is no such file or folder.\n"],
    ["vs mian: ttft p50 < +5%", "Did you mean `main`?"],
    ["vs main: ttft p50 < 800ms", "Expected the limit after `vs REFERENCE:` to be a change such as +10% or -5%, got `800ms`."],
  ])("is refused as `%s` before anything is sent", async (threshold, says) => {
    const { code, err, io } = await lens(bench([threshold]), { cwd: await before(5) });
    expect(err).toContain(says);
    expect(io.truth()).toEqual([]);
    expect(code).toBe(2);
  });

  test("cannot be judged where the other results lack the figure", async () => {
    const { code, err } = await lens(bench(["vs main: ttft p99 < +5%"], "-n 100 --warmup 0"), { cwd: await before(5) });
    expect(err).toMatch(/cannot be judged: `main` gives nothing to compare with: p99 needs 100 samples, and stands on 40 samples/);
    expect(code).toBe(4);
  });
});

describe("--abort-on-fail", () => {
  test("stops the run as soon as a threshold can no longer be met, and writes what there is", async () => {
    const { code, out, err, io } = await lens([...bench(["error rate < 1%"], "-n 500 -c 4 --warmup 0"), "--abort-on-fail"], {
      scenario: ALL_FAIL,
    });
    expect(err).toMatch(
      /^lens: stopped early: sim: `error rate < 1%` can no longer be met: errorRate is 100 % \(.*\): 5 of 5 requests\.\n/,
    );
    const { groups, run, thresholds, notes } = reportOf(out);
    expect(groups[0]?.requests).toBe(io.truth().length);
    expect(groups[0]?.requests).toBeLessThan(30);
    expect(run.interrupted).toBe(true);
    expect(thresholds).toMatchObject([{ met: false, certain: true }]);
    expect(notes.join()).toContain("Stopped early: sim: `error rate < 1%` can no longer be met");
    expect(code).toBe(4);
  });

  test("asks no further target", async () => {
    const { out } = await lens(["bench", "sim:a", "sim:b", "-n", "200", "--json", "--threshold", "ttft max < 1ms", "--abort-on-fail"]);
    const { groups, thresholds } = reportOf(out);
    expect(groups.map(({ target }) => target.label)).toEqual(["sim:a"]);
    expect(thresholds.map(({ label, met }) => [label, met])).toEqual([
      ["sim:a", false],
      ["sim:b", null],
    ]);
  });

  test("looks at each level of a sweep, and at what holds of one target only", async () => {
    const { cwd } = await createFakeIo();
    const targets = [{ target: "sim:", thresholds: "ttft max < 250ms" }];
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets }));
    const { code, out } = await lens("bench -c 1,8,9 -n 8 --json --abort-on-fail", { cwd, scenario: { ...afterMs(60), slots: 1 } });
    expect(reportOf(out).groups.map(({ target }) => target.label)).toEqual(["sim @ 1", "sim @ 8"]);
    expect(reportOf(out).notes.join()).toContain("Stopped early: sim @ 8: `ttft max < 250ms` can no longer be met");
    expect(code).toBe(4);
  });

  test("lets a run that goes well come to its end", async () => {
    const { code, out } = await lens([...bench(["error rate < 1%", "ttft p95 < 10s", "requestsPerSecond > 1"]), "--abort-on-fail"]);
    expect(reportOf(out).groups[0]?.requests).toBe(40);
    expect(code).toBe(0);
  });

  test("gives up on a regression with its own exit code", async () => {
    const { cwd } = await createFakeIo();
    await lens("bench sim: -n 40 --output before.json", { cwd, scenario: afterMs(2) });
    const { code, out } = await lens([...bench(["vs before.json: ttft p50 < +100%"], "-n 400 -c 10"), "--abort-on-fail"], {
      cwd,
      scenario: afterMs(250),
    });
    expect(reportOf(out).groups[0]?.requests).toBeLessThan(300);
    expect(code).toBe(5);
  });

  test("wants a threshold", async () => {
    const { code, err } = await lens("bench sim: --abort-on-fail");
    expect(err).toBe("lens: Expected `--threshold` with `--abort-on-fail`.\n");
    expect(code).toBe(2);
  });
});

describe("check", () => {
  async function saved(): Promise<string> {
    const { cwd } = await createFakeIo();
    await lens("bench sim: -n 40 --output report.json --records records.jsonl", { cwd });
    return cwd;
  }

  test("holds a saved report, or records, against thresholds", async () => {
    const cwd = await saved();
    for (const file of ["report.json", "records.jsonl"]) {
      const met = await lens(["check", file, "--threshold", "ttft p50 < 10s"], { cwd });
      expect(met.out).toMatch(/^thresholds {4}1 of 1 met\n {2}ttft p50 < 10s: met\n {4}p50 is .*, over 40 samples/);
      expect([met.code, met.err]).toEqual([0, ""]);
      const missed = await lens(["check", file, "--threshold", "ttft p99 < 10s"], { cwd });
      expect(missed.out).toContain("ttft p99 < 10s: CANNOT BE JUDGED");
      expect(missed.code).toBe(4);
    }
  });

  test("compares two saved reports", async () => {
    const cwd = await saved();
    const { code, out } = await lens(["check", "report.json", "--json", "--threshold", "vs report.json: ttft p50 <= 0%"], { cwd });
    expect(JSON.parse(out)).toMatchObject({ schema: 1, ok: true, thresholds: [{ met: true, certain: false, reference: { change: 0 } }] });
    expect(code).toBe(0);
  });

  test("takes the thresholds of the configuration, for all and for its own targets", async () => {
    const cwd = await saved();
    const targets = [
      { target: "sim:", thresholds: "ttft p50 > 10s" },
      { target: "sim:other", thresholds: "ttft p50 < 10s" },
    ];
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets, thresholds: ["requests >= 40"] }));
    const { code, out } = await lens("check report.json --json", { cwd });
    const { thresholds } = JSON.parse(out) as Report;
    expect(thresholds.map(({ label, text, met }) => [label, text, met])).toEqual([
      ["sim", "requests >= 40", true],
      ["sim", "ttft p50 > 10s", false],
      ["sim:other", "requests >= 40", null],
      ["sim:other", "ttft p50 < 10s", null],
    ]);
    expect(code).toBe(4);
  });

  test("does not pass what holds no request", async () => {
    const { cwd } = await createFakeIo();
    const empty = { ...reportOf(await readFile(join(await saved(), "report.json"), "utf8")), groups: [] };
    await writeFile(join(cwd, "empty.json"), JSON.stringify(empty));
    const { code, out } = await lens(["check", "empty.json", "--threshold", "error rate < 1%"], { cwd });
    expect(out).toContain("error rate < 1%: CANNOT BE JUDGED\n    there are no requests");
    expect(code).toBe(4);
  });

  test.each([
    [["check", "--threshold", "ttft p50 < 1s"], "Expected the result to check, a report as JSON or a file of records, got none."],
    [["check", "report.json"], 'Expected `--threshold`, such as "ttft p95 < 800ms", or `thresholds` in a configuration file, got none.'],
    [["check", "none.json", "--threshold", "ttft p50 < 1s"], "Cannot read `none.json`: there is no such file or folder."],
    [["check", "report.json", "--threshold", "speed > 1"], "Expected a threshold's metric to be one of"],
  ])("refuses %j", async (args, says) => {
    const { code, err } = await lens(args, { cwd: await saved() });
    expect(err).toContain(says);
    expect(code).toBe(2);
  });
});

describe("the help", () => {
  test("names every metric that a threshold can be on, and the exit codes", async () => {
    const { out } = await lens("check --help");
    const words = (text: string): string => text.replaceAll(/\s+/g, " ");
    expect(words(out)).toContain(`Metrics of thresholds: ${THRESHOLD_METRIC_NAMES.join(", ")}.`);
    expect(words((await lens("--help")).out)).toContain("4 a threshold was missed or could not be judged");
  });

  test("is completed", async () => {
    expect((await lens("--complete check --th")).out).toBe("--threshold\n");
    expect((await lens("--complete bench --abort")).out).toBe("--abort-on-fail\n");
  });
});

describe("docs/GATES.md", () => {
  const page = readFileSync(new URL("../../../docs/GATES.md", import.meta.url), "utf8");
  const blocks = (language: string): readonly string[] =>
    [...page.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\`\`\``, "gms"))].map((match) => match[1] ?? "");

  /** The words of a command line in which only double quotes are used. */
  const wordsOf = (line: string): readonly string[] => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");

  test("shows commands that end as it says", async () => {
    const { cwd } = await createFakeIo();
    const lines = blocks("sh").flatMap((block) => block.trimEnd().split("\n"));
    const expected = lines.map((line) => ({ line, code: Number(/exit code (\d)/.exec(line)?.[1] ?? 0) }));
    const found: typeof expected = [];
    for (const { line } of expected) {
      found.push({ line, code: (await lens(wordsOf(line.replace(/^lens |#.*/g, "")), { cwd })).code });
    }
    expect(found).toEqual(expected);
    expect(expected.length).toBeGreaterThan(10);
  });

  test("shows settings that are taken, and a report as a run prints it, but for the figures", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.yaml"), blocks("yaml").join(""));
    expect((await lens("config", { cwd })).code).toBe(0);
    const [command = ""] = /(?<=^\$ lens ).*/m.exec(page) ?? [];
    const { out, err } = await lens(wordsOf(command));
    const plain = (text: string): string => text.replaceAll(/[\d.]+ ms/g, "…").replaceAll(/\s+/g, " ");
    const [, table = "", complaint = ""] = (blocks("console")[0] ?? "").split("…\n");
    expect(plain(out)).toContain(plain(table).trim());
    expect(plain(err)).toBe(plain(complaint));
  });

  test("names every metric", () => {
    expect(THRESHOLD_METRIC_NAMES.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });
});
