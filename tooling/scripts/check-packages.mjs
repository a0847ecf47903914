// @ts-check
/**
 * Checks the packages as they would be published: publint their manifests, attw the types of every entry, and that none has grown by much. They must have
 * been built.
 *
 *   node tooling/scripts/check-packages.mjs            check them
 *   node tooling/scripts/check-packages.mjs --write    keep their sizes, as those to grow from
 */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { packAll } from "./pack.mjs";
import { complaintOf, keepSizes, keptSizes, sizeOf } from "./package-sizes.mjs";
import { rootDir } from "./workspace.mjs";

const run = promisify(execFile);
const publint = path.join(rootDir, "node_modules", "publint", "src", "cli.js");
const attw = path.join(rootDir, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");

/** @param {string} script @param {readonly string[]} args @returns {Promise<string | null>} what it complained of, if it did */
async function complaint(script, args) {
  try {
    await run(process.execPath, [script, ...args]);
    return null;
  } catch (error) {
    const { stdout = "", stderr = "" } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    return `${stdout}${stderr}` || String(error);
  }
}

const intoDir = mkdtempSync(path.join(tmpdir(), "lens-pack-"));
try {
  const packed = await packAll(intoDir);
  if (process.argv.includes("--write")) keepSizes(Object.fromEntries(packed.map((each) => [each.name, sizeOf(each)])));
  const kept = keptSizes();
  for (const each of packed) {
    const { name, tarball, libraryEntries } = each;
    const size = sizeOf(each);
    const complaints = await Promise.all([
      complaint(publint, ["run", tarball, "--strict"]),
      // Only the resolutions of Node 16 and later: `node10` knows no `exports`.
      ...(libraryEntries.length > 0 ? [complaint(attw, [tarball, "--profile", "node16", "--format", "ascii"])] : []),
    ]);
    const found = [...complaints, complaintOf(size, kept[name])].filter((text) => text !== null);
    const sizes = `${Math.round(size.packedBytes / 1000)} kB packed, ${Math.round(size.unpackedBytes / 1000)} kB unpacked`;
    console.log(`${found.length === 0 ? "ok    " : "FAILED"} ${name}: ${sizes}`);
    for (const text of found) console.log(text);
    if (found.length > 0) process.exitCode = 1;
  }
} finally {
  rmSync(intoDir, { recursive: true, force: true });
}
