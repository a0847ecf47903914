// @ts-check
/** Runs every check of the repository but the tests, says how each ended, and shows what the failed ones printed. */
import { spawnSync } from "node:child_process";
import path from "node:path";
import { rootDir } from "./workspace.mjs";

const CHECKS = [
  { name: "dependencies and build", command: ["node", "tooling/scripts/ready.mjs", "--build"] },
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "types of the script in the HTML report", command: ["tsc", "--noEmit", "-p", "packages/exporters/src/html/client"] },
  { name: "lint", command: ["oxlint"] },
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "unused code and dependencies", command: ["knip"] },
  { name: "API reference and lists of names", command: ["node", "tooling/scripts/api.mjs", "--check"] },
  { name: "benchmark, short form", command: ["node", "tooling/bench/main.mjs", "--short"] },
  { name: "packages as published", command: ["node", "tooling/scripts/check-packages.mjs"] },
];

process.env["PATH"] = [path.join(rootDir, "node_modules", ".bin"), process.env["PATH"]].join(path.delimiter);

const failed = CHECKS.filter(({ name, command: [command = "", ...args] }) => {
  const startMs = performance.now();
  const result = spawnSync(command, args, { cwd: rootDir, encoding: "utf8", maxBuffer: 2 ** 28, shell: process.platform === "win32" });
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${result.status === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (result.status !== 0) console.log(`\n${result.error?.message ?? ""}${result.stdout ?? ""}${result.stderr ?? ""}`);
  return result.status !== 0;
});

if (failed.length > 0) console.log(`\n${failed.length} of ${CHECKS.length} checks failed: ${failed.map(({ name }) => name).join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
