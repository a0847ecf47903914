// @ts-check
/**
 * What is taken for the truth: our own paced server, or the C programs of a folder that may lie beside the checkout (`../shared/bench`, or
 * where LENS_TRUTH says), with their reader as the measure of what this machine can give to anyone.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { rootDir } from "../scripts/workspace.mjs";
import { startCServer, startOwnServer } from "./processes.mjs";

/**
 * @typedef {object} Truth
 * @property {string} name in words
 * @property {string | null} reader the C reader's program; null where there is none
 * @property {(pace: import("./processes.mjs").Pace) => Promise<import("./processes.mjs").Server>} start over TLS it is always our own server
 * @property {() => void} clean
 */

/** @param {string} reason @returns {Truth} */
const ownTruth = (reason) => ({
  name: `tooling/bench/truth-server (${reason})`,
  reader: null,
  start: startOwnServer,
  clean: () => undefined,
});

/** @returns {Truth} */
export function chooseTruth() {
  const folder = process.env["LENS_TRUTH"] ?? path.join(rootDir, "..", "shared", "bench");
  const sources = ["truth", "reader"].map((name) => path.join(folder, `${name}.c`));
  if (!sources.every((source) => existsSync(source)))
    return ownTruth("no C programs beside the checkout, so the rows of the C reader are left out");

  const built = mkdtempSync(path.join(tmpdir(), "lens-bench-"));
  const clean = () => rmSync(built, { recursive: true, force: true });
  const programs = sources.map((source) => ({ source, program: path.join(built, path.basename(source, ".c")) }));
  const compiled = programs.every(({ source, program }) => spawnSync("cc", ["-O2", "-o", program, source, "-lm"]).status === 0);
  if (!compiled) {
    clean();
    return ownTruth("the C programs beside the checkout could not be compiled, so the rows of the C reader are left out");
  }
  const [server, reader] = programs.map(({ program }) => program);
  return {
    name: "the paced server in C, with the reader in C as the measure",
    reader: reader ?? null,
    start: (pace) => (pace.tls === true ? startOwnServer(pace) : startCServer(server ?? "", pace)),
    clean,
  };
}
