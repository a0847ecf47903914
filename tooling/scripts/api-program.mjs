// @ts-check
/** What the published libraries offer, as TypeScript sees it: the program that both the reference and the lists of names are made from. */
import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { publishedPackages, rootDir } from "./workspace.mjs";

/** One door of a library: `@lens/core`, or `@lens/core/testing`. @typedef {{ name: string, folder: string, packageName: string, description: string, file: string }} Entry */

/** Every entry of every published library, the main ones first, so that what several offer belongs to a main one. @returns {readonly Entry[]} */
export function libraryEntries() {
  return publishedPackages()
    .flatMap(({ folder, name, libraryEntries: names }) => {
      const { exports, description } = JSON.parse(readFileSync(path.join(rootDir, folder, "package.json"), "utf8"));
      return names.map((entry) => {
        const file = path.join(rootDir, folder, exports[entry]["@lens/source"]);
        return { name: name + entry.slice(1), folder, packageName: name, description, file };
      });
    })
    .toSorted((a, b) => Number(a.name !== a.packageName) - Number(b.name !== b.packageName));
}

/** @param {readonly Entry[]} entries */
export function createApiProgram(entries) {
  const config = ts.readConfigFile(path.join(rootDir, "tooling/tsconfig/base.json"), (file) => ts.sys.readFile(file));
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, rootDir);
  // Declarations come out without comments: what is said of a name is no part of the API, and stands in the reference.
  const declarations = { noEmit: false, declaration: true, emitDeclarationOnly: true, removeComments: true, noCheck: true };
  return ts.createProgram(
    entries.map(({ file }) => file),
    { ...options, ...declarations },
  );
}
