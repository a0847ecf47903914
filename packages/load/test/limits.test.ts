import type { RequestRecord } from "@lens/core";
import { createVirtualClock } from "@lens/core/testing";
import { describe, expect, it } from "vitest";
import { type LoadPlan, runLoad, type RunLoadHere } from "../src/index.ts";
import { abortAfter, createVirtualServer, MS, rateLimited, S, type VirtualServerOptions } from "./virtual-server.ts";

function harness(options: VirtualServerOptions) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, options);
  const records: RequestRecord[] = [];
  const run = (plan: LoadPlan, others: Partial<RunLoadHere> = {}) =>
    runLoad({ plan, clock, send: server.send, onRecord: (record) => void records.push(record), ...others });
  return { clock, server, records, run, sentMs: () => server.seen.map(({ atNs }) => Math.round(atNs / MS)) };
}

const closed = (concurrency: number, rest: Omit<LoadPlan, "load">): LoadPlan => ({
  load: { mode: "closed", concurrency },
  warmup: null,
  ...rest,
});

describe("requests per minute", () => {
  it("are spread evenly", async () => {
    const { run, sentMs } = harness({ serviceNs: 10 * MS });
    await run(closed(5, { requests: 4, limits: { requestsPerMinute: 59 } }));
    // 58 of 59 are let in a minute; the 59th is what the bucket held at the beginning.
    const everyMs = (60_000 / 59) * (60 / 59);
    expect(sentMs()).toEqual([0, 1, 2, 3].map((index) => Math.round(index * everyMs)));
  });

  it("come a second's worth at once, and never more than the limit in any minute", async () => {
    const { run, sentMs } = harness({ serviceNs: 10 * MS });
    await run(closed(50, { durationNs: 125 * S, limits: { requestsPerMinute: 600 } }));
    const sent = sentMs();
    expect(sent.filter((ms) => ms === 0)).toHaveLength(10);
    const fullest = Math.max(...sent.map((fromMs) => sent.filter((ms) => ms >= fromMs && ms < fromMs + 60_000).length));
    expect(fullest).toBeLessThanOrEqual(600);
    expect(fullest).toBeGreaterThan(595);
  });

  it("make due requests wait, and the wait is queuedNs", async () => {
    const { run, records } = harness({ serviceNs: 10 * MS });
    const load = { mode: "open", arrivals: { process: "constant", ratePerSecond: 10 } } as const;
    const { schedule } = await run({ load, requests: 3, limits: { requestsPerMinute: 59 } });
    expect(records.map(({ queuedNs }) => Math.round((queuedNs ?? 0) / MS))).toEqual([0, 934, 1868]);
    expect(schedule).toMatchObject({ sent: 3, waitedForLimit: 2, sendLag: { count: 1 } });
  });

  it("do not keep a run from ending", async () => {
    const { clock, run } = harness({ serviceNs: 10 * MS });
    await run(closed(50, { requests: 2, limits: { requestsPerMinute: 1 } }));
    expect(Number(clock.nowNs()) / S).toBeLessThan(63);
    const stopped = await run(closed(50, { requests: 9, limits: { requestsPerMinute: 1 } }), { signal: abortAfter(clock, 100 * MS) });
    expect(stopped).toMatchObject({ sent: 1, stoppedBy: "signal" });
  });
});

describe("tokens per minute", () => {
  it("are reserved by estimate", async () => {
    const { run, sentMs } = harness({ serviceNs: 10 * MS });
    await run(closed(5, { requests: 3, limits: { tokensPerMinute: 5900, tokensPerRequest: 590 } }));
    const everyMs = (6_000 * 60) / 59;
    expect(sentMs()).toEqual([0, everyMs, 2 * everyMs].map(Math.round));
  });

  it("are put right by the usage that comes back", async () => {
    const { run, sentMs } = harness({ serviceNs: 10 * MS, usage: { inputTokens: 59, outputTokens: 59 } });
    await run(closed(1, { requests: 3, limits: { tokensPerMinute: 5900, tokensPerRequest: 590 } }));
    const everyMs = (1_200 * 60) / 59;
    expect(sentMs()).toEqual([0, everyMs, 2 * everyMs].map(Math.round));
  });
});

describe("Retry-After", () => {
  const limitFirst = { serviceNs: 10 * MS, failure: (arrived: number) => (arrived === 0 ? rateLimited(3_000) : null) };

  it("holds back the whole run", async () => {
    const { run, sentMs } = harness(limitFirst);
    await run(closed(2, { requests: 5, respectRetryAfter: true }));
    expect(sentMs()).toEqual([0, 0, 3010, 3010, 3020]);
  });

  it("is left to the user unless it is to be respected", async () => {
    const { run, sentMs } = harness(limitFirst);
    await run(closed(2, { requests: 4 }));
    expect(sentMs()).toEqual([0, 0, 10, 10]);
  });

  it("sends those that had their place in line back to its end", async () => {
    const { run, sentMs } = harness(limitFirst);
    await run(closed(4, { requests: 4, respectRetryAfter: true, limits: { requestsPerMinute: 59 } }));
    const everyMs = (60_000 / 59) * (60 / 59);
    const sent = sentMs();
    expect(sent[1]).toBeGreaterThanOrEqual(3010);
    expect(sent.slice(2).map((ms, index) => ms - (sent[index + 1] ?? 0))).toEqual([1, 1].map(() => expect.closeTo(everyMs, -1)));
  });

  it("is a minute at most, and only that of a 429 or 503", async () => {
    const long = harness({ ...limitFirst, failure: (arrived) => (arrived === 0 ? rateLimited(3_600_000) : null) });
    await long.run(closed(1, { requests: 2, respectRetryAfter: true }));
    expect(long.sentMs()).toEqual([0, 60_010]);
    const other = harness({ ...limitFirst, failure: () => ({ ...rateLimited(3_000), status: 500 }) });
    await other.run(closed(1, { requests: 2, respectRetryAfter: true }));
    expect(other.sentMs()).toEqual([0, 10]);
  });
});

describe("a budget", () => {
  const budget = (maxCostUsd: number, costUsd: number | null, reserveUsd = 0.01) => ({ maxCostUsd, reserveUsd, costOf: () => costUsd });

  it("is not passed: what is in flight is reserved", async () => {
    const { run, server } = harness({ serviceNs: 10 * MS });
    const result = await run(closed(4, { requests: 100 }), { budget: budget(0.1, 0.01) });
    expect(result).toMatchObject({ sent: 10, stoppedBy: "budget", interrupted: false });
    expect(server.mostInFlight()).toBe(4);
  });

  it("stops before the first request that it does not hold", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    expect(await run(closed(4, { requests: 100 }), { budget: budget(0.005, 0.01) })).toMatchObject({ sent: 0, stoppedBy: "budget" });
  });

  it("counts what a request did cost, and its reserve where that is not known", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    expect((await run(closed(1, { requests: 1000 }), { budget: budget(0.1, 0.001) })).sent).toBe(91);
    expect((await run(closed(1, { requests: 1000 }), { budget: budget(0.1, null) })).sent).toBe(10);
  });

  it("reserves more once a request has cost more", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    expect((await run(closed(1, { requests: 1000 }), { budget: budget(0.1, 0.04) })).sent).toBe(2);
  });

  it("stops an open loop, too, and does not count where all was sent", async () => {
    const { run } = harness({ serviceNs: 10 * MS });
    const load = { mode: "open", arrivals: { process: "constant", ratePerSecond: 10 } } as const;
    expect(await run({ load, requests: 50 }, { budget: budget(0.1, 0.01) })).toMatchObject({ sent: 10, stoppedBy: "budget" });
    expect(await run({ load, requests: 5 }, { budget: budget(0.1, 0.01) })).toMatchObject({ sent: 5, stoppedBy: "requests" });
  });
});
