import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { samplesOf } from "./monitored.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const bin = fileURLToPath(new URL("../bin/lens.js", import.meta.url));

interface Entry {
  readonly level: string;
  readonly message: string;
  readonly url?: string;
}

beforeAll(() => {
  const built = spawnSync(process.execPath, [join(root, "tooling/scripts/ready.mjs"), "--build"], { cwd: root, encoding: "utf8" });
  if (built.status !== 0) throw new Error(`The build failed:\n${built.stdout}${built.stderr}`);
}, 300_000);

/** Starts a monitor of the simulator as a process, and reads its log line by line. */
function start(cwd: string) {
  const child = spawn(process.execPath, [bin, "monitor", "--listen", "127.0.0.1:0", "--state", "state"], {
    cwd,
    env: { PATH: process.env.PATH },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const entries: Entry[] = [];
  const lines = createInterface({ input: child.stderr });
  lines.on("line", (line) => entries.push(JSON.parse(line) as Entry));
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (out += piece));
  return {
    child,
    entries,
    async said(message: string): Promise<Entry> {
      for (;;) {
        const entry = entries.find((each) => each.message.startsWith(message));
        if (entry !== undefined) return entry;
        await once(lines, "line");
      }
    },
    async ended(): Promise<{ readonly code: number | null; readonly out: string }> {
      const [code] = (await once(child, "close")) as [number | null];
      return { code, out };
    },
  };
}

const countOf = (samples: ReadonlyMap<string, number>): number =>
  [...samples].filter(([name]) => name.startsWith("llm_requests_total")).reduce((sum, [, value]) => sum + value, 0);

describe("a monitor as a process", () => {
  test("survives SIGHUP, drains on SIGTERM, and goes on where it ended", async () => {
    const cwd = mkdtempSync(join(tmpdir(), "lens-monitor-"));
    writeFileSync(join(cwd, "lens.config.yaml"), 'targets: ["sim:"]\ninterval: 100ms\n');
    const first = start(cwd);
    await first.said("target is up");
    const { url = "" } = await first.said("listening");
    first.child.kill("SIGHUP");
    await first.said("configuration read");
    const before = countOf(samplesOf(await (await fetch(`${url}/metrics`)).text()));
    expect(before).toBeGreaterThanOrEqual(1);
    first.child.kill("SIGTERM");
    expect(await first.ended()).toEqual({ code: 0, out: "" });
    expect(first.entries.at(-1)?.message).toBe("ending");
    expect(readdirSync(cwd).toSorted()).toEqual(["lens.config.yaml", "state"]);

    const second = start(cwd);
    const { url: again = "" } = await second.said("listening");
    expect(second.entries[0]?.message).toBe("state read");
    const samples = samplesOf(await (await fetch(`${again}/metrics`)).text());
    expect(countOf(samples)).toBeGreaterThanOrEqual(before);
    expect(samples.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    second.child.kill("SIGTERM");
    expect((await second.ended()).code).toBe(0);
  });
});
