// @ts-check
/**
 * Publishes all packages to a registry of this machine, and then does what users do: from an empty folder and with an empty cache, `npx`,
 * `npm install`, and the first program of a README, as a module and in CommonJS. The packages must have been built.
 *
 *   node tooling/scripts/rehearse-release.mjs [--node PATH]     the Node that users have; this one unless given
 */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { npmCommand } from "./npm.mjs";
import { packAll } from "./pack.mjs";
import { rootDir } from "./workspace.mjs";

const VERDACCIO = "verdaccio@6.1.6";
const { values } = parseArgs({ options: { node: { type: "string", default: process.execPath } } });
const workDir = mkdtempSync(path.join(tmpdir(), "lens-release-"));

/** @param {string} message */
const say = (message) => void process.stdout.write(`${message}\n`);

/** @param {string} name */
function newFolder(name) {
  const folder = path.join(workDir, name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** Runs npm as this machine has it. @param {readonly string[]} args @param {{ cwd?: string, env?: NodeJS.ProcessEnv }} [options] */
function npm(args, { cwd = workDir, env = {} } = {}) {
  const { command, args: all, env: own, shell } = npmCommand(args);
  return execFileSync(command, all, { cwd, env: { ...own, ...env }, shell, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  server.close();
  await once(server, "close");
  return port;
}

/** A registry that keeps what is ours and asks the real one for all else. */
async function startRegistry() {
  const port = await freePort();
  const upstream = npm(["config", "get", "registry"]).trim();
  const folder = newFolder("registry");
  const config = path.join(folder, "config.yaml");
  const ours = { access: "$all", publish: "$all" };
  const settings = {
    storage: path.join(folder, "storage"),
    max_body_size: "50mb",
    uplinks: { upstream: { url: upstream } },
    packages: { "@lens/*": ours, "llm-latency-lens": ours, "**": { access: "$all", proxy: "upstream" } },
    log: { type: "stdout", level: "error" },
  };
  // JSON is YAML, too.
  writeFileSync(config, JSON.stringify(settings));
  const tool = newFolder("verdaccio");
  // The last that runs on Node 20. A part of it asks for a version by a tag that not every registry knows.
  writeFileSync(path.join(tool, "package.json"), JSON.stringify({ overrides: { "node-fetch": "2.7.0" } }));
  npm(["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", tool, VERDACCIO], { cwd: tool });
  const program = path.join(tool, "node_modules/verdaccio/bin/verdaccio");
  const child = spawn(process.execPath, [program, "--config", config, "--listen", `127.0.0.1:${port}`], { stdio: "ignore", cwd: folder });
  const url = `http://127.0.0.1:${port}/`;
  const deadlineMs = performance.now() + 60_000;
  while (
    !(await fetch(`${url}-/ping`).then(
      (answer) => answer.ok,
      () => false,
    ))
  ) {
    if (performance.now() > deadlineMs || child.exitCode !== null) throw new Error("The registry did not start.");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return { url, stop: () => child.kill() };
}

/** @param {string} folder @returns {number} */
const sizeOf = (folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
    const entry = statSync(path.join(folder, name), { throwIfNoEntry: false });
    return sum + (entry?.isFile() === true ? entry.size : 0);
  }, 0);

/** What a user's shell has: the registry, an empty cache, and their Node before all others. @param {string} url @param {string} cache */
function userEnv(url, cache) {
  const bin = path.dirname(values.node);
  return {
    PATH: [bin, process.env["PATH"]].join(path.delimiter),
    npm_config_registry: url,
    npm_config_cache: newFolder(cache),
    NO_COLOR: "1",
    NODE_PATH: "",
  };
}

/** @param {string} what @param {() => string} work */
function timed(what, work) {
  const startMs = performance.now();
  const text = work();
  say(`${what}: ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
  return text;
}

/** The first program of the README, as it would be saved. */
function firstProgram() {
  const readme = readFileSync(path.join(rootDir, "packages/core/README.md"), "utf8");
  const [, program = ""] = /```ts\n([\s\S]*?)```/.exec(readme) ?? [];
  return program;
}

/** A module's program where nothing can be awaited outside of functions. @param {string} program */
const asCommonJs = (program) => {
  const [imports = ""] = /^(?:import .*\n)+/.exec(program) ?? [];
  const required = imports.replaceAll(/import (.*) from (".*");/g, "const $1 = require($2);");
  return `${required}\n(async () => {\n${program.slice(imports.length)}\n})();\n`;
};

const registry = await startRegistry();
try {
  const node = execFileSync(values.node, ["--version"], { encoding: "utf8" }).trim();
  const tarballs = newFolder("tarballs");
  for (const { name, tarball } of await packAll(tarballs)) {
    npm(["publish", tarball, "--registry", registry.url, `--//${new URL(registry.url).host}/:_authToken=none`, "--provenance=false"]);
    say(`published ${name} (${(statSync(tarball).size / 1000).toFixed(0)} kB)`);
  }

  const npx = newFolder("npx");
  const report = timed(`Node ${node}: npx llm-latency-lens benchmark, from nothing`, () =>
    npm(["exec", "--yes", "--", "llm-latency-lens", "benchmark", "sim:", "--requests", "20", "--quiet"], {
      cwd: npx,
      env: userEnv(registry.url, "npx-cache"),
    }),
  );
  say(report.split("\n").slice(0, 8).join("\n"));

  const project = newFolder("project");
  const env = userEnv(registry.url, "install-cache");
  writeFileSync(path.join(project, "package.json"), "{}");
  timed(`Node ${node}: npm install @lens/core`, () => npm(["install", "--no-audit", "--no-fund", "@lens/core"], { cwd: project, env }));
  say(`installed: ${(sizeOf(path.join(project, "node_modules")) / 1000).toFixed(0)} kB`);
  const program = firstProgram();
  for (const [file, text] of Object.entries({ "first.mjs": program, "first.cjs": asCommonJs(program) })) {
    writeFileSync(path.join(project, file), text);
    say(
      `${file}: ${execFileSync(values.node, [file], { cwd: project, env: { ...process.env, ...env }, encoding: "utf8" }).split("\n")[0]}`,
    );
  }

  const cli = newFolder("cli");
  writeFileSync(path.join(cli, "package.json"), "{}");
  timed(`Node ${node}: npm install llm-latency-lens`, () =>
    npm(["install", "--no-audit", "--no-fund", "llm-latency-lens"], { cwd: cli, env }),
  );
  say(`installed: ${(sizeOf(path.join(cli, "node_modules")) / 1e6).toFixed(1)} MB`);
  if (!existsSync(path.join(cli, "node_modules/.bin/lens"))) throw new Error("Expected the program `lens`, found none.");
} finally {
  registry.stop();
  rmSync(workDir, { recursive: true, force: true, maxRetries: 5 });
}
