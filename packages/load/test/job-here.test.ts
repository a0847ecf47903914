import type { RequestRecord } from "@lens/core";
import { responseTtftNs } from "@lens/metrics";
import { type Simulator, startSimulator } from "@lens/sim";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type LoadPlan, runLoad, type WorkerJob } from "../src/index.ts";

const MS = 1e6;

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ scenario: { slots: 1, ttftMs: 500, gapMs: 0, outputTokens: 1 } });
});
afterEach(() => simulator.close());

async function run(plan: LoadPlan, adapter = "openai") {
  const target = { adapter, model: "m", baseUrl: simulator.baseUrls.openai, apiKey: "k" };
  const job: WorkerJob = { target, prompts: [{ messages: [{ role: "user", content: "Hello." }] }] };
  const records: RequestRecord[] = [];
  const result = await runLoad({ plan, job, workers: 0, onRecord: (record) => void records.push(record) });
  return { result, records: records.toSorted((a, b) => a.id.localeCompare(b.id)) };
}

const open = (maxInFlight: number | null): LoadPlan => ({
  load: { mode: "open", arrivals: { process: "constant", ratePerSecond: 10 }, maxInFlight },
  requests: 3,
});
/** One slot of 500 ms, a request each 100 ms. */
const least = [500 * MS, 900 * MS, 1300 * MS];

describe("a job without workers", () => {
  it("shows the server's queue in response.ttft, and waits for nothing itself", async () => {
    const { result, records } = await run(open(null));
    expect(result).toMatchObject({
      sent: 3,
      workers: 0,
      stoppedBy: "requests",
      schedule: { sent: 3, waitedForSlot: 0, sendLag: { count: 3 } },
    });
    for (const [index, record] of records.entries()) expect(responseTtftNs(record)).toBeGreaterThanOrEqual(least[index] ?? 0);
  });

  it("shows its own queue in queuedNs and response.ttft", async () => {
    const { result, records } = await run(open(1));
    expect(result.schedule).toMatchObject({ sent: 3, waitedForSlot: 2 });
    for (const [index, record] of records.entries()) expect(responseTtftNs(record)).toBeGreaterThanOrEqual(least[index] ?? 0);
    expect(records.map(({ queuedNs }) => (queuedNs ?? 0) >= 400 * MS)).toEqual([false, true, true]);
  });

  it("refuses an adapter that it does not know", async () => {
    await expect(run(open(null), "opnai")).rejects.toThrow(expect.objectContaining({ code: "UNKNOWN_PROVIDER" }));
  });
});
