import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRecord, type RequestRecord } from "@lens/core";
import { EXPORTERS, RECORD_EXPORTERS } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { openHiddenFile, writeFileAtomically } from "../src/files.ts";
import { FORMAT_WORDS } from "../src/output-options.ts";
import { expandName } from "../src/output-names.ts";
import { partPaths } from "../src/part-files.ts";
import { createRecordSample } from "../src/record-sample.ts";
import { createFakeIo, lens } from "./fake-io.ts";
import { recordOf, STARTED_AT_MS } from "./saved-reports.ts";

const QUICKLY = "-n 2 -c 1 --warmup 0 --quiet";

async function folder(): Promise<string> {
  return (await createFakeIo()).cwd;
}

/** The files of a folder by name. */
async function filesIn(cwd: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(cwd)).toSorted();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await readFile(join(cwd, name), "utf8")] as const)));
}

describe("outputs", () => {
  test("are as many as there are formats, each in its file, those of single requests as well", async () => {
    const cwd = await folder();
    const { code, out } = await lens(`bench sim: ${QUICKLY} -f console,json,csv,junit,csv-requests -o - -o a.json,b.csv,c.xml,d.csv`, {
      cwd,
    });
    const files = await filesIn(cwd);
    expect(code).toBe(0);
    expect(out).toContain("TTFT");
    expect(Object.keys(files)).toEqual(["a.json", "b.csv", "c.xml", "d.csv"]);
    expect((JSON.parse(files["a.json"] ?? "") as Report).groups[0]?.requests).toBe(2);
    expect(files["b.csv"]).toMatch(/^target\.label,/);
    expect(files["c.xml"]).toContain('<testsuite name="sim"');
    expect(files["d.csv"]?.trimEnd().split("\n")).toHaveLength(3);
  });

  test("take their format from the ending where none was named", async () => {
    const cwd = await folder();
    await lens(`bench sim: ${QUICKLY} -o r.md,r.csv,r.jsonl`, { cwd });
    const files = await filesIn(cwd);
    expect(files["r.md"]).toMatch(/^\*\*`sim`\*\*/);
    expect(files["r.csv"]).toMatch(/^target\.label,/);
    expect(
      files["r.jsonl"]
        ?.trimEnd()
        .split("\n")
        .map((line) => parseRecord(JSON.parse(line)).id),
    ).toHaveLength(2);
  });

  test("may be records on standard output, line by line", async () => {
    const { out } = await lens(`bench sim: ${QUICKLY} -f jsonl`);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => parseRecord(JSON.parse(line)).outcome.kind),
    ).toEqual(["ok", "ok"]);
  });

  test("are refused where two would be one file", async () => {
    const { code, err, io } = await lens("bench sim: -n 1 -f json,csv -o a.json,a.json");
    expect([code, err]).toEqual([2, "lens: Expected a file of its own for each output, got `a.json` twice.\n"]);
    expect(io.truth()).toEqual([]);
  });

  test("are told by the help in the words of the registry", () => {
    const ids = [...EXPORTERS, ...RECORD_EXPORTERS].map(({ id }) => id);
    expect([...FORMAT_WORDS].toSorted()).toEqual(ids.toSorted());
  });
});

describe("a file that is there already", () => {
  test.each(["-f json -o r.json", "--records r.json", "--sim-truth r.json"])("is not replaced by %s, and nothing is sent", async (args) => {
    const cwd = await folder();
    await writeFile(join(cwd, "r.json"), "precious");
    const { code, err, io } = await lens(`bench sim: ${QUICKLY} ${args}`, { cwd });
    expect(err).toBe(
      "lens: Expected no file at `r.json` yet, got one. `--force` replaces it, and names may hold {date}, {target} and {run}.\n",
    );
    expect(code).toBe(2);
    expect(io.truth()).toEqual([]);
    expect(await filesIn(cwd)).toEqual({ "r.json": "precious" });
  });

  test("is replaced with --force", async () => {
    const cwd = await folder();
    await writeFile(join(cwd, "r.json"), "old");
    const { code } = await lens(`bench sim: ${QUICKLY} -f json -o r.json --force`, { cwd });
    expect(code).toBe(0);
    expect((await filesIn(cwd))["r.json"]).toMatch(/^\{/);
  });

  test("that a link leads to is replaced, and the link stays", async () => {
    const cwd = await folder();
    await mkdir(join(cwd, "real"));
    await writeFile(join(cwd, "real", "r.txt"), "old");
    await symlink(join("real", "r.txt"), join(cwd, "r.txt"));
    await writeFileAtomically("r.txt", "new", cwd);
    expect(await readFile(join(cwd, "real", "r.txt"), "utf8")).toBe("new");
    expect(await readdir(join(cwd, "real"))).toEqual(["r.txt"]);
  });

  test("but is a device is written to, and stays one", async () => {
    const { code } = await lens(`bench sim: ${QUICKLY} -f json -o /dev/null`);
    expect(code).toBe(0);
    await writeFileAtomically("/dev/null", "x", "/");
    expect(await readFile("/dev/null", "utf8")).toBe("");
  });
});

describe("a file in the making", () => {
  test("is seen only when it is whole, and leaves nothing when it is given up", async () => {
    const cwd = await folder();
    const [kept, dropped] = [await openHiddenFile("kept", cwd), await openHiddenFile("dropped", cwd)];
    for (const file of [kept, dropped]) await file.write("one\n");
    expect((await readdir(cwd)).filter((name) => !name.startsWith("."))).toEqual([]);
    await kept.write("two\n");
    await kept.keep();
    await dropped.discard();
    expect(await filesIn(cwd)).toEqual({ kept: "one\ntwo\n" });
  });
});

describe("the name of a file", () => {
  const parts = { startedAtMs: STARTED_AT_MS + 123, targets: ["openai:gpt-6"] };

  test.each([
    ["plain.json", parts, "plain.json"],
    ["{date}/{target}-{run}.json", parts, "2026-11-23/openai-gpt-6-20261123T100000123Z.json"],
    ["{target}.json", { ...parts, targets: ["a", "b @ 4"] }, "a+b-4.json"],
    ["{target}.json", { ...parts, targets: ["../../etc/passwd", "..", "模型"] }, "etc-passwd.json"],
    ["{target}.json", { ...parts, targets: [] }, "none.json"],
    ["{target}", { ...parts, targets: ["x".repeat(10_000)] }, "x".repeat(100)],
  ])("%s of %j is %s", (name, of, expected) => {
    expect(expandName(name, of)).toBe(expected);
  });

  test("may hold no other words in braces", () => {
    expect(() => expandName("{targt}.json", parts)).toThrow(
      expect.objectContaining({
        code: "INVALID_ARGUMENT",
        message: "Expected {date}, {target}, {run} in the name of a file, got `{targt}`.",
      }),
    );
  });

  test("is made before the run, of its day and its targets", async () => {
    const cwd = await folder();
    await lens(`bench sim: ${QUICKLY} -f json -o {date}_{target}.json --records {run}.jsonl`, { cwd });
    expect((await readdir(cwd)).toSorted((a, b) => a.length - b.length)).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d_sim\.json$/),
      expect.stringMatching(/^\d{8}T\d{9}Z\.jsonl$/),
    ]);
  });
});

describe("an output that cannot be written", () => {
  test("keeps no other from being written", async () => {
    const cwd = await folder();
    await writeFile(
      join(cwd, "bad.mjs"),
      'export const exporter = { id: "bad", extension: "txt", render: () => { throw new Error("no luck"); } };',
    );
    const { code, err } = await lens(`bench sim: ${QUICKLY} -f ./bad.mjs,json -o bad.txt,r.json`, { cwd });
    expect([code, err]).toEqual([2, "lens: The exporter `bad.mjs` failed: no luck.\n"]);
    expect(await readdir(cwd)).toEqual(["bad.mjs", "r.json"]);
  });
});

describe("the summary of a step in GitHub Actions", () => {
  const inActions = async (command: string, more = "") => {
    const cwd = await folder();
    const path = join(cwd, "summary.md");
    await writeFile(path, "before\n");
    await lens("bench sim: -n 4 -c 1 --warmup 0 --quiet -f json -o saved.json", { cwd });
    const { code, err } = await lens(`${command} ${more}`, { cwd, env: { GITHUB_STEP_SUMMARY: path } });
    return { code, err, summary: await readFile(path, "utf8") };
  };
  const BENCH = `bench sim: ${QUICKLY}`;

  test.each([
    [BENCH, /^before\n\n\*\*`sim`\*\*: /],
    ["compare sim: sim:other -n 2 -c 1 --warmup 0 --quiet", /^before\n\n.*\*\*/],
    ["compare saved.json saved.json", /^before\n\n.*\*\*/],
    ["check saved.json --threshold requests>100", /^before\n\n❌ \*\*1 of 1 threshold is not met:\*\* `requests>100`\n/],
  ])("gets what `%s` found, by itself", async (command, pattern) => {
    expect((await inActions(command)).summary).toMatch(pattern);
  });

  test("gets nothing with --no-step-summary, nor of a profile", async () => {
    expect((await inActions(BENCH, "--no-step-summary")).summary).toBe("before\n");
    expect((await inActions("prof sim:")).summary).toBe("before\n");
  });

  test("that cannot be written is told of, and fails nothing", async () => {
    const { code, err } = await lens(BENCH, { env: { GITHUB_STEP_SUMMARY: "/no/such/folder/summary.md" } });
    expect(code).toBe(0);
    expect(err).toMatch(/^lens: nothing was added to the step's summary: ENOENT/);
  });

  test("is not made longer than GitHub takes", async () => {
    const cwd = await folder();
    const path = join(cwd, "summary.md");
    await writeFile(path, "x".repeat(1024 * 1024));
    const { err } = await lens(BENCH, { cwd, env: { GITHUB_STEP_SUMMARY: path } });
    expect(err).toBe(
      "lens: nothing was added to the step's summary: the summary of a step may have 1 MiB, and this one would have more.\n",
    );
    expect((await readFile(path)).length).toBe(1024 * 1024);
  });
});

describe("a format that wants its parts apart", () => {
  test("gets a file for each target and metric, and replaces none that is there", async () => {
    const cwd = await folder();
    await lens(`bench sim: ${QUICKLY} -f hgrm -o run.hgrm`, { cwd });
    expect(await readdir(cwd)).toEqual(expect.arrayContaining(["run.sim.e2e.hgrm", "run.sim.ttft.hgrm"]));
    const { code, err } = await lens(`bench sim: ${QUICKLY} -f hgrm -o run.hgrm`, { cwd });
    expect([code, err]).toEqual([2, expect.stringMatching(/^lens: Expected no file at `run\.sim\.\w+\.hgrm` yet, got one\./)]);
    expect((await lens(`bench sim: ${QUICKLY} -f hgrm -o run.hgrm --force`, { cwd })).code).toBe(0);
  });

  test("gives names of their own to parts that sound the same", () => {
    expect(partPaths("out/a.b.hgrm", [{ names: ["x:y", "ttft"] }, { names: ["x y", "ttft"] }])).toEqual([
      "out/a.b.x-y.ttft.hgrm",
      "out/a.b.x-y.ttft-2.hgrm",
    ]);
  });
});

describe("a sample of records", () => {
  const slow = (index: number): RequestRecord => ({ ...recordOf(index), endNs: 1e9 + index });

  test("holds the slowest of all, and no more than a few others", () => {
    const sample = createRecordSample();
    for (let index = 0; index < 1000; index += 1) sample.add(index % 20 === 0 ? slow(index) : recordOf(index));
    sample.add({ ...slow(5000), phase: "warmup" });
    const records = sample.records();
    const ids = new Set(records.map(({ id }) => id));
    expect(ids.size).toBe(records.length);
    expect(records.length).toBeLessThanOrEqual(250);
    for (let index = 0; index < 1000; index += 20) expect(ids).toContain(`r${index}`);
    expect(ids).not.toContain("r5000");
  });

  test("holds all of a few", () => {
    const sample = createRecordSample();
    for (const index of [0, 1, 2]) sample.add(recordOf(index));
    expect(sample.records()).toHaveLength(3);
  });
});
