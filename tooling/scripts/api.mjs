// @ts-check
/**
 * Makes what the repository keeps of its API: the reference in docs/api, and in each library's folder api.txt, the names that it offers.
 *
 *   node tooling/scripts/api.mjs            write them
 *   node tooling/scripts/api.mjs --check    fail where they are not what the sources say
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createApiLister } from "./api-names.mjs";
import { createApiProgram, libraryEntries } from "./api-program.mjs";
import { withoutIdleAnchors, withTrueAnchors, writeReference } from "./api-reference.mjs";
import { rootDir } from "./workspace.mjs";

const REFERENCE = "docs/api";

/** The files below a folder of the repository, with their texts. @param {string} folder @param {string} inDir @returns {Map<string, string>} */
function readTree(folder, inDir) {
  const names = existsSync(inDir) ? readdirSync(inDir, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".md")) : [];
  return new Map(names.map((name) => [`${folder}/${name.replaceAll("\\", "/")}`, readFileSync(path.join(inDir, name), "utf8")]));
}

const entries = libraryEntries();
const program = createApiProgram(entries);
const list = createApiLister(program);

const lists = new Map(
  [...new Set(entries.map(({ folder }) => folder))].map((folder) => {
    const own = entries.filter((entry) => entry.folder === folder);
    return [`${folder}/api.txt`, `${own.map(list).join("\n\n")}\n`];
  }),
);

const workDir = mkdtempSync(path.join(tmpdir(), "lens-api-"));
try {
  if (!(await writeReference(program, entries, workDir))) process.exitCode = 1;
  const wanted = new Map([...lists, ...withTrueAnchors(withoutIdleAnchors(readTree(REFERENCE, workDir)))]);
  const kept = readTree(REFERENCE, path.join(rootDir, REFERENCE));
  for (const file of lists.keys()) if (existsSync(path.join(rootDir, file))) kept.set(file, readFileSync(path.join(rootDir, file), "utf8"));

  const stale = [...new Set([...wanted.keys(), ...kept.keys()])].filter((file) => wanted.get(file) !== kept.get(file)).toSorted();
  if (process.argv.includes("--check")) {
    if (stale.length > 0) {
      console.error(
        `These do not say what the sources say; \`npm run api\` writes them anew:\n${stale.map((file) => `  ${file}`).join("\n")}`,
      );
      process.exitCode = 1;
    }
  } else {
    for (const file of stale) {
      const text = wanted.get(file);
      if (text === undefined) rmSync(path.join(rootDir, file));
      else {
        mkdirSync(path.dirname(path.join(rootDir, file)), { recursive: true });
        writeFileSync(path.join(rootDir, file), text);
      }
      console.log(`${text === undefined ? "removed" : "written"} ${file}`);
    }
  }
} finally {
  rmSync(workDir, { recursive: true, force: true });
}
