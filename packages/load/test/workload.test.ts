import type { RequestRecord } from "@lens/core";
import { startSimulator } from "@lens/sim";
import { describe, expect, it } from "vitest";
import { type LoadPlan, runLoad, type WorkerJob } from "../src/index.ts";

/** What the simulator was sent in a run, in no order. */
async function sentIn(plan: LoadPlan, job: Pick<WorkerJob, "workload" | "prompts">): Promise<readonly string[]> {
  const bodies: string[] = [];
  const simulator = await startSimulator({ scenario: { ttftMs: 1, gapMs: 0, outputTokens: 1 }, onBody: (body) => bodies.push(body) });
  const target = { adapter: "openai", model: "m", baseUrl: simulator.baseUrls.openai, apiKey: "k" };
  const records: RequestRecord[] = [];
  try {
    await runLoad({ plan, job: { target, ...job }, workers: 0, onRecord: (record) => void records.push(record) });
  } finally {
    await simulator.close();
  }
  if (job.workload !== undefined) for (const { workload } of records) expect(workload).toMatchObject({ askedInputTokens: 30 });
  return bodies.toSorted();
}

const workload = { kind: "synthetic", inputTokens: { distribution: "fixed", tokens: 30 }, outputTokens: null } as const;
const closed: LoadPlan = { load: { mode: "closed", concurrency: 3 }, requests: 12, warmup: { requests: 4 }, seed: 5 };
const open: LoadPlan = {
  load: { mode: "open", arrivals: { process: "constant", ratePerSecond: 500 } },
  requests: 12,
  warmup: { requests: 4 },
  seed: 5,
};

describe("a workload in a load", () => {
  it("sends the same prompts however it is paced and shared out", async () => {
    const whole = await sentIn(closed, { workload });
    expect(new Set(whole).size).toBe(16);
    expect(await sentIn(open, { workload })).toEqual(whole);
    const parts = await Promise.all([0, 1].map((index) => sentIn({ ...open, shard: { index, of: 2 } }, { workload })));
    expect(parts.flat().toSorted()).toEqual(whole);
    expect(await sentIn({ ...closed, seed: 6 }, { workload })).not.toEqual(whole);
  });

  it("says what is wrong with it before anything is sent", async () => {
    await expect(sentIn(closed, { workload: { kind: "file", path: "/nowhere", format: "text" } })).rejects.toThrow("Cannot read");
    await expect(sentIn(closed, {})).rejects.toThrow("either prompts or a workload, got neither");
    await expect(sentIn(closed, { workload, prompts: [] })).rejects.toThrow("got both");
  });
});
