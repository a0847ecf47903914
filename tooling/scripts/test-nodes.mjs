// @ts-check
/**
 * Runs the tests on each Node that is supported, taken from npm, one after the other.
 *
 *   node tooling/scripts/test-nodes.mjs [20 22 24 26] [-- what vitest is given]
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { ownPlatform } from "../binaries/platforms.mjs";
import { npmCommand } from "./npm.mjs";
import { rootDir } from "./workspace.mjs";

const MAJORS = ["20", "22", "24", "26"];
const split = process.argv.indexOf("--");
const named = process.argv.slice(2, split === -1 ? undefined : split);
const forVitest = split === -1 ? [] : process.argv.slice(split + 1);
const own = ownPlatform();

/** Node's program of that major version, fetched once. @param {string} major */
function nodeOf(major) {
  const folder = path.join(rootDir, "node_modules/.cache/nodes", major);
  const program = path.join(folder, "node_modules", own.node, own.program);
  if (!existsSync(program)) {
    mkdirSync(folder, { recursive: true });
    const { command, args, env, shell } = npmCommand([
      "install",
      "--no-audit",
      "--no-fund",
      "--no-save",
      "--prefix",
      folder,
      `${own.node}@${major}`,
    ]);
    execFileSync(command, args, { cwd: folder, env, shell, stdio: ["ignore", "ignore", "inherit"] });
  }
  return program;
}

const failed = [];
for (const major of named.length > 0 ? named : MAJORS) {
  if (!MAJORS.includes(major)) throw new Error(`Expected some of ${MAJORS.join(", ")}, got \`${major}\`.`);
  const node = nodeOf(major);
  console.log(`\nNode ${execFileSync(node, ["--version"], { encoding: "utf8" }).trim()}`);
  const vitest = path.join(rootDir, "node_modules/vitest/vitest.mjs");
  // Tests start further programs by the name `node`.
  const env = { ...process.env, PATH: [path.dirname(node), process.env["PATH"]].join(path.delimiter) };
  const { status } = spawnSync(node, [vitest, "run", ...forVitest], { cwd: rootDir, env, stdio: "inherit" });
  if (status !== 0) failed.push(major);
}
if (failed.length > 0) {
  console.error(`Failed on Node ${failed.join(", ")}.`);
  process.exitCode = 1;
}
