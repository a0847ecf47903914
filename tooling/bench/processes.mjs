// @ts-check
/** Starts what is measured and what it is measured against, each in a process of its own and, where the system can pin, on a core of its own. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import net from "node:net";
import { availableParallelism } from "node:os";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export const canPin = availableParallelism() > 1 && spawnSync("taskset", ["-c", "0", "true"]).status === 0;

/** The first core serves, the second measures. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;

/** @param {string} file relative to this folder */
export const here = (file) => fileURLToPath(new URL(file, import.meta.url));

/** @param {readonly string[]} command @param {number | null} core */
const pinned = (command, core) => (canPin && core !== null ? ["taskset", "-c", String(core), ...command] : [...command]);

/**
 * Runs a command to its end and returns what it printed. Rejects when it ends with a code other than those accepted.
 * @param {readonly string[]} command @param {number | null} core null lets it run where it likes
 * @param {{ env?: NodeJS.ProcessEnv, accepted?: readonly number[] }} options `env` is beside our own @returns {Promise<string>}
 */
export async function run(command, core, { env = {}, accepted = [0] } = {}) {
  const [file = "", ...args] = pinned(command, core);
  const child = keepTrack(spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } }));
  let output = "";
  let errors = "";
  child.stdout.on("data", (text) => (output += text));
  child.stderr.on("data", (text) => (errors += text));
  const [code, signal] = await once(child, "close");
  if (!accepted.includes(code)) throw new Error(`${command.join(" ")} ended with ${code ?? signal}: ${errors || output}`);
  return output;
}

/** Started and not yet ended: what is left must not outlive us. @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
process.once("exit", () => running.forEach((child) => child.kill()));
for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.once(signal, () => process.exit(1));

/** @template {import("node:child_process").ChildProcess} Child @param {Child} child @returns {Child} */
function keepTrack(child) {
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** Runs a command whose last line is JSON. @param {readonly string[]} command @param {number | null} core @param {NodeJS.ProcessEnv} env @returns {Promise<unknown>} */
export async function runJson(command, core, env = {}) {
  const line = (await run(command, core, { env })).trimEnd().split("\n").at(-1) ?? "";
  return JSON.parse(line);
}

/** @typedef {{ readonly url: string, stop(): Promise<void> }} Server */
/** @typedef {{ readonly ttftMs: number, readonly gapMs: number, readonly tokens: number, readonly tls?: boolean }} Pace */

/** @param {import("node:child_process").ChildProcess} child @param {string} url @returns {Server} */
const serverOf = (child, url) => ({
  url,
  async stop() {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, "close");
    child.kill("SIGTERM");
    await closed;
  },
});

/** Starts our own paced server. @param {Pace} pace @returns {Promise<Server>} */
export async function startOwnServer({ ttftMs, gapMs, tokens, tls = false }) {
  const [file = "", ...args] = pinned(
    [process.execPath, here("truth-server/server.mjs"), JSON.stringify({ port: 0, ttftMs, gapMs, tokens, tls })],
    SERVER_CORE,
  );
  const child = keepTrack(spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] }));
  for await (const line of createInterface(child.stdout)) {
    const [, port] = /^ready (\d+)$/.exec(line) ?? [];
    if (port !== undefined) return serverOf(child, `${tls ? "https" : "http"}://127.0.0.1:${port}/v1`);
  }
  throw new Error("Expected the paced server to say on which port it listens, and it ended.");
}

/** The command line of the built program. */
export const lens = [process.execPath, here("../../apps/cli/bin/lens.js")];

/** Starts our simulator; its URL is what an OpenAI client calls its base URL. @param {readonly string[]} flags of `lens sim` @returns {Promise<Server>} */
export async function startSimulator(flags) {
  const [file = "", ...args] = pinned([...lens, "sim", "--port", "0", "--json", ...flags], SERVER_CORE);
  const child = keepTrack(spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] }));
  for await (const line of createInterface(child.stdout)) {
    /** @type {{ baseUrls: { openai: string } }} */
    const { baseUrls } = JSON.parse(line);
    return serverOf(child, baseUrls.openai);
  }
  throw new Error("Expected the simulator to say where it listens, and it ended.");
}

/** A port that nobody listens on, for a program that cannot choose one itself. @returns {Promise<number>} */
async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** @param {number} port @returns {Promise<boolean>} */
const answers = (port) =>
  new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });

/** Starts the C server. @param {string} program @param {Pace} pace @returns {Promise<Server>} */
export async function startCServer(program, { ttftMs, gapMs, tokens }) {
  const port = await freePort();
  const [file = "", ...args] = pinned(
    [program, String(port), "-t", String(ttftMs), "-i", String(gapMs), "-n", String(tokens), "-s"],
    SERVER_CORE,
  );
  const child = keepTrack(spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] }));
  while (!(await answers(port))) if (child.exitCode !== null) throw new Error("The C server ended before it listened.");
  return serverOf(child, `http://127.0.0.1:${port}/v1`);
}
