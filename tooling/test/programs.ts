import { execFile, spawnSync } from "node:child_process";
import { rootDir } from "../scripts/workspace.mjs";

/** Whether a program that is not ours is on this machine; tests that want it are skipped elsewhere. */
export function hasProgram(program: string): boolean {
  return spawnSync(program, ["--version"]).status === 0;
}

interface Ended {
  /** The exit code; a text where there was none. */
  readonly status: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a line of a shell at the root, as the documentation has it. */
export function runLine(line: string): Promise<Ended> {
  return new Promise((resolve) => {
    execFile("bash", ["-o", "pipefail", "-c", line], { cwd: rootDir }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : (error.code ?? String(error.signal)), stdout, stderr }),
    );
  });
}
