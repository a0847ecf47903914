// @ts-check
/** Removes all that builds and tests have made; dependencies stay. */
import { rmSync } from "node:fs";
import path from "node:path";
import { rootDir, workspaceFolders } from "./workspace.mjs";

for (const folder of ["", ...workspaceFolders()]) {
  for (const made of ["dist", "coverage", ".turbo", "node_modules/.cache"])
    rmSync(path.join(rootDir, folder, made), { recursive: true, force: true });
}
