// @ts-check
/** Packs the published packages as they would be uploaded. They must have been built. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { publishedPackages, rootDir } from "./workspace.mjs";

const run = promisify(execFile);
const pnpm = path.join(rootDir, "node_modules", "pnpm", "bin", "pnpm.cjs");

/**
 * Packs every published package into `intoDir`.
 * @param {string} intoDir
 * @returns {Promise<(ReturnType<typeof publishedPackages>[number] & { tarball: string, files: readonly string[] })[]>} each with the path of its tarball, and
 *   the names of the files in that
 */
export function packAll(intoDir) {
  return Promise.all(
    publishedPackages().map(async (published) => {
      const { stdout } = await run(process.execPath, [pnpm, "pack", "--json", "--pack-destination", intoDir], {
        cwd: path.join(rootDir, published.folder),
      });
      /** @type {{ filename: string, files: readonly { path: string }[] }} */
      const { filename, files } = JSON.parse(stdout);
      return { ...published, tarball: path.resolve(intoDir, filename), files: files.map((file) => file.path) };
    }),
  );
}
