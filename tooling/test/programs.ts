import { spawnSync } from "node:child_process";
import { rootDir } from "../scripts/workspace.mjs";

/** Whether a program that is not ours is on this machine; tests that want it are skipped elsewhere. */
export function hasProgram(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

/** What a line of a shell printed, run at the root as the documentation has it, and how it ended. */
export function runLine(line: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync("bash", ["-o", "pipefail", "-c", line], { cwd: rootDir, encoding: "utf8" });
  return { status, stdout, stderr };
}
