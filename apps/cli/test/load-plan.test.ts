import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadPlan } from "@lens/load";
import { describe, expect, test } from "vitest";
import { readCommandLine } from "../src/command-line.ts";
import { resolveConfiguration } from "../src/config.ts";
import { type PlannedLoad, planLoad } from "../src/load-plan.ts";
import { createFakeIo, type FakeIo } from "./fake-io.ts";

const PROMPT = { messages: [{ role: "user" as const, content: "x".repeat(40) }] };

/** What `lens bench sim: ARGS` would send. */
async function planned(
  args: string,
  { io, more = [] }: { readonly io?: FakeIo; readonly more?: readonly string[] } = {},
): Promise<PlannedLoad> {
  const world = io ?? (await createFakeIo());
  const line = await readCommandLine(["bench", "sim:", ...args.split(" ").filter((word) => word !== ""), ...more], 80);
  if (line.kind !== "command") throw new Error("Expected a command.");
  return planLoad(await resolveConfiguration(line.flags, line.positionals, world), PROMPT, world.cwd);
}

const planOf = async (args: string): Promise<LoadPlan> => (await planned(args)).planAt();

describe("a closed loop", () => {
  test("is what there is without any flag", async () => {
    expect(await planOf("")).toEqual({
      load: { mode: "closed", concurrency: 10 },
      requests: 100,
      durationNs: null,
      warmup: { requests: 10 },
      drain: null,
      limits: { requestsPerMinute: null, tokensPerMinute: null },
      respectRetryAfter: false,
      seed: 1,
    });
    expect(await planned("")).toMatchObject({ mode: "closed", kind: "concurrency", levels: null, search: null, seed: null });
  });

  test.each([
    ["", 10],
    ["-n 1000 -c 50", 50],
    ["-n 50 -c 50", 5],
    ["-n 9 -c 1", 0],
    ["--warmup 3", 3],
    ["--warmup 0", 0],
    ["--duration 2s", 10],
  ])("with `%s` warms up each connection once, but with no more than a tenth of the requests", async (args, requests) => {
    expect((await planOf(args)).warmup).toEqual({ requests });
  });

  test.each([
    ["--duration 2s", null, 2e9],
    ["--duration 500 -n 100", 100, 5e8],
    ["-n 7", 7, null],
  ])("with `%s` ends by what was asked for", async (args, requests, durationNs) => {
    expect(await planOf(args)).toMatchObject({ requests, durationNs });
  });

  test("pauses, changes its level and drains as told", async () => {
    expect(await planOf("--think-time 250ms --stages 30s:10,1m:10,500ms:0 --warmup 5s --drain 2s")).toMatchObject({
      load: {
        mode: "closed",
        concurrency: 0,
        thinkTimeNs: 250e6,
        stages: [
          { durationNs: 30e9, to: 10 },
          { durationNs: 60e9, to: 10 },
          { durationNs: 5e8, to: 0 },
        ],
      },
      requests: null,
      warmup: { durationNs: 5e9 },
      drain: { durationNs: 2e9 },
    });
    expect((await planOf("-c 4 --stages 1s:8")).load).toMatchObject({ concurrency: 4 });
    expect(await planOf("--stages 1s:8")).toMatchObject({ warmup: null });
  });
});

describe("an open loop", () => {
  test.each([
    ["--rate 5", { process: "constant", ratePerSecond: 5 }, null],
    ["--rate 2.5 --arrivals poisson", { process: "poisson", ratePerSecond: 2.5 }, 1],
    ["--rate 5 --arrivals poisson --seed 9", { process: "poisson", ratePerSecond: 5 }, 9],
    ["--rate 5 --burstiness 0.5", { process: "gamma", ratePerSecond: 5, burstiness: 0.5 }, 1],
    ["--rate 0 --stages 1s:5", { process: "constant", ratePerSecond: 0, stages: [{ durationNs: 1e9, to: 5 }] }, null],
    ["--arrivals poisson --stages 1s:2.5", { process: "poisson", ratePerSecond: 0, stages: [{ durationNs: 1e9, to: 2.5 }] }, 1],
  ])("with `%s`", async (args, arrivals, seed) => {
    const load = await planned(args);
    expect(load).toMatchObject({ mode: "open", kind: "rate", levels: null, seed });
    expect(load.planAt()).toMatchObject({ load: { mode: "open", arrivals, maxInFlight: null }, warmup: null });
  });

  test("has 100 requests unless something else says how long it is", async () => {
    expect(await planOf("--rate 5")).toMatchObject({ requests: 100, durationNs: null });
    expect(await planOf("--rate 5 --stages 1s:5")).toMatchObject({ requests: null, durationNs: null });
    expect(await planOf("--rate 5 --max-in-flight 3 --duration 1s")).toMatchObject({ requests: null, load: { maxInFlight: 3 } });
  });

  test("reads due times from a file, with comments and units", async () => {
    const io = await createFakeIo();
    await writeFile(join(io.cwd, "t.txt"), "# recorded\n0\n1.5\n\n20ms # a pause before\n1s\n");
    const { load, requests } = (await planned("--timestamps t.txt", { io })).planAt();
    expect(load).toMatchObject({ arrivals: { process: "timestamps", atNs: [0, 1_500_000, 20_000_000, 1_000_000_000] } });
    expect(requests).toBeNull();
  });

  test.each([
    ["5\n4\n", "Expected line 2 of `t.txt` to be no earlier than the one before, got `4`."],
    ["1\nnoon\n", "Expected line 2 of `t.txt` to be milliseconds or a duration such as 250ms, 30s or 5m, got `noon`."],
    ["# nothing\n", "Expected due times in `t.txt`, got none."],
  ])("refuses a file of %j", async (text, message) => {
    const io = await createFakeIo();
    await writeFile(join(io.cwd, "t.txt"), text);
    await expect(planned("--timestamps t.txt", { io })).rejects.toMatchObject({ code: "INVALID_ARGUMENT", message });
  });
});

describe("levels", () => {
  test("of concurrency and of rates are swept over, each with a warm-up of its own", async () => {
    const concurrency = await planned("-c 1,2,4..16 -n 50");
    expect(concurrency.levels).toEqual([1, 2, 4, 8, 16]);
    expect(concurrency.planAt(4)).toMatchObject({ load: { concurrency: 4 }, requests: 50, warmup: { requests: 4 } });
    expect(concurrency.planAt(16)).toMatchObject({ load: { concurrency: 16 }, warmup: { requests: 5 } });
    const rates = await planned("--rate 0.5,1");
    expect(rates.levels).toEqual([0.5, 1]);
    expect(rates.planAt(0.5).load).toMatchObject({ arrivals: { ratePerSecond: 0.5 } });
  });

  test.each([
    ["", { min: 1, max: 256, span: null }],
    ["-c 32", { min: 1, max: 32, span: null }],
    ["-c 4..32 -n 500", { min: 4, max: 32, span: { requests: 500 } }],
    ["--rate 0.5..50 --duration 5s", { min: 0.5, max: 50, span: { durationNs: 5e9 } }],
  ])("of a search go as far as `%s` says", async (args, range) => {
    const { search, levels } = await planned(args, { more: ["--search", "ttft p95 < 500ms"] });
    expect(search).toMatchObject({ ...range, thresholds: [{ metric: "ttft", statistic: 95, limit: 5e8 }] });
    expect(levels).toBeNull();
  });
});

describe("limits", () => {
  test("are handed on, with what one request is expected to use", async () => {
    const plan = await planOf("--rpm 60 --tpm 5000 --max-tokens 100 --respect-retry-after");
    expect(plan).toMatchObject({
      limits: { requestsPerMinute: 60, tokensPerMinute: 5000, tokensPerRequest: 10 + 16 + 100 },
      respectRetryAfter: true,
    });
  });
});
