import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "@lens/sim";
import { build, type Options } from "tsup";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { LoadPlan, LoadResult } from "../src/index.ts";
import config from "../tsup.config.ts";

const packageDir = fileURLToPath(new URL("..", import.meta.url));
const BUILD_TIMEOUT_MS = 120_000;

/** What the program below prints. */
interface Printed {
  readonly result: LoadResult;
  readonly records: number;
  readonly ids: number;
  readonly kinds: readonly string[];
}

/** Runs a plan in worker threads. `killAfter` ends the first worker after so many records. */
const PROGRAM = `
const workers = [];
process.on("worker", (worker) => workers.push(worker));
const { plan, job, count, killAfter } = JSON.parse(process.argv[2]);
const records = [];
async function run(runLoad) {
  const onRecord = (record) => {
    records.push(record);
    if (records.length === killAfter) void workers[0].terminate();
  };
  const result = await runLoad({ plan, job, workers: count, onRecord });
  const kinds = [...new Set(records.map((record) => record.outcome.kind))];
  console.log(JSON.stringify({ result, records: records.length, ids: new Set(records.map((record) => record.id)).size, kinds }));
}
`;

let outDir: string;
let simulator: Simulator;

/** The package as it is published, but with the other packages in it, so that these need no build. */
beforeAll(async () => {
  outDir = mkdtempSync(path.join(packageDir, "node_modules", "built-"));
  const require = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  for (const options of config as readonly Options[]) {
    await build({
      ...options,
      entry: Object.fromEntries(Object.entries(options.entry ?? {}).map(([name, file]) => [name, path.join(packageDir, file)])),
      config: false,
      silent: true,
      dts: false,
      sourcemap: false,
      treeshake: false,
      clean: false,
      outDir,
      noExternal: [/.*/],
      esbuildOptions(esbuild, { format }) {
        esbuild.conditions = ["@lens/source"];
        if (format === "esm") esbuild.banner = { js: require };
      },
    });
  }
  writeFileSync(path.join(outDir, "package.json"), '{ "type": "module" }');
  writeFileSync(path.join(outDir, "esm.js"), `${PROGRAM}\nawait run((await import("./index.js")).runLoad);`);
  writeFileSync(path.join(outDir, "commonjs.cjs"), `${PROGRAM}\nvoid run(require("./index.cjs").runLoad);`);
  simulator = await startSimulator({ scenario: { ttftMs: 20, gapMs: 1, outputTokens: 3 } });
}, BUILD_TIMEOUT_MS);

afterAll(async () => {
  await simulator.close();
  rmSync(outDir, { recursive: true, force: true });
});

async function runProgram(
  program: string,
  plan: LoadPlan,
  options: { readonly count?: number; readonly killAfter?: number; readonly adapter?: string } = {},
): Promise<Printed> {
  const { count = 2, killAfter = -1, adapter = "openai" } = options;
  const target = { adapter, model: "m", baseUrl: simulator.baseUrls.openai, apiKey: "k" };
  const job = { target, prompts: [{ messages: [{ role: "user", content: "Hello." }] }] };
  const order = JSON.stringify({ plan, job, count, killAfter });
  const { stdout } = await promisify(execFile)(process.execPath, [path.join(outDir, program), order], { env: {} });
  return JSON.parse(stdout) as Printed;
}

describe("the built package", () => {
  it.each(["esm.js", "commonjs.cjs"])("runs real workers from %s", async (program) => {
    const printed = await runProgram(program, { load: { mode: "closed", concurrency: 8 }, requests: 40 });
    expect(printed).toMatchObject({ records: 48, ids: 48, kinds: ["ok"] });
    expect(printed.result).toMatchObject({ sent: 48, lost: 0, crashes: [], workers: 2, stoppedBy: "requests" });
    expect(printed.result.instrument.threads).toHaveLength(2);
  });

  it("shares an open loop among real workers", async () => {
    const load = { mode: "open", arrivals: { process: "poisson", ratePerSecond: 100 } } as const;
    const printed = await runProgram("esm.js", { load, requests: 50 });
    expect(printed).toMatchObject({ records: 50, ids: 50, kinds: ["ok"] });
    expect(printed.result.schedule).toMatchObject({ sent: 50, waitedForSlot: 0, sendLag: { count: 50 } });
  });

  it("goes on when a worker is killed, and counts what was lost with it", async () => {
    const { result, records } = await runProgram(
      "esm.js",
      { load: { mode: "closed", concurrency: 8 }, requests: 300, warmup: null },
      { killAfter: 20 },
    );
    expect(result.crashes).toEqual([{ worker: 0, reason: "exit code 1", lost: result.lost }]);
    expect(result.lost).toBeGreaterThan(0);
    expect([result.sent, records + result.lost]).toEqual([300, 300]);
  });
});
