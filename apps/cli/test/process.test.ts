import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseRecord } from "@lens/core";
import type { Report } from "@lens/metrics";
import { parseTruth } from "@lens/sim";
import { beforeAll, describe, expect, test } from "vitest";
import { EXIT_CODES } from "../src/exit-codes.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = fileURLToPath(new URL("../bin/lens.js", import.meta.url));
const env = { PATH: process.env.PATH, OPENAI_API_KEY: "canary-in-the-environment" };

beforeAll(() => {
  const built = spawnSync(process.execPath, [join(root, "tooling/scripts/ready.mjs"), "--build"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
}, 300_000);

function start(args: string, more: Readonly<Record<string, string>> = {}) {
  const cwd = mkdtempSync(join(tmpdir(), "lens-process-"));
  const child = spawn(process.execPath, [bin, ...args.split(" ")], { cwd, env: { ...env, ...more }, stdio: ["pipe", "pipe", "pipe"] });
  const text = { out: "", err: "" };
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (text.out += piece));
  child.stderr.setEncoding("utf8").on("data", (piece: string) => (text.err += piece));
  const ended = once(child, "close").then(([code, signal]) => ({ code: code as number | null, signal: signal as string | null, ...text }));
  return { child, cwd, ended };
}

/** The first line that a process writes. */
async function firstLine(stream: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({ input: stream })) return line;
  throw new Error("Expected a line.");
}

/** Resolves when `r.jsonl` holds more than five records. */
async function manyRecords(cwd: string): Promise<void> {
  const watcher = watch(cwd);
  await new Promise<void>((resolve) => {
    watcher.on("change", (_kind, name) => {
      if (name === "r.jsonl" && readFileSync(join(cwd, "r.jsonl"), "utf8").split("\n").length > 6) resolve();
    });
  });
  watcher.close();
}

/** Resolves when the process of that id is gone. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe("the program as a process", () => {
  test("measures the simulator in a process of its own, and reads no answer before it was written", async () => {
    const { cwd, ended } = start("bench sim: -n 40 -c 2 --warmup 4 --json --sim-truth truth.jsonl");
    const { code, out } = await ended;
    expect(code).toBe(EXIT_CODES.ok);
    const [group] = (JSON.parse(out) as Report).groups;
    const truth = readFileSync(join(cwd, "truth.jsonl"), "utf8").trimEnd().split("\n").map(parseTruth);
    expect(group?.outcomes.ok).toBe(40);
    expect(truth).toHaveLength(44);
    // No answer can be read before it was written.
    const least = Math.min(...truth.map((entry) => Number((entry.tokenNs[0] ?? 0n) - entry.receivedNs)));
    expect(group?.ttft.minNs).toBeGreaterThanOrEqual(least);
  });

  test.skipIf(process.platform === "win32")(
    "shows its key to nobody who lists what runs, neither of its own process nor of the simulator's",
    async () => {
      const config = join(mkdtempSync(join(tmpdir(), "lens-listed-")), "lens.config.json");
      writeFileSync(config, JSON.stringify({ targets: ["sim:", { target: "openai:m", baseUrl: "http://127.0.0.1:1/v1" }] }));
      const { child, cwd, ended } = start(`bench --config ${config} --duration 10m -c 1 --quiet --workers 2 --records r.jsonl`);
      await manyRecords(cwd);
      const listed = spawnSync("ps", ["-A", "-ww", "-o", "pid=,ppid=,comm=,args="], { encoding: "utf8" }).stdout.split("\n");
      child.kill("SIGKILL");
      await ended;
      const rows = listed.map((line) => line.trim().split(/ +/));
      expect(rows.filter(([pid]) => pid === String(child.pid))).toHaveLength(1);
      expect(rows.filter(([, parent]) => parent === String(child.pid)).length).toBeGreaterThan(0);
      expect(listed.filter((line) => line.includes(env.OPENAI_API_KEY))).toEqual([]);
    },
  );

  test("sends from worker threads, whose records and schedules make one report", async () => {
    const { cwd, ended } = start("bench sim: --rate 100 -n 60 --workers 2 --max-in-flight 50 --json --records r.jsonl");
    const { code, out, err } = await ended;
    expect([code, err]).toEqual([EXIT_CODES.ok, ""]);
    const { groups, instrument } = JSON.parse(out) as Report;
    expect(groups[0]).toMatchObject({
      target: { provider: "sim", label: "sim" },
      outcomes: { ok: 60 },
      load: { workers: 2, sent: 60, lost: 0, crashes: [], schedule: { sent: 60 } },
    });
    expect(groups[0]?.load?.schedule?.targetRatePerSecond).toBeCloseTo(100, 6);
    expect(groups[0]?.response?.ttft.count).toBe(60);
    expect(instrument.resources?.threads).toBe(2);
    const ids = readFileSync(join(cwd, "r.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(new Set(ids).size).toBe(60);
  });

  test("keeps readable what was measured when it is killed", async () => {
    const { child, cwd, ended } = start("bench sim: --duration 10m -c 2 --quiet --records r.jsonl");
    await manyRecords(cwd);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    const whole = readFileSync(join(cwd, "r.jsonl"), "utf8").split("\n").slice(0, -1);
    expect(whole.map((line) => parseRecord(JSON.parse(line)).outcome.kind)).toEqual(whole.map(() => "ok"));
    expect(whole.length).toBeGreaterThan(5);
  });

  test("reports a worker that crashes, counts what is lost, and writes what there is", async () => {
    const program = join(mkdtempSync(join(tmpdir(), "lens-crash-")), "crash.cjs");
    writeFileSync(
      program,
      `if (!require("node:worker_threads").isMainThread) setTimeout(() => { throw new Error("out of luck"); }, 1500);`,
    );
    const { ended } = start("bench sim: --duration 10m -c 4 --workers 1 --json", { NODE_OPTIONS: `--require ${program}` });
    const { code, out, err } = await ended;
    const [group] = (JSON.parse(out) as Report).groups;
    const lost = group?.load?.lost ?? 0;
    expect(group?.load).toMatchObject({ stoppedBy: "crash", crashes: [{ worker: 0, reason: "out of luck", lost }] });
    expect((group?.requests ?? 0) + (group?.excluded.warmup ?? 0) + lost).toBe(group?.load?.sent);
    expect(err).toContain(`lens: internal error: worker 0 crashed (out of luck); ${lost} requests are lost.\n`);
    expect(code).toBe(EXIT_CODES.internal);
  });

  test("measures this machine against the truth", async () => {
    const { code, out } = await start("selftest --streams 1,5 --duration 3s --json").ended;
    const found = JSON.parse(out) as { levels: { stamps: number }[]; holds: boolean };
    expect(found.levels.every(({ stamps }) => stamps >= 25)).toBe(true);
    expect(code).toBe(found.holds ? EXIT_CODES.ok : EXIT_CODES.clientLimited);
  });

  test("ends quietly when its reader has seen enough", async () => {
    const { child, ended } = start("config");
    child.stdout.destroy();
    const { code, err } = await ended;
    expect([code, err]).toEqual([EXIT_CODES.ok, ""]);
  });

  test("Ctrl-C writes what was measured and exits with 130, and the simulator ends with it", async () => {
    const { child, cwd, ended } = start("bench sim: --duration 10m -c 2 --json --records r.jsonl");
    await manyRecords(cwd);
    child.kill("SIGINT");
    const { code, out, err } = await ended;
    expect(code).toBe(EXIT_CODES.interrupted);
    const report = JSON.parse(out) as Report;
    expect(report.run.interrupted).toBe(true);
    expect(report.groups[0]?.outcomes.ok).toBeGreaterThan(0);
    const records = readFileSync(join(cwd, "r.jsonl"), "utf8").trimEnd().split("\n");
    expect(records.length).toBe((report.groups[0]?.requests ?? 0) + (report.groups[0]?.excluded.warmup ?? 0));
    expect(err).toContain("interrupted");
  });

  test("the simulator ends when whoever started it is killed", async () => {
    const { child, ended } = start("sim --port 0 --json --until-stdin-ends");
    expect(JSON.parse(await firstLine(child.stdout))).toHaveProperty("baseUrls.openai");
    child.stdin.destroy();
    expect((await ended).code).toBe(EXIT_CODES.ok);
    await gone(child.pid ?? 0);
  });

  test("SIGTERM ends the simulator well", async () => {
    const { child, ended } = start("sim --port 0");
    await firstLine(child.stdout);
    child.kill("SIGTERM");
    expect((await ended).code).toBe(EXIT_CODES.ok);
  });
});
