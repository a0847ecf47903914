// @ts-check
/**
 * Makes the checkout ready to run, on a machine that has nothing but Node and npm. The root's `prestart` and `pretest`
 * call it, so it must be quick and silent when there is nothing to do, and may use only what Node itself brings.
 *
 *   node tooling/scripts/ready.mjs            install the dependencies, if they are not those of the lockfile
 *   node tooling/scripts/ready.mjs --build    and build what has changed since the last build
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { npmCommand } from "./npm.mjs";
import { fingerprint, listFiles, rootDir, workspaceFolders } from "./workspace.mjs";

const STAMP_FILE = path.join(rootDir, "node_modules", ".ready.json");
const BUILT_FROM = /^(src\/.*|tsup\.config\.ts|tsconfig\.json|package\.json)$/;

/** @type {{ packageManager: string, engines: { node: string } }} */
const manifest = JSON.parse(readFileSync(path.join(rootDir, "package.json"), "utf8"));

/** @returns {Record<string, string>} what the last install and the last build were made from */
function readStamps() {
  return existsSync(STAMP_FILE) ? JSON.parse(readFileSync(STAMP_FILE, "utf8")) : {};
}

/** @param {string} step @param {string} value */
function writeStamp(step, value) {
  writeFileSync(STAMP_FILE, JSON.stringify({ ...readStamps(), [step]: value }));
}

/** @param {string} message @returns {never} */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

/**
 * Runs a command whose output nobody wants to read unless it fails.
 * @param {string} doing
 * @param {{ command: string, args: readonly string[], env: NodeJS.ProcessEnv, cwd?: string, shell?: boolean }} command
 */
function run(doing, { command, args, env, cwd = rootDir, shell = false }) {
  process.stderr.write(`${doing} …\n`);
  const result = spawnSync(command, args, {
    cwd,
    env,
    shell,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 2 ** 28,
  });
  if (result.status === 0) return;
  process.stderr.write(`${result.stdout ?? ""}${result.stderr ?? ""}`);
  const why = result.error?.message ?? (result.signal === null ? `exit code ${result.status}` : `ended by ${result.signal}`);
  fail(`${doing}: failed (${why}). The command was: ${[command, ...args].join(" ")}`);
}

function checkNode() {
  const wanted = manifest.engines.node.replace(/^>=/, "");
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split(".").map(Number);
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  fail(`Expected Node.js ${wanted} or newer, got ${process.versions.node}. Install a newer one from https://nodejs.org and try again.`);
}

function install() {
  const manifests = workspaceFolders().map((folder) => path.join(folder, "package.json"));
  const platform = `${process.platform}-${process.arch}`;
  const wanted = fingerprint(["pnpm-lock.yaml", "pnpm-workspace.yaml", ".npmrc", "package.json", ...manifests], platform);
  if (readStamps()["install"] === wanted) return;

  const pnpm = ["pnpm", "--dir", rootDir, "install", "--frozen-lockfile"];
  const npm = npmCommand(["exec", "--yes", `--package=${manifest.packageManager}`, "--", ...pnpm]);
  run(`Installing dependencies with ${manifest.packageManager.replace("@", " ")} (once; about 20 s)`, {
    ...npm,
    // From the root npm would take the pnpm of our own node_modules, which it would cut from under itself when it has to make that anew.
    cwd: tmpdir(),
    // With CI set pnpm asks no questions.
    env: { ...npm.env, CI: "true" },
  });
  writeStamp("install", wanted);
}

function build() {
  const built = workspaceFolders().filter((folder) => existsSync(path.join(rootDir, folder, "tsup.config.ts")));
  const sources = built.flatMap((folder) => listFiles(folder).filter((file) => BUILT_FROM.test(file.slice(folder.length + 1))));
  const wanted = fingerprint([
    "tooling/tsup.ts",
    "tooling/bundled.ts",
    "tooling/tsconfig/base.json",
    "turbo.json",
    "pnpm-lock.yaml",
    ...sources,
  ]);
  const complete = built.every((folder) => existsSync(path.join(rootDir, folder, "dist")));
  if (complete && readStamps()["build"] === wanted) return;

  // turbo starts each build through pnpm, and must find the one that was installed above.
  process.env["PATH"] = [path.join(rootDir, "node_modules", ".bin"), process.env["PATH"]].join(path.delimiter);
  run("Building what has changed", {
    command: process.execPath,
    args: [path.join("node_modules", "turbo", "bin", "turbo"), "run", "build", "--output-logs=errors-only"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
  });
  writeStamp("build", wanted);
}

checkNode();
install();
if (process.argv.includes("--build")) build();
