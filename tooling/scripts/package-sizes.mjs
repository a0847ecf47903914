// @ts-check
/** How large the packages may become: a little more than they were when somebody last looked, which tooling/package-sizes.json keeps. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { rootDir } from "./workspace.mjs";

/** What a package takes; `files` has those of `dist` by their names, all sources as one, and the rest. @typedef {{ packedBytes: number, unpackedBytes: number, files: Record<string, number> }} Size */

const KEPT = "tooling/package-sizes.json";
/** Of what was kept: a little more is no matter. */
const MOST_PERCENT = 115;
const SHOWN_FILES = 3;

/** @param {number} bytes */
const inKb = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** @param {{ folder: string, tarball: string, files: readonly string[] }} packed @returns {Size} */
export function sizeOf({ folder, tarball, files }) {
  /** @type {Record<string, number>} */
  const sizes = {};
  for (const file of files) {
    // The part of a name that changes with every build says nothing.
    const name = file.startsWith("src/") ? "src" : file.replace(/-(?:[A-Z\d]{8}(?=\.js$)|[\w-]{8}(?=\.d\.c?ts$))/, "-*");
    sizes[name] = (sizes[name] ?? 0) + statSync(path.join(rootDir, folder, file)).size;
  }
  const unpackedBytes = Object.values(sizes).reduce((sum, bytes) => sum + bytes, 0);
  return { packedBytes: statSync(tarball).size, unpackedBytes, files: sizes };
}

/** @returns {Readonly<Record<string, Size>>} by the package's name */
export function keptSizes() {
  return JSON.parse(readFileSync(path.join(rootDir, KEPT), "utf8"));
}

/** @param {Readonly<Record<string, Size>>} sizes by the package's name */
export function keepSizes(sizes) {
  writeFileSync(path.join(rootDir, KEPT), `${JSON.stringify(sizes, null, 2)}\n`);
}

/**
 * What is wrong with a package's size, and which of its files grew most; null where nothing is.
 * @param {Size} size @param {Size | undefined} kept @returns {string | null}
 */
export function complaintOf(size, kept) {
  const renew = `\`node tooling/scripts/check-packages.mjs --write\` takes it as it is.`;
  if (kept === undefined) return `Expected its size in ${KEPT}, found none. ${renew}`;
  const over = /** @type {const} */ ([
    ["packed", size.packedBytes, kept.packedBytes],
    ["unpacked", size.unpackedBytes, kept.unpackedBytes],
  ])
    .filter(([, now, before]) => now * 100 > before * MOST_PERCENT)
    .map(([what, now, before]) => `at most ${inKb((before * MOST_PERCENT) / 100)} ${what}, got ${inKb(now)}`);
  if (over.length === 0) return null;
  const grown = Object.entries(size.files)
    .map(([name, now]) => ({ name, now, before: kept.files[name] ?? 0 }))
    .filter(({ now, before }) => now > before)
    .toSorted((one, other) => other.now - other.before - (one.now - one.before))
    .slice(0, SHOWN_FILES)
    .map(({ name, now, before }) => `  ${name}: ${inKb(before)} before, ${inKb(now)} now`);
  return [`Expected ${over.join("; ")}. Most have grown:`, ...grown, renew].join("\n");
}
