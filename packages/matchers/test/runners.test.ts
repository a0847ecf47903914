import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { renderBaseline, summarize } from "@lens/metrics";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rising } from "./records.ts";

const LIMIT_MS = 120_000;
const packageDir = fileURLToPath(new URL("..", import.meta.url));
const rootDir = path.join(packageDir, "../..");
const fixtures = path.join(packageDir, "test/fixtures");
const resolve = createRequire(import.meta.url);

interface Runner {
  readonly kind: "vitest" | "jest";
  /** The packages that a test runner consists of, by the names that they go by in the tests; ours have other names for the older ones. */
  readonly packages: Readonly<Record<string, string>>;
  /** Other suites to be run there, by the names of their files. */
  readonly more?: Readonly<Record<string, string>>;
}

const read = (file: string): string => readFileSync(path.join(rootDir, file), "utf8");

/** The suite that the README begins with. */
const README = /```ts\n([^]*?)```/.exec(read("packages/matchers/README.md"))?.[1] ?? "";

const RUNNERS: Readonly<Record<string, Runner>> = {
  "vitest 3": { kind: "vitest", packages: { vitest: "vitest3" } },
  "vitest 4": {
    kind: "vitest",
    packages: { vitest: "vitest" },
    more: { "readme.test.ts": README, "example.test.ts": read("examples/src/gate-in-vitest.ts") },
  },
  "jest 29": { kind: "jest", packages: { jest: "jest29", "@jest/globals": "jest-globals29", "@types/jest": "types-jest29" } },
  "jest 30": {
    kind: "jest",
    packages: { jest: "jest30", "@jest/globals": "@jest/globals", "@types/jest": "types-jest30" },
    more: { "example.test.js": read("examples/src/gate-in-jest.cjs") },
  },
};
const NAMES = Object.keys(RUNNERS);

const folderOf = (name: string, from: NodeJS.Require = resolve): string => path.dirname(realpathSync(from.resolve(`${name}/package.json`)));

/** The package that another one has, wherever that may be. */
const within = (name: string, folder: string): string => folderOf(name, createRequire(path.join(realpathSync(folder), "package.json")));

const workDir = realpathSync(mkdtempSync(path.join(tmpdir(), "lens-runners-")));

function link(target: string, place: string): void {
  mkdirSync(path.dirname(place), { recursive: true });
  symlinkSync(target, place, "junction");
}

function write(file: string, ...parts: readonly string[]): void {
  writeFileSync(file, parts.join("\n"));
}

const readFixture = (name: string): string => readFileSync(path.join(fixtures, name), "utf8");

const RUN = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "closed",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
} as const;

/** A project with nothing but one test runner, and the package as it was built, so that what it imports is that test runner. */
function makeProject(name: string, { kind, packages, more = {} }: Runner): string {
  const folder = path.join(workDir, name.replace(" ", ""));
  const modules = path.join(folder, "node_modules");
  for (const [alias, own] of Object.entries(packages)) link(folderOf(own), path.join(modules, alias));
  if (kind === "jest") {
    const jestExpect = within("@jest/expect", path.join(modules, "@jest/globals"));
    link(within("expect", jestExpect), path.join(modules, "expect"));
  }
  for (const other of ["core", "metrics", "providers", "sim"])
    link(path.join(rootDir, "packages", other), path.join(modules, "@lens", other));
  for (const part of ["dist", "package.json"])
    cpSync(path.join(packageDir, part), path.join(modules, "@lens/matchers", part), { recursive: true });
  write(path.join(folder, "package.json"), JSON.stringify({ private: true, type: kind === "vitest" ? "module" : "commonjs" }));
  write(path.join(folder, "records.json"), JSON.stringify(rising(40, { model: "gpt-4o-mini" })));
  mkdirSync(path.join(folder, ".lens/baselines"), { recursive: true });
  const faster = rising(40, { model: "gpt-4o-mini", gapMs: 8.8 });
  write(
    path.join(folder, ".lens/baselines/main.json"),
    renderBaseline(summarize(faster, { tool: { name: "test", version: "0" }, run: RUN })),
  );
  cpSync(path.join(fixtures, `${kind}.config.js`), path.join(folder, `${kind}.config.js`));
  write(path.join(folder, "suite.test.js"), readFixture(`${kind}-head.js`), readFixture("suite.js"));
  for (const [file, text] of Object.entries(more)) write(path.join(folder, file), text);
  return folder;
}

/** Runs a program of Node to its end, whatever that is, and gives what it said. */
function run(folder: string, ...args: readonly string[]): Promise<string> {
  const env = { ...process.env, GITHUB_STEP_SUMMARY: path.join(folder, "summary.md"), CI: "true", NODE_OPTIONS: "", NO_COLOR: "1" };
  // What this very test is run with would be taken for the child's own.
  const clean = Object.fromEntries(Object.entries(env).filter(([name]) => !/^(VITEST|FORCE_COLOR|NODE_ENV|TEST)/.test(name)));
  return new Promise((done) => {
    execFile(process.execPath, [...args], { cwd: folder, env: clean, maxBuffer: 2 ** 26 }, (_, stdout, stderr) => done(stdout + stderr));
  });
}

function runTests(name: string, ...args: readonly string[]): Promise<string> {
  const { kind } = RUNNERS[name] as Runner;
  const folder = projects.get(name) ?? "";
  return kind === "vitest"
    ? run(folder, "node_modules/vitest/vitest.mjs", "run", ...args)
    : run(folder, "node_modules/jest/bin/jest.js", "--json", "--outputFile=results.json", ...args);
}

const readFile = (name: string, file: string): string => readFileSync(path.join(projects.get(name) ?? "", file), "utf8");

interface Result {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** What each test of a file came to: `passed`, or what its failure said. Both runners write the same form of JSON. */
function readResults(name: string, file = "suite.test.js"): Readonly<Record<string, string>> {
  const { testResults } = JSON.parse(readFile(name, "results.json")) as {
    readonly testResults: readonly { readonly name: string; readonly assertionResults: readonly Result[] }[];
  };
  const results = testResults.find((each) => path.basename(each.name) === file)?.assertionResults ?? [];
  const messageOf = (text = ""): string => /^(?:\w+: )?([^]*?)\n\s+at /.exec(text)?.[1] ?? text;
  return Object.fromEntries(
    results.map(({ title, status, failureMessages }) => [title, status === "passed" ? status : messageOf(failureMessages[0])]),
  );
}

const STRICT = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023", "DOM"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  },
};

const HEADS = {
  vitest: { "calls.mts": `import { expect } from "vitest";\nimport { sample } from "@lens/matchers/vitest";` },
  jest: {
    "calls.mts": `import { expect } from "@jest/globals";\nimport { sample } from "@lens/matchers/jest";`,
    "global-calls.mts": `/// <reference types="jest" />\nimport { sample } from "@lens/matchers/jest";`,
  },
} as const;

/** What is compiled with the types of every test runner; a head with `expect` and `sample` comes before it. */
const CALLS = `
const lens = await sample(20, (own, index) => own.time(async () => index));

expect(lens).toHaveTtftBelow("800ms");
expect(lens.records()).not.toHavePercentileBelow("ttft", 95, "1s", { minSamples: 20 });
expect(lens).toCostLessThan(0.01, { per: "request" });
expect(lens).toMeetSlo({ ttft: "500ms", "response.e2e": 10_000 }, { share: 0.95 });
expect(lens).toMatchBaseline("main", { tolerance: 0.2, measures: ["ttft p95"] });
export const promised: Promise<void> = expect(sample(1, () => undefined)).resolves.toHaveTtftBelow(1);

// @ts-expect-error -- no such metric
expect(lens).toHavePercentileBelow("latency", 95, "1s");
// @ts-expect-error -- no such option
expect(lens).toMatchBaseline("main", { tolerence: 0.2 });
`;

/** Compiles the calls with the types of a test runner, and gives what the compiler complains of. */
function compile(name: string): Promise<string> {
  const folder = path.join(projects.get(name) ?? "", "types");
  const heads = HEADS[(RUNNERS[name] as Runner).kind];
  mkdirSync(folder);
  for (const [file, head] of Object.entries(heads)) write(path.join(folder, file), head, CALLS);
  write(path.join(folder, "tsconfig.json"), JSON.stringify(STRICT));
  return run(folder, path.join(rootDir, "node_modules/typescript/bin/tsc"), "-p", ".");
}

const projects = new Map<string, string>();
const printed = new Map<string, string>();
const complaints = new Map<string, string>();

beforeAll(async () => {
  await run(rootDir, "tooling/scripts/ready.mjs", "--build");
  for (const name of NAMES) projects.set(name, makeProject(name, RUNNERS[name] as Runner));
  // Two at once: each is busy with one processor most of the time.
  await Promise.all([
    (async () => {
      for (const name of NAMES) printed.set(name, await runTests(name));
    })(),
    (async () => {
      for (const name of NAMES) complaints.set(name, await compile(name));
    })(),
  ]);
}, LIMIT_MS);

afterAll(() => rmSync(workDir, { recursive: true, force: true }));

describe.each(NAMES)("in %s", (name) => {
  test("expectations hold and fail as they should, and say the same", () => {
    const { "has a simulator as a fixture": fixture = "passed", ...results } = readResults(name);
    expect(fixture).toBe("passed");
    expect(results).toMatchInlineSnapshot(`
      {
        "baseline": "expect(received).toMatchBaseline("main")

      openai:gpt-4o-mini: \`vs main: tpot p50 <= +10%\` is breached.

        value      10.0 ms
        interval   10.0 ms to 10.0 ms at 95 % confidence
        threshold  <= 9.68 ms, which is +10 % on the 8.80 ms of \`main\`
        n          40 requests
        slowest    10.0 ms, request r1",
        "cost": "expect(received).toCostLessThan(0.000001, { per: "request" })

      openai:gpt-4o-mini: \`cost per request < $0.000001\` is breached.

        value      $0.0000045
        interval   n/a
        threshold  < $0.000001
        n          40 requests
        dearest    $0.0000045, request r1",
        "holds": "passed",
        "holds of a simulated provider": "passed",
        "no baseline": "Expected a baseline in \`.lens/baselines\`, got \`mian\`: there are main. Did you mean \`main\`? Run the tests with \`-u\` to make it of this run, or \`lens baseline save mian FILE\`.",
        "not": "expect(received).not.toHaveTtftBelow("500ms")

      openai:gpt-4o-mini: \`ttft max < 500ms\` is met.

        value      400 ms
        interval   n/a
        threshold  < 500 ms
        n          40 requests
        slowest    400 ms, request r40",
        "percentile": "expect(received).toHavePercentileBelow("ttft", 95, "350ms")

      openai:gpt-4o-mini: \`ttft p95 < 350ms\` is breached.

        value      380 ms
        interval   at least 350 ms at 95 % confidence
        threshold  < 350 ms
        n          40 requests
        slowest    400 ms, request r40",
        "slo": "expect(received).toMeetSlo({ ttft: "150ms" }, { share: 0.9 })

      openai:gpt-4o-mini: \`ttft ≤ 150 ms in 90 % of requests\` is breached.

        value      37.5 %
        interval   22.7 % to 54.2 % at 95 % confidence
        threshold  >= 90 %
        n          40 requests
        slowest    400 ms, request r40",
        "too few": "expect(received).toHavePercentileBelow("ttft", 99, "1s")

      openai:gpt-4o-mini: \`ttft p99 < 1s\` cannot be judged.

        value      not known: p99 needs 100 samples, and stands on 40 samples (at least 380 ms at 95 % confidence)
        interval   at least 380 ms at 95 % confidence
        threshold  < 1.00 s
        n          40 requests
        slowest    400 ms, request r40

      Take 60 more samples, or expect on p95, which these support.",
        "ttft": "expect(received).toHaveTtftBelow("350ms")

      openai:gpt-4o-mini: \`ttft max < 350ms\` is breached.

        value      400 ms
        interval   n/a
        threshold  < 350 ms
        n          1 request
        slowest    400 ms, request r40",
      }
    `);
  });

  test("the run ends with a table, which is in the step's summary, too", () => {
    const table = /^\| test [^]*?\n(?!\|)/m.exec(printed.get(name) ?? "")?.[0] ?? "";
    expect(readFile(name, "summary.md")).toBe(`\n### Latency\n\n${table}`);
    const [, , ...lines] = table.trim().split("\n");
    const cells = lines.map((line) => line.split("|").map((text) => text.trim()));
    // Those of a real clock differ from run to run, and those of other suites are not everywhere.
    const certain = cells.filter(([, title = ""]) => title in readResults(name) && title !== "holds of a simulated provider");
    expect(certain.map(([, title, , , value, , n, verdict]) => [title, value, n, verdict].join(" · "))).toMatchInlineSnapshot(`
      [
        "holds · 400 ms · 1 · met",
        "holds · 380 ms · 40 · met, not certain",
        "holds · $0.00018 · 40 · met",
        "holds · 100 % · 40 · met, not certain",
        "holds · 200 ms · 40 · met, not certain",
        "holds · 10.0 ms · 40 · met",
        "holds · 250 ms · 40 · met, not certain",
        "holds · 400 ms · 40 · missed",
        "ttft · 400 ms · 1 · missed",
        "percentile · 380 ms · 40 · missed",
        "too few · not known · 40 · not judged",
        "cost · $0.0000045 · 40 · missed",
        "slo · 37.5 % · 40 · missed",
        "baseline · 200 ms · 40 · met, not certain",
        "baseline · 10.0 ms · 40 · missed",
        "baseline · 250 ms · 40 · met, not certain",
        "not · 400 ms · 40 · met",
      ]
    `);
    expect(cells.filter(([, title]) => title === "holds of a simulated provider")).toHaveLength(2);
  });

  test("the calls compile under strict types, and wrong ones do not", () => {
    expect(complaints.get(name)).toBe("");
  });
});

test("the README's first program and the examples run", () => {
  expect(readResults("vitest 4", "readme.test.ts")).toEqual({ "the answer begins soon": "passed" });
  expect(readResults("vitest 4", "example.test.ts")).toEqual({ "the answer begins soon": "passed" });
  expect(readResults("jest 30", "example.test.js")).toEqual({ "the answer comes soon": "passed" });
});

test.each(["vitest 3", "vitest 4"])("%s keeps the verdict with the test, and the requests of one that failed", (name) => {
  const annotations = JSON.parse(readFile(name, "annotations.json")) as Readonly<
    Record<string, readonly { readonly message: string; readonly type: string; readonly attachment?: { readonly body: string } }[]>
  >;
  expect(annotations["holds"]?.[0]).toMatchObject({
    type: "latency",
    message: "openai:gpt-4o-mini: ttft max < 500ms: max is 400 ms, over 1 sample",
  });
  const [failed] = annotations["ttft"] ?? [];
  const { report, records } = JSON.parse(Buffer.from(failed?.attachment?.body ?? "", "base64").toString()) as {
    readonly report: { readonly schema: number };
    readonly records: readonly { readonly id: string }[];
  };
  expect([report.schema, records.map(({ id }) => id)]).toEqual([1, ["r40"]]);
});

test.each(NAMES)("%s makes a baseline of the run where it is started with `-u`", async (name) => {
  await runTests(name, "-t", "baseline", "-u");
  expect(readResults(name)).toMatchObject({ baseline: "passed", "no baseline": "passed" });
  expect(existsSync(path.join(projects.get(name) ?? "", ".lens/baselines/mian.json"))).toBe(true);
});
