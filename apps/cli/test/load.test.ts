import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "@lens/metrics";
import { startSimulator } from "@lens/sim";
import { describe, expect, test } from "vitest";
import type { Selftest } from "../src/selftest.ts";
import { createFakeIo, lens } from "./fake-io.ts";

const reportOf = (text: string): Report => JSON.parse(text) as Report;

describe("an open loop", () => {
  test("reports how its schedule was kept, beside what a user felt", async () => {
    const { code, out } = await lens("bench sim: --rate 200 -n 40 --json");
    const { groups, run } = reportOf(out);
    expect(run).toMatchObject({ mode: "open", seed: null, options: { rate: 200, requests: 40 } });
    expect(run.options).not.toHaveProperty("concurrency");
    expect(groups[0]).toMatchObject({
      level: null,
      requests: 40,
      outcomes: { ok: 40 },
      load: { stoppedBy: "requests", sent: 40, lost: 0, workers: 0, crashes: [], schedule: { sent: 40, waitedForSlot: 0 } },
    });
    expect(groups[0]?.load?.schedule?.targetRatePerSecond).toBeCloseTo(200, 6);
    expect(groups[0]?.load?.schedule?.sendLag.count).toBe(40);
    expect(groups[0]?.response?.ttft.minNs).toBeGreaterThanOrEqual(5e6);
    expect(code).toBe(0);
  });

  test("counts the wait for a free place as a user would", async () => {
    const { out } = await lens("bench sim: --rate 1000 -n 6 --max-in-flight 1 --json", { scenario: { ttftMs: 20 } });
    const [group] = reportOf(out).groups;
    expect(group?.load?.schedule?.waitedForSlot).toBe(5);
    // The last of six that were due within 5 ms waits for five answers of at least 20 ms each.
    expect(group?.response?.ttft.maxNs).toBeGreaterThanOrEqual(6 * 20e6 - 5e6);
  });

  test("tells people of its schedule within 80 columns", async () => {
    const { out } = await lens("bench sim: --rate 200 -n 20 --arrivals poisson --seed 3 --quiet");
    expect(out).toMatch(/^schedule {6}[\d.]+ requests\/s due · [\d.]+ sent/m);
    expect(out).toMatch(/send lag p50 /);
    expect(out).toContain("seed 3");
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test("draws the same arrivals from the same seed", async () => {
    const rateOf = async (seed: number): Promise<number | null | undefined> =>
      reportOf((await lens(`bench sim: --rate 500 -n 20 --arrivals poisson --seed ${seed} --json`)).out).groups[0]?.load?.schedule
        ?.targetRatePerSecond;
    const [first, again, other] = [await rateOf(1), await rateOf(1), await rateOf(2)];
    expect(first).toBe(again);
    expect(other).not.toBe(first);
  });
});

describe("a closed loop", () => {
  test("warms up and drains by time, and leaves both out", async () => {
    const { out } = await lens("bench sim: -n 10 -c 2 --warmup 30ms --drain 4 --json");
    const [group] = reportOf(out).groups;
    expect(group).toMatchObject({ requests: 10, excluded: { drain: 4 }, load: { schedule: null } });
    expect(group?.excluded.warmup).toBeGreaterThanOrEqual(2);
  });

  test("says what measuring cost the machine", async () => {
    const { instrument } = reportOf((await lens("bench sim: -n 4 -c 2 --json")).out);
    expect(instrument.resources).toMatchObject({ threads: 1 });
    expect(instrument.resources?.cpuNs).toBeGreaterThan(0);
    expect(instrument.resources?.rss.maxBytes).toBeGreaterThan(1e6);
  });
});

describe("a sweep", () => {
  test("is a group a level in one report, with its knee", async () => {
    const { code, out, io } = await lens("bench sim: -c 1,2,4 -n 8 --json", { scenario: { slots: 2, ttftMs: 20 } });
    const { groups, sweeps, run } = reportOf(out);
    expect(groups.map(({ target, level, requests }) => [target.label, level, requests])).toEqual([
      ["sim @ 1", { kind: "concurrency", value: 1 }, 8],
      ["sim @ 2", { kind: "concurrency", value: 2 }, 8],
      ["sim @ 4", { kind: "concurrency", value: 4 }, 8],
    ]);
    expect(sweeps).toMatchObject([{ label: "sim", kind: "concurrency", endedEarly: false }]);
    expect(run.options).toMatchObject({ concurrency: "1,2,4", requests: 8 });
    expect(io.truth()).toHaveLength(24);
    expect(code).toBe(0);
  });

  test("of rates is one table of latency against load", async () => {
    const { out, err } = await lens("bench sim: --rate 50,100 -n 10");
    const lines = out.split("\n");
    const head = lines.findIndex((line) => line.includes("answered/s"));
    expect(lines.slice(head + 1, head + 3).map((line) => line.trim().split(/\s+/)[0])).toEqual(["50", "100"]);
    expect(out).toContain("knee          none in these levels");
    expect(err).toBe("");
  });

  test("tells the requests of its levels apart in the records", async () => {
    const { io } = await lens("bench sim: -c 1,2 -n 2 --warmup 0 --records r.jsonl --quiet");
    const { readFile } = await import("node:fs/promises");
    const ids = (await readFile(join(io.cwd, "r.jsonl"), "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { id: string }).id);
    expect(ids.toSorted()).toEqual(["l1-r000000", "l1-r000001", "l2-r000000", "l2-r000001"]);
  });

  test("ends at a level where most requests fail", async () => {
    const { code, out, err } = await lens("bench sim: -c 1,2,4 -n 4 --json", { scenario: { faults: [{ fault: "500", share: 1 }] } });
    const { groups, sweeps } = reportOf(out);
    expect(groups.map(({ target }) => target.label)).toEqual(["sim @ 1"]);
    expect(sweeps[0]).toMatchObject({ endedEarly: true, knee: null });
    expect(err).toContain("lens: 4 × SERVER_ERROR");
    expect(code).toBe(3);
  });
});

describe("a search", () => {
  const search = (args: string, threshold: string) => ["bench", "sim:", ...args.split(" "), "--search", threshold, "--json"];

  test("finds the highest load that meets a threshold, and says between which levels it lies", async () => {
    // One slot of 80 ms: a second request at once waits for as long again.
    const { code, out } = await lens(search("-c 8 -n 12", "ttft p50 < 130ms"), { scenario: { slots: 1, ttftMs: 80, outputTokens: 1 } });
    const { searches, groups } = reportOf(out);
    expect(searches).toMatchObject([
      { label: "sim", kind: "concurrency", thresholds: ["ttft p50 < 130ms"], status: "found", highestMet: 1, lowestMissed: 2 },
    ]);
    expect(searches[0]?.verdict).toContain("holds up to 1 request at once");
    expect(groups.map(({ target }) => target.label)).toEqual(["sim @ 1", "sim @ 2"]);
    expect(code).toBe(0);
  });

  test("says that there is no limit up to where it looked", async () => {
    const { code, out } = await lens(search("-c 2 -n 20", "ttft p50 < 10s"));
    expect(reportOf(out).searches[0]).toMatchObject({ status: "not-found", highestMet: 2, lowestMissed: null });
    expect(code).toBe(0);
  });

  test("refuses a threshold that is none", async () => {
    const { code, err } = await lens(search("-c 2", "ttfft p50 < 1s"));
    expect(err).toMatch(/^lens: Expected a threshold's metric to be one of .*Did you mean `ttft`\?\n$/);
    expect(code).toBe(2);
  });
});

describe("what limits a run", () => {
  const PRICES = { sim: { inputPerMillionUsd: 0, outputPerMillionUsd: 1000 } };
  const priced = async (): Promise<string> => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ prices: PRICES }));
    return cwd;
  };

  test("--max-cost says what a run costs at most, and stops before it costs more", async () => {
    // Four tokens of $0.001 each: of $0.01, two requests can be paid.
    const { code, out, err, io } = await lens("bench sim: -n 10 -c 1 --warmup 0 --max-cost 0.01 --max-tokens 4 --json", {
      cwd: await priced(),
    });
    expect(err).toBe("10 requests cost at most $0.0400. The run stops before it costs more than $0.0100.\n");
    expect(reportOf(out).groups[0]).toMatchObject({ requests: 2, costUsd: { total: 0.008 }, load: { stoppedBy: "budget", sent: 2 } });
    expect(io.truth()).toHaveLength(2);
    expect(code).toBe(0);
  });

  test("--max-cost asks where somebody is there, and sends nothing when the answer is no", async () => {
    const cwd = await priced();
    const no = await lens("bench sim: -n 2 --max-cost 1 --max-tokens 4 --json", { cwd, answer: false });
    expect([no.io.questions, no.io.truth(), no.out]).toEqual([["Send them?"], [], ""]);
    expect(no.err).toBe("2 requests cost at most $0.00800.\nlens: nothing was sent.\n");
    expect(no.code).toBe(130);
    const yes = await lens("bench sim: -n 2 --max-cost 1 --max-tokens 4 --json", { cwd, answer: true });
    expect([yes.code, yes.io.truth().length]).toEqual([0, 2]);
    const unasked = await lens("bench sim: -n 2 --max-cost 1 --max-tokens 4 --json --yes", { cwd, answer: false });
    expect([unasked.code, unasked.io.questions]).toEqual([0, []]);
  });

  test("--max-cost holds for all levels together", async () => {
    const { out } = await lens("bench sim: -c 1,2 -n 2 --warmup 0 --max-cost 0.012 --max-tokens 4 --json", { cwd: await priced() });
    expect(reportOf(out).groups.map(({ target, requests }) => [target.label, requests])).toEqual([
      ["sim @ 1", 2],
      ["sim @ 2", 1],
    ]);
  });

  test("a request that is turned away costs nothing", async () => {
    const { out } = await lens("bench sim:sim-fault-429 -n 5 -c 1 --warmup 0 --max-cost 0.004 --max-tokens 4 --json", {
      cwd: await pricedFor("sim-fault-429"),
    });
    expect(reportOf(out).groups[0]).toMatchObject({ requests: 5, load: { stoppedBy: "requests" } });
  });

  async function pricedFor(model: string): Promise<string> {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, "lens.config.json"), JSON.stringify({ prices: { [model]: PRICES.sim } }));
    return cwd;
  }

  test("--rpm makes requests wait, and the wait is counted", async () => {
    const { out } = await lens("bench sim: --rate 1000 -n 2 --rpm 60 --json");
    const [group] = reportOf(out).groups;
    expect(group?.load?.schedule).toMatchObject({ sent: 2, waitedForLimit: 1 });
    expect(group?.response?.ttft.maxNs).toBeGreaterThanOrEqual(1e9);
  });

  test("--strict ends with 6 where this machine limited the figures, and says so", async () => {
    // No machine stamps to within a hundredth of a TTFT of some microseconds.
    const scenario = { ttftMs: 0, gapMs: 0 };
    const strict = await lens("bench sim: -n 60 -c 30 --strict --json", { scenario });
    expect(reportOf(strict.out).instrument.state).toBe("client-limited");
    expect(strict.err).toMatch(/^lens: client-limited: [\d.]+ % of requests tainted, TTFT p99 is good to ±.*\n$/);
    expect(strict.code).toBe(6);
    expect((await lens("bench sim: -n 60 -c 30 --json", { scenario })).code).toBe(0);
  });
});

describe("a server that dies in mid-run", () => {
  test("ends every request, and the run with the exit code of failed requests", async () => {
    let answers = 0;
    const simulator = await startSimulator({
      scenario: { ttftMs: 5, gapMs: 1, outputTokens: 3 },
      onRequest() {
        answers += 1;
        if (answers === 10) void simulator.close();
      },
    });
    const { code, out } = await lens(`bench openai:x --base-url ${simulator.baseUrls.openai} -n 40 -c 2 --warmup 0 --json`);
    expect(code).toBe(3);
    const [group] = reportOf(out).groups;
    expect(group).toMatchObject({ requests: 40, load: { sent: 40 } });
    expect(group?.outcomes.ok).toBeGreaterThan(0);
    expect(group?.errors.CONNECTION_REFUSED).toBeGreaterThan(0);
  });
});

describe("selftest", () => {
  test("sets the true error beside the claimed bound at each number of streams", async () => {
    const { code, out, err } = await lens("selftest --streams 1,4 --duration 1ms --json", {
      scenario: { ttftMs: 20, gapMs: 5, outputTokens: 10 },
    });
    const found = JSON.parse(out) as Selftest;
    expect(found.levels.map(({ streams }) => streams)).toEqual([1, 4]);
    for (const { stamps, coveredShare } of found.levels) {
      expect(stamps % 10).toBe(0);
      expect(stamps).toBeGreaterThanOrEqual(10);
      expect(coveredShare).toBeGreaterThan(0);
    }
    expect(found.holds).toBe(found.levels.every(({ holds }) => holds));
    expect(code).toBe(found.holds ? 0 : 6);
    expect(err).toBe("Measuring this machine for 1.00 ms with 1, 4 streams at once.\n");
  });

  test("is a table for people, within 80 columns", async () => {
    const { out, err } = await lens("selftest --streams 2 --duration 1ms --quiet", { scenario: { ttftMs: 5, gapMs: 1, outputTokens: 5 } });
    expect(out).toMatch(/^ *streams +stamps +error p50 +p99 +max +bound p50 +p99 +covered\n +2 /);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(err).toBe("");
  });
});
