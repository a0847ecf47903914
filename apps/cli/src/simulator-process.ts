import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { isSea } from "node:sea";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { LensError } from "@lens/core";
import type { SimulatorProcess } from "./io.ts";

/** What a child needs to run at all. Keys stay with us. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "SystemRoot", "TEMP", "NODE_COMPILE_CACHE"];

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** The process that starts the simulator. */
export interface Parent {
  /** The path of its Node. */
  readonly node: string;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Starts `lens sim` in a process of its own, so that it takes no time from the thread that measures. The child ends when its
 * standard input does, and so never outlives this process, however that ends.
 */
export async function startSimulatorProcess(args: readonly string[], { node, platform, env }: Parent): Promise<SimulatorProcess> {
  const childEnv = Object.fromEntries(INHERITED.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
  // A program that is a single file is its own Node.
  const program = isSea() ? [] : [fileURLToPath(new URL("../bin/lens.js", import.meta.url))];
  const child: Child = spawn(node, [...program, "sim", "--json", "--until-stdin-ends", ...args], {
    env: childEnv,
    stdio: ["pipe", "pipe", "pipe"],
    // Ctrl-C goes to every process of the terminal's group; the simulator has to outlive it until the requests are ended.
    detached: platform !== "win32",
  });
  const exited = once(child, "exit");
  child.stdin.on("error", () => {});
  const line = await firstLine(child);
  const { baseUrls } = JSON.parse(line) as { readonly baseUrls: Readonly<Record<string, string>> };
  return {
    baseUrls,
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}

async function firstLine(child: Child): Promise<string> {
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return line;
  }
  await once(child, "close");
  throw new LensError(
    "INTERNAL",
    `Expected the built-in simulator to start, but it ended at once: ${complaint.trim() || "it said nothing"}`,
  );
}
