import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const PREFIX = "lens-tests-";

/**
 * Gives a run of the tests a temporary folder of its own, which every test, every program that a test starts and every
 * dependency of them writes into, and removes it with all that is left in there.
 */
export function setup(): (() => void) | undefined {
  // Each project of a run comes here; the first has made it for all.
  if (path.basename(tmpdir()).startsWith(PREFIX)) return undefined;
  const folder = mkdtempSync(path.join(tmpdir(), PREFIX));
  // Windows has other names for it.
  Object.assign(process.env, { TMPDIR: folder, TEMP: folder, TMP: folder });
  return () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}
