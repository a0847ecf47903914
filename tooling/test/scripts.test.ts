import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { LangVariant, print } from "sh-syntax";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { rootDir } from "../scripts/workspace.mjs";
import { hasProgram, runLine } from "./programs.ts";

const read = (file: string): string => readFileSync(path.join(rootDir, file), "utf8");
const filesOf = (folder: string, ending: string): readonly string[] =>
  readdirSync(path.join(rootDir, folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => `${folder}/${name}`);

const scripts = filesOf("tooling/scripts", ".sh");
const fakes = filesOf("tooling/test/scripts/fakes", "");
const suites = filesOf("tooling/test/scripts", ".bats");
/** What deploys and releases does so on Linux or a Mac; what is tested here is Linux. */
const isLinux = process.platform === "linux";

describe.runIf(isLinux).concurrent("the scripts", () => {
  test.each(suites)("do all that %s says of them", async (suite) => {
    const { status, stdout } = await runLine(`bash tooling/node_modules/bats/bin/bats --print-output-on-failure ${suite}`);
    expect({ status, failed: status === 0 ? "" : stdout }).toEqual({ status: 0, failed: "" });
    expect(stdout).toMatch(/^1\.\.[1-9]/);
  });

  test.runIf(hasProgram("shellcheck"))("have nothing that shellcheck finds wrong", async () => {
    expect(await runLine(`shellcheck .ci/run ${[...scripts, ...fakes].join(" ")}`)).toEqual({ status: 0, stdout: "", stderr: "" });
  });
});

describe("the scripts", () => {
  test("have a suite each, and are programs", () => {
    const nameOf = (file: string): string => path.basename(file, path.extname(file));
    expect(suites.map(nameOf)).toEqual(scripts.map(nameOf));
    for (const file of scripts) expect(read(file)).toMatch(/^#!\/usr\/bin\/env bash\n# [^]*?\nset -euo pipefail\n/);
  });

  test.each([".ci/run", ...scripts, ...fakes, ...suites])("%s is formatted as shfmt does it", async (file) => {
    const text = read(file);
    const variant = file.endsWith(".bats") ? LangVariant.LangBats : LangVariant.LangBash;
    const style = { indent: 2, switchCaseIndent: false, spaceRedirects: false };
    expect(await print(text, { variant, ...style })).toBe(text);
  });
});

describe("a release by hand", () => {
  test("takes the steps of the workflow", () => {
    const { jobs } = parse(read(".github/workflows/release.yml")) as {
      readonly jobs: { readonly packages: { readonly steps: readonly { readonly id?: string; readonly with?: Record<string, string> }[] } };
    };
    const { version, publish, commit } = jobs.packages.steps.find(({ id }) => id === "changesets")?.with ?? {};
    const script = read("tooling/scripts/release.sh");
    const places = [version, `--message "${commit}"`, publish].map((step) => script.indexOf(`${step}\n`));
    expect(places).toEqual(places.filter((place) => place > 0).toSorted((a, b) => a - b));
  });
});

describe.runIf(isLinux && hasProgram("make"))("the Makefile", () => {
  const targets = [...read("Makefile").matchAll(/^([a-z]+):/gm)].map(([, name = ""]) => name);

  test("has a line of help for every target, and no target that is taken for a file", async () => {
    const { stdout } = await runLine("make help");
    expect(
      stdout
        .trim()
        .split("\n")
        .map((line) => line.split(" ")[0]),
    ).toEqual(targets);
    expect(/^\.PHONY: (.*)$/m.exec(read("Makefile"))?.[1]?.split(" ")).toEqual(targets);
  });

  test("has nothing that make warns of, and runs only scripts that there are", async () => {
    const { status, stdout, stderr } = await runLine(`make --dry-run --warn-undefined-variables ${targets.join(" ")}`);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const known = Object.keys((JSON.parse(read("package.json")) as { readonly scripts: object }).scripts);
    const called = [...stdout.matchAll(/^npm (?:run )?([\w:]+)/gm)].map(([, name = ""]) => name);
    expect(called.filter((name) => !known.includes(name))).toEqual([]);
    const files = [...stdout.matchAll(/\b(?:tooling|docker|apps)\/\S+/g)].map(([file]) => file);
    for (const file of files) expect(read(file)).not.toBe("");
  });
});
