// @ts-check
/** `pnpm bench`: measures the built packages beside other clients, prints tables, and with --write keeps them in docs/PERFORMANCE.md. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rootDir } from "../scripts/workspace.mjs";
import { describeRun, mergeDocument } from "./document.mjs";
import { readOptions, USAGE } from "./options.mjs";
import { compare } from "./suites/compare.mjs";
import { memory } from "./suites/memory.mjs";
import { observe } from "./suites/observe.mjs";
import { parts } from "./suites/parts.mjs";
import { requests } from "./suites/requests.mjs";
import { schedule } from "./suites/schedule.mjs";
import { startup } from "./suites/startup.mjs";
import { streams, tlsStreams } from "./suites/streams.mjs";
import { render } from "./table.mjs";
import { chooseTruth } from "./truth.mjs";

/**
 * @typedef {object} Settings
 * @property {import("./truth.mjs").Truth} truth
 * @property {number} rounds
 * @property {boolean} short
 * @property {readonly string[] | null} clients words of the names of those that take part; null is all
 * @property {readonly number[]} levels how many streams at once
 * @property {number} requests of the memory suite
 */

/** @type {Readonly<Record<string, (settings: Settings) => Promise<readonly import("./table.mjs").Table[]>>>} */
const SUITES = { parts, startup, streams, tls: tlsStreams, requests, schedule, memory, compare, observe };

const options = readOptions(process.argv.slice(2), Object.keys(SUITES));
if (options.help) {
  console.log(USAGE);
  process.exit(0);
}
if (!existsSync(path.join(rootDir, "packages/providers/dist/index.js")))
  throw new Error("Expected the packages to be built. Run `pnpm build` first.");

const truth = chooseTruth();
try {
  console.log(describeRun(truth, options.rounds));
  const tables = [];
  for (const name of options.only) {
    for (const table of (await SUITES[name]?.({ ...options, truth })) ?? []) {
      tables.push(table);
      console.log(render(table));
    }
  }
  if (options.write) {
    const file = path.join(rootDir, "docs/PERFORMANCE.md");
    writeFileSync(file, mergeDocument(existsSync(file) ? readFileSync(file, "utf8") : "", { truth, rounds: options.rounds, tables }));
  }
} finally {
  truth.clean();
}
