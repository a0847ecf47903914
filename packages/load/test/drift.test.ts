import { createRandom } from "@lens/core";
import { createVirtualClock, type VirtualClock } from "@lens/core/testing";
import { compareGroups, type ComparisonVerdict, createSummary, type GroupSummary } from "@lens/metrics";
import { describe, expect, it } from "vitest";
import { runLoad } from "../src/index.ts";
import { createVirtualServer, MS, S } from "./virtual-server.ts";

const REQUESTS = 500;
const CONCURRENCY = 6;
const TTFT_MS = 20;
/** About as long as all requests take. */
const DRIFT_NS = 4 * S;
const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

/** Two servers, A and B, whose first tokens come ever later, half as late again in the end; `ttftsMs` is what they take at first. */
function servers(clock: VirtualClock, ttftsMs: readonly number[], seed: number) {
  const random = createRandom(seed, 7);
  return createVirtualServer(clock, {
    serviceNs(target, nowNs) {
      const drift = 1 + 0.5 * Math.min(1, nowNs / DRIFT_NS);
      return Math.round((ttftsMs[target] ?? 0) * MS * drift * Math.exp(0.1 * random.normal()));
    },
  });
}

/** Sends a load and gives the groups of its targets, in their order. */
async function measure(ttftsMs: readonly number[], seed: number, byTurns: boolean): Promise<readonly [GroupSummary, GroupSummary]> {
  const clock = createVirtualClock();
  const { send } = servers(clock, ttftsMs, seed);
  const summary = createSummary();
  const plan = { load: { mode: "closed", concurrency: CONCURRENCY }, requests: REQUESTS, seed } as const;
  const onRecord = summary.add;
  if (byTurns) await runLoad({ plan: { ...plan, targets: 2 }, clock, send, onRecord });
  else for (const target of [0, 1]) await runLoad({ plan, clock, send: (ticket) => send({ ...ticket, target }), onRecord });
  const run = { startedAtMs: 0, durationNs: 0, mode: "closed", command: null, seed, options: {}, versions: {}, machine: null } as const;
  const { groups } = summary.report({ tool: { name: "t", version: "1" }, run: { ...run, interrupted: false, shards: null } });
  const [a, b] = groups.toSorted((one, other) => one.target.label.localeCompare(other.target.label));
  if (a === undefined || b === undefined) throw new Error("Expected two groups.");
  return [a, b];
}

async function verdictOf(ttftsMs: readonly number[], seed: number, byTurns: boolean): Promise<ComparisonVerdict | undefined> {
  const [a, b] = await measure(ttftsMs, seed, byTurns);
  const { metrics } = compareGroups(a, b, { seed, paired: byTurns });
  return metrics.find(({ metric, statistic }) => metric === "ttft" && statistic === 50)?.verdict;
}

describe("two servers, one 8 % slower, under a drift that raises both by half", () => {
  const slowSecond = [TTFT_MS, TTFT_MS * 1.08];
  const slowFirst = [TTFT_MS * 1.08, TTFT_MS];

  it("are told apart in 10 of 10 seeds where they are asked by turns", async () => {
    for (const seed of SEEDS) {
      const isFirst = seed % 2 === 0;
      expect([seed, await verdictOf(isFirst ? slowFirst : slowSecond, seed, true)]).toEqual([seed, isFirst ? "faster" : "slower"]);
    }
  });

  it("are not where one is asked after the other: the one that was first never seems the slower", async () => {
    for (const seed of SEEDS) expect([seed, await verdictOf(slowFirst, seed, false)]).not.toEqual([seed, "faster"]);
  });
});
