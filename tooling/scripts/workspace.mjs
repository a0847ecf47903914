// @ts-check
/** What the repository consists of, read from its files with nothing but Node, so that it works before anything is installed. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root. */
export const rootDir = fileURLToPath(new URL("../..", import.meta.url));

const NOT_SOURCES = new Set(["node_modules", "dist", "coverage", ".turbo"]);

/** The folders of the workspace's packages, relative to the root. @returns {string[]} */
export function workspaceFolders() {
  const text = readFileSync(path.join(rootDir, "pnpm-workspace.yaml"), "utf8");
  const [, list = ""] = /^packages:\n((?: {2}- .*\n)+)/m.exec(text) ?? [];
  const patterns = [...list.matchAll(/^ {2}- (.*)$/gm)].map(([, pattern = ""]) => pattern);
  return patterns
    .flatMap((pattern) => {
      if (!pattern.endsWith("/*")) return [pattern];
      const parent = pattern.slice(0, -2);
      return readdirSync(path.join(rootDir, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((folder) => existsSync(path.join(rootDir, folder, "package.json")))
    .toSorted();
}

/**
 * The packages that are published: all that are not marked private.
 * @returns {{ folder: string, name: string, dependencies: Readonly<Record<string, string>>, libraryEntries: readonly string[], bins: readonly string[] }[]}
 */
export function publishedPackages() {
  return workspaceFolders().flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(path.join(rootDir, folder, "package.json"), "utf8"));
    if (manifest.private === true) return [];
    const libraryEntries = Object.keys(manifest.exports ?? {}).filter((entry) => !entry.endsWith(".json"));
    return [
      { folder, name: manifest.name, dependencies: manifest.dependencies ?? {}, libraryEntries, bins: Object.keys(manifest.bin ?? {}) },
    ];
  });
}

/** All files below `folder`, relative to the root, with forward slashes, sorted; without what tools have made. @param {string} folder @returns {string[]} */
export function listFiles(folder) {
  const files = [];
  for (const entry of readdirSync(path.join(rootDir, folder), { withFileTypes: true })) {
    const file = `${folder}/${entry.name}`;
    if (entry.isFile()) files.push(file);
    else if (entry.isDirectory() && !NOT_SOURCES.has(entry.name)) files.push(...listFiles(file));
  }
  return files.toSorted();
}

/** A hash of the names and contents of files, and of `salt`. A missing file counts as empty. @param {readonly string[]} files @param {string} salt */
export function fingerprint(files, salt = "") {
  const hash = createHash("sha256").update(salt);
  for (const file of files) {
    const absolute = path.join(rootDir, file);
    hash.update(`\0${file}\0`);
    if (existsSync(absolute)) hash.update(readFileSync(absolute));
  }
  return hash.digest("hex");
}
