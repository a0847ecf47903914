import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ComparisonReport, type ComparisonSide, type Report, summarize } from "@lens/metrics";
import { type Scenario, type Simulator, startSimulator } from "@lens/sim";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { pairSides } from "../src/compare-sides.ts";
import { runDifferences, sideDoubts } from "../src/comparability.ts";
import { createFakeIo, type FakeIoOptions, lens } from "./fake-io.ts";
import { recordOf, reportOf } from "./saved-reports.ts";

const comparisonOf = (text: string): ComparisonReport => JSON.parse(text) as ComparisonReport;
const STEADY: Partial<Scenario> = { ttftMs: { median: 4, sigma: 0.1 }, gapMs: 1, outputTokens: 3 };
const SLOW: Partial<Scenario> = { ...STEADY, ttftMs: { median: 24, sigma: 0.1 } };
/** What no busy machine can hide. */
const FAULTY: Partial<Scenario> = { ...SLOW, faults: [{ fault: "500", every: 3 }] };

const started: Simulator[] = [];
let cwd: string;
beforeEach(async () => {
  ({ cwd } = await createFakeIo());
});
afterEach(async () => {
  await Promise.all(started.splice(0).map((simulator) => simulator.close()));
});

/** Starts a simulator for each scenario and names them A, B and so on in the configuration file. */
async function serve(...scenarios: readonly Partial<Scenario>[]): Promise<readonly Simulator[]> {
  const simulators = await Promise.all(scenarios.map((scenario) => startSimulator({ scenario })));
  started.push(...simulators);
  const targets = simulators.map(({ baseUrls }, index) => ({ target: "openai:m", label: "ABC"[index], baseUrl: baseUrls.openai }));
  await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ targets }));
  return simulators;
}

/** Fewer draws than a user's comparison takes are quicker. */
const run = (args: string, options: FakeIoOptions = {}) => lens(args, { cwd, env: { LENS_RESAMPLES: "200" }, ...options });
/** Without what is said of the machine, which serves and measures at once in these tests. */
const notesOn = (out: string) => comparisonOf(out).notes.filter((note) => !note.includes("client-limited"));
const metricOf = ({ comparisons }: ComparisonReport, metric: string, statistic: number | null, at = 0) =>
  comparisons[at]?.metrics.find((row) => row.metric === metric && row.statistic === statistic);

describe("compare of targets", () => {
  test("asks them by turns, says which is slower, and exits with 5", async () => {
    const [one, other] = await serve(STEADY, FAULTY);
    const { code, out, err } = await run("compare -n 120 -c 4 --json --quiet --max-error-rate 1 --records records.jsonl");
    const comparison = comparisonOf(out);
    expect(comparison).toMatchObject({ schema: 1, kind: "comparison", ranking: null });
    expect(comparison.sides.map(({ source, group, run: { command } }) => [source, group.target.label, group.requests, command])).toEqual([
      [null, "A", 120, "lens compare A B"],
      [null, "B", 120, "lens compare A B"],
    ]);
    expect(metricOf(comparison, "errorRate", null)).toMatchObject({ base: 0, verdict: "slower" });
    expect(metricOf(comparison, "ttft", 50)?.differenceShare).toBeGreaterThan(0);
    expect([code, err]).toEqual([5, ""]);
    // A warm-up of a connection for each slot, to each of them, and never one far ahead of the other.
    expect([one?.truth().length, other?.truth().length]).toEqual([124, 124]);
    const lines = (await readFile(join(cwd, "records.jsonl"), "utf8")).trimEnd().split("\n");
    const measured = lines.map((line) => JSON.parse(line) as { id: string; phase: string; target: { label: string } });
    const order = measured
      .filter(({ phase }) => phase === "measured")
      .toSorted((a, b) => a.id.localeCompare(b.id))
      .map(({ target }) => target.label)
      .join("");
    expect((order.match(/../g) ?? []).every((round) => round === "AB" || round === "BA")).toBe(true);
    expect(new Set(order.match(/../g)).size).toBe(2);
  });

  test("repeats with the seed, and asks in another order with another", async () => {
    const simulators = await serve(STEADY, STEADY);
    let runs = 0;
    const orderOf = async (seed: number): Promise<string> => {
      const file = `r${(runs += 1)}.jsonl`;
      await run(`compare -n 20 -c 1 --warmup 0 --seed ${seed} --records ${file} --quiet`);
      const lines = (await readFile(join(cwd, file), "utf8")).trimEnd().split("\n");
      return lines.map((line) => (JSON.parse(line) as { target: { label: string } }).target.label).join("");
    };
    const first = await orderOf(3);
    expect(await orderOf(3)).toBe(first);
    expect(await orderOf(4)).not.toBe(first);
    expect(simulators.map((simulator) => simulator.truth().length)).toEqual([60, 60]);
  });

  test("goes block by block where that is asked for", async () => {
    await serve(STEADY, STEADY);
    await run("compare -n 10 -c 1 --warmup 0 --interleave block:5 --records r.jsonl --quiet");
    const lines = (await readFile(join(cwd, "r.jsonl"), "utf8")).trimEnd().split("\n");
    const order = lines.map((line) => (JSON.parse(line) as { target: { label: string } }).target.label).join("");
    expect((order.match(/.{5}/g) ?? []).every((block) => block === "AAAAA" || block === "BBBBB")).toBe(true);
  });

  test("ranks more than two, and compares each with the first", async () => {
    await serve(STEADY, SLOW, STEADY);
    const { out } = await run("compare -n 60 -c 3 --quiet -o c.json");
    expect(out).toContain("Ranking");
    expect(out).toMatch(/^TTFT p50 {6}1/m);
    const comparison = comparisonOf(await readFile(join(cwd, "c.json"), "utf8"));
    expect(comparison.comparisons.map(({ base, candidate }) => base.label + candidate.label)).toEqual(["AB", "AC"]);
    expect(comparison.ranking?.comparisons).toHaveLength(3);
  });

  test("says what failed, and that there is nothing to tell apart", async () => {
    await serve(STEADY, { ...STEADY, faults: [{ fault: "500", every: 1 }] });
    const { code, out, err } = await run("compare -n 30 -c 3 --json");
    expect(metricOf(comparisonOf(out), "errorRate", null)).toMatchObject({ candidate: 1, verdict: "slower" });
    expect(err).toContain("of the requests failed, more than `--max-error-rate`");
    expect(code).toBe(5);
  });
});

test("by turns, the quicker of two is the quicker one under a drift that raises both", async () => {
  const drift = { share: 0.5, overMs: 2_000 };
  await serve({ ttftMs: 50, drift, gapMs: 1, outputTokens: 2 }, { ttftMs: 40, drift, gapMs: 1, outputTokens: 2 });
  const comparison = comparisonOf((await run("compare -n 120 -c 6 --json --quiet")).out);
  expect(comparison.comparisons[0]?.paired).toBe(true);
  expect(metricOf(comparison, "ttft", 50)?.differenceShare).toBeLessThan(0);
});

describe("compare of saved results", () => {
  /** Keeps a run of a real simulator. */
  async function save(name: string, scenario: Partial<Scenario>, args = ""): Promise<void> {
    const simulator = await startSimulator({ scenario });
    started.push(simulator);
    const { code } = await run(`bench openai:m --base-url ${simulator.baseUrls.openai} -n 60 -c 4 --quiet ${args} -f json -o ${name}.json`);
    expect(code).toBe(0);
  }

  /** Keeps a made-up run, as a report and as records: each answer takes `times` as long as it might. */
  async function make(name: string, times: number): Promise<void> {
    const records = Array.from({ length: 400 }, (_, index) => recordOf(index)).map((record) => ({
      ...record,
      arrivals: { ...record.arrivals, atNs: record.arrivals.atNs.map((atNs) => Math.round(atNs * times)) },
      endNs: Math.round(record.endNs * times),
    }));
    const context = { tool: { name: "t", version: "1" }, run: reportOf({ requests: 1 }).run };
    await writeFile(join(cwd, `${name}.json`), JSON.stringify(summarize(records, context)));
    await writeFile(join(cwd, `${name}.jsonl`), records.map((record) => `${JSON.stringify(record)}\n`).join(""));
  }

  test("of two files takes the first for the base, and says that they are not of one time", async () => {
    await make("base", 1);
    await make("new", 1.2);
    const { code, out } = await run("compare base.json new.json --json");
    const comparison = comparisonOf(out);
    expect(comparison.sides.map(({ source, group }) => [source, group.target.label])).toEqual([
      ["base.json", "sim (base.json)"],
      ["new.json", "sim (new.json)"],
    ]);
    expect(comparison.comparisons[0]).toMatchObject({ paired: false, margin: 0.02, confidence: 0.95, seed: 1 });
    expect(metricOf(comparison, "ttft", 50)).toMatchObject({ verdict: "slower" });
    expect(code).toBe(5);
    const other = await run("cmp new.json base.json --margin 5% --confidence 99% --seed 7 --resamples 500");
    expect(other.out).toMatch(/^sim \(base\.json\) is 16\.\d % faster at TTFT p50 \(\d\d\.\d % … \d\d\.\d %\)\./);
    expect(Math.max(...other.out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    for (const word of ["not paired", "confidence 99 %", "margin 5 %", "500 resamples", "seed 7"]) expect(other.out).toContain(word);
    expect(other.code).toBe(0);
  });

  test("needs no report: records do", async () => {
    await make("base", 1);
    await make("new", 1.2);
    const { code, out } = await run("compare base.jsonl new.jsonl --json");
    expect(notesOn(out)).toEqual(["With which options one of them was measured is not known, as records do not say."]);
    expect(code).toBe(5);
  });

  test("with a baseline", async () => {
    await make("base", 1);
    await make("new", 1);
    expect((await run("baseline save main base.json")).code).toBe(0);
    const { code, out } = await run("compare --baseline main new.json --json");
    expect(comparisonOf(out).sides.map(({ source }) => source)).toEqual(["baseline main", "new.json"]);
    expect(metricOf(comparisonOf(out), "ttft", 50)).toMatchObject({ differenceShare: 0, verdict: "no-difference" });
    expect(code).toBe(0);
  });

  test("measures a target anew against a baseline", async () => {
    await make("base", 1);
    await run("baseline save main base.json");
    await serve(FAULTY);
    const { code, out } = await run("compare --baseline main -n 60 -c 4 --max-error-rate 1 --json --quiet");
    const comparison = comparisonOf(out);
    expect(comparison.sides.map(({ source, group }) => [source, group.target.label])).toEqual([
      ["baseline main", "sim"],
      [null, "A"],
    ]);
    expect(comparison.comparisons[0]?.paired).toBe(false);
    expect(code).toBe(5);
  });

  test("says what else differs between the runs", async () => {
    await save("base", STEADY, "--max-tokens 2");
    await save("new", STEADY, "--prompt Other --temperature 0");
    const { out } = await run("compare base.json new.json --json");
    expect(notesOn(out)).toEqual([
      "The prompts differ: what one of them takes longer for may be its own prompt.",
      "The runs differ in maxTokens (2 and none), temperature (none and 0).",
    ]);
  });

  test("of one report compares its groups, but not as if they had run together", async () => {
    const [one, other] = await serve(STEADY, SLOW);
    await run("bench -n 80 -c 4 --quiet -f json -o both.json");
    expect([one?.truth().length, other?.truth().length]).toEqual([84, 84]);
    const { out } = await run("compare both.json --json");
    expect(comparisonOf(out).comparisons[0]).toMatchObject({ base: { label: "A" }, candidate: { label: "B" }, paired: false });
    expect(metricOf(comparisonOf(out), "ttft", 50)?.differenceShare).toBeGreaterThan(0);
  });

  test("of one file of records knows who were asked by turns", async () => {
    await serve(STEADY, SLOW);
    await run("compare -n 200 -c 4 --quiet --records r.jsonl");
    const { code, out } = await run("compare r.jsonl --json");
    expect(comparisonOf(out).comparisons[0]?.paired).toBe(true);
    expect(
      comparisonOf(out)
        .sides.map(({ group }) => group.target.label)
        .toSorted(),
    ).toEqual(["A", "B"]);
    expect([0, 5]).toContain(code);
  });

  test("matches several groups by their labels, and says who is left out", async () => {
    await serve(STEADY, SLOW);
    await run("bench -n 40 -c 4 --quiet -f json -o one.json");
    await run("bench -n 40 -c 4 --quiet -f json -o two.json");
    const two = JSON.parse(await readFile(join(cwd, "two.json"), "utf8")) as Report;
    const renamed = two.groups.map((group, index) => (index === 1 ? { ...group, target: { ...group.target, label: "Z" } } : group));
    await writeFile(join(cwd, "two.json"), JSON.stringify({ ...two, groups: renamed }));
    const { out } = await run("compare one.json two.json --json");
    const { comparisons } = comparisonOf(out);
    expect(comparisons.map(({ base, candidate }) => [base.label, candidate.label])).toEqual([["A (one.json)", "A (two.json)"]]);
    expect(notesOn(out)).toEqual([
      "B of one.json has no counterpart, and is left out.",
      "Z of two.json has no counterpart, and is left out.",
    ]);
  });
});

describe("what is compared with what", () => {
  const report = reportOf({ requests: 4 });
  const labelled = (...labels: readonly string[]): Report => ({
    ...report,
    groups: labels.flatMap((label) => report.groups.map((group) => ({ ...group, target: { ...group.target, label } }))),
  });

  test("a file with itself gets two names", () => {
    const { sides } = pairSides([
      { name: "a.json", report },
      { name: "a.json", report },
    ]);
    expect(sides.map(({ group }) => group.target.label)).toEqual(["sim (a.json)", "sim (a.json) 2"]);
  });

  test("is refused where nothing goes together", () => {
    const source = (name: string, ...labels: readonly string[]) => ({ name, report: labelled(...labels) });
    expect(() => pairSides([source("a", "x")])).toThrow("Expected two groups in a, or something to compare it with, got only `x`.");
    expect(() => pairSides([source("a")])).toThrow("got none.");
    expect(() => pairSides([source("a", "x", "y"), source("b", "z")])).toThrow(
      "Expected a target that is in both results, got `x`, `y` in the base and `z` in b.",
    );
    expect(() => pairSides([source("a", "x"), source("b")])).toThrow("Expected groups to compare, got none in b.");
    expect(() => pairSides([source("a"), source("b", "x")])).toThrow("Expected groups to compare, got none in a.");
    expect(() => pairSides([])).toThrow("Expected results to compare, got none.");
  });

  test("says what surrounded the runs, where that differs", () => {
    const { sides } = pairSides([
      { name: "a", report },
      {
        name: "b",
        report: {
          ...report,
          run: { ...report.run, mode: "open", machine: null, versions: { lens: "9.9.9" }, interrupted: true },
        },
      },
      { name: "c", report: { ...report, run: { ...report.run, machine: { platform: "p", arch: "a", cpu: "c", cores: 8 } } } },
    ]);
    const [a, b, c] = sides as [ComparisonSide, ComparisonSide, ComparisonSide];
    expect(runDifferences(a, a)).toEqual([]);
    expect(runDifferences(a, b)).toEqual([
      "The runs differ in mode (closed and open): so do their loads.",
      "The runs were measured by different versions, 0.1.0 and 9.9.9.",
    ]);
    expect(runDifferences(a, c)).toEqual(["The runs were measured on different machines."]);
    expect(sideDoubts({ ...b, instrument: { ...b.instrument, state: "client-limited", verdict: "too late" } })).toEqual([
      "Of b: too late.",
      "The run of b was interrupted.",
    ]);
  });
});

describe("compare is refused", () => {
  test.each([
    ["compare", "Expected two targets or more, two saved results, or one of either with `--baseline`, got none."],
    ["compare sim:", "Expected two targets or more, two saved results, or one of either with `--baseline`, got one."],
    ["compare a.json", "Cannot read `a.json`: there is no such file or folder."],
    ["compare a.json sim:", "Expected targets only or saved results only, got `a.json`, a file, and `sim:`."],
    ["compare a.json b.json -n 10", "Expected no `--requests` with saved results, which were measured already."],
    ["compare sim: sim:m -c 1,2", "Expected one level of load to compare at, got several."],
    ["compare sim: sim:m --margin 2", "Expected `--margin` to be a share below 1, such as 0.02 or 2%, got `2`."],
    ["compare sim: sim:m --interleave block:0", "Expected `--interleave` to be request, or block:N such as block:10, got `block:0`."],
    ["compare sim: sim:m --confidence 100%", "Expected `--confidence` to be a share above 0 and below 1, such as 0.95 or 95%, got `100%`."],
    ["compare sim: sim:m --resamples 5", "Expected `--resamples` to be a whole number from 200 up, got `5`."],
    ["compare sim: sim:m -f yaml", "Expected `--format` to be one of console, json, json-compact"],
    ["compare sim: --baseline none", "Expected a baseline in `.lens/baselines`, got `none`: there are none here."],
  ])("as `%s`", async (args, message) => {
    const { code, err } = await run(args);
    expect(err).toContain(`lens: ${message}`);
    expect(code).toBe(2);
  });
});
