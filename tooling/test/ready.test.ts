import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { rootDir } from "../scripts/workspace.mjs";

/** Stands in for npm: keeps what it was called with, and ends as the tree's `npm.json` says. */
const FAKE_NPM = `
const { appendFileSync, readFileSync } = require("node:fs");
const tree = __dirname + "/";
appendFileSync(tree + "calls.jsonl", JSON.stringify({ args: process.argv.slice(2), noise: process.env.npm_config_noise ?? null }) + "\\n");
const { says, exitCode } = JSON.parse(readFileSync(tree + "npm.json", "utf8"));
process.stdout.write(says);
process.exitCode = exitCode;
`;

let tree = "";

beforeEach(() => {
  tree = mkdtempSync(path.join(tmpdir(), "lens ready-"));
  cpSync(path.join(rootDir, "tooling/scripts"), path.join(tree, "tooling/scripts"), { recursive: true });
  mkdirSync(path.join(tree, "packages/core"), { recursive: true });
  mkdirSync(path.join(tree, "node_modules"));
  write("pnpm-workspace.yaml", "packages:\n  - packages/*\n");
  write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
  write("package.json", JSON.stringify({ packageManager: "pnpm@1.2.3", engines: { node: ">=20.19.0" } }));
  write("packages/core/package.json", JSON.stringify({ name: "core" }));
  write("npm-cli.js", FAKE_NPM);
  npmWill({ says: "", exitCode: 0 });
});

afterEach(() => rmSync(tree, { recursive: true, force: true }));

function write(file: string, text: string): void {
  writeFileSync(path.join(tree, file), text);
}

function npmWill(answer: { readonly says: string; readonly exitCode: number }): void {
  write("npm.json", JSON.stringify(answer));
}

function makeReady(): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const env = { ...process.env, npm_execpath: path.join(tree, "npm-cli.js"), npm_config_noise: "1" };
  return spawnSync(process.execPath, [path.join(tree, "tooling/scripts/ready.mjs")], { env, encoding: "utf8" });
}

function npmCalls(): unknown[] {
  const lines = readFileSync(path.join(tree, "calls.jsonl"), "utf8").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as unknown);
}

test("installs by npm with the pinned pnpm, in one line, and hands on no settings that it would warn of", () => {
  const { status, stdout, stderr } = makeReady();

  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: "",
    stderr: "Installing dependencies with pnpm 1.2.3 (once; about 20 s) …\n",
  });
  const install = ["exec", "--yes", "--package=pnpm@1.2.3", "--", "pnpm", "--dir", `${tree}${path.sep}`, "install", "--frozen-lockfile"];
  expect(npmCalls()).toEqual([{ args: install, noise: null }]);
});

test("says and does nothing when the dependencies are those of the lockfile", () => {
  makeReady();

  expect(makeReady()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(npmCalls()).toHaveLength(1);
});

test.each(["pnpm-lock.yaml", "packages/core/package.json"])("installs anew when %s has changed", (file) => {
  makeReady();
  write(file, `${readFileSync(path.join(tree, file), "utf8")}\n`);
  makeReady();

  expect(npmCalls()).toHaveLength(2);
});

test("shows what a failed install printed, and tries again the next time", () => {
  npmWill({ says: "no such version\n", exitCode: 7 });
  const { status, stderr } = makeReady();

  expect(status).toBe(1);
  expect(stderr).toContain("no such version\n");
  expect(stderr).toContain("failed (exit code 7). The command was:");

  npmWill({ says: "", exitCode: 0 });
  expect(makeReady().status).toBe(0);
});

test("refuses a Node that is too old, and says which is wanted", () => {
  write("package.json", JSON.stringify({ packageManager: "pnpm@1.2.3", engines: { node: ">=99.1.0" } }));

  const message = `Expected Node.js 99.1.0 or newer, got ${process.versions.node}. Install a newer one from https://nodejs.org and try again.\n`;
  expect(makeReady()).toMatchObject({ status: 1, stdout: "", stderr: message });
});

test("the pnpm that builds call is the one that installs", () => {
  const { packageManager } = JSON.parse(readFileSync(path.join(rootDir, "package.json"), "utf8")) as { readonly packageManager: string };
  const [, version] = /^ {2}pnpm: (.*)$/m.exec(readFileSync(path.join(rootDir, "pnpm-workspace.yaml"), "utf8")) ?? [];

  expect(packageManager).toBe(`pnpm@${version}`);
});
