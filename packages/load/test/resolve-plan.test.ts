import { describe, expect, it } from "vitest";
import { type LoadPlan, resolvePlan } from "../src/index.ts";
import { shareOf } from "../src/resolve-plan.ts";

const S = 1e9;
const closed = (rest: Omit<LoadPlan, "load"> = {}): LoadPlan => ({ load: { mode: "closed", concurrency: 4 }, ...rest });
const open = (rest: Omit<LoadPlan, "load"> = {}): LoadPlan => ({
  load: { mode: "open", arrivals: { process: "constant", ratePerSecond: 5 } },
  ...rest,
});

describe("resolvePlan", () => {
  it("fills the gaps, and is plain JSON", () => {
    const plan = resolvePlan(closed({ requests: 10 }));
    expect(plan).toEqual({
      load: { mode: "closed", concurrency: 4, thinkTimeNs: 0, stages: [] },
      phases: [
        { phase: "warmup", requests: 4, durationNs: null },
        { phase: "measured", requests: 10, durationNs: null },
      ],
      limits: { requestsPerMinute: null, tokensPerMinute: null, tokensPerRequest: 0 },
      respectRetryAfter: false,
      resume: null,
      seed: 1,
      shard: { index: 0, of: 1 },
      targets: 1,
      block: 1,
    });
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
  });

  it("warms up a closed loop with its first wave, unless told otherwise; nothing else", () => {
    const warmup = (plan: LoadPlan) => resolvePlan(plan).phases.filter(({ phase }) => phase === "warmup");
    expect(warmup(closed({ requests: 1, warmup: null }))).toEqual([]);
    expect(warmup(closed({ requests: 1, warmup: { requests: 1 } }))).toMatchObject([{ requests: 1 }]);
    expect(warmup(open({ requests: 1 }))).toEqual([]);
    expect(warmup({ load: { mode: "closed", concurrency: 4, stages: [{ durationNs: S, to: 8 }] } })).toEqual([]);
  });

  it("takes the run's length from the stages where nothing else says it", () => {
    const load = { mode: "closed", concurrency: 0, stages: [{ durationNs: 10 * S, to: 8 }] } as const;
    expect(resolvePlan({ load, warmup: { durationNs: 2 * S }, drain: { durationNs: S } }).phases).toEqual([
      { phase: "warmup", requests: null, durationNs: 2 * S },
      { phase: "measured", requests: null, durationNs: 7 * S },
      { phase: "drain", requests: null, durationNs: S },
    ]);
    expect(resolvePlan({ load, requests: 5 }).phases).toEqual([{ phase: "measured", requests: 5, durationNs: null }]);
  });

  it("leaves a shard its part of a closed loop and of the limits", () => {
    const { phases, limits } = resolvePlan(closed({ requests: 10, limits: { requestsPerMinute: 90 }, shard: { index: 1, of: 3 } }));
    expect(phases.map(({ requests }) => requests)).toEqual([1, 3]);
    expect(limits.requestsPerMinute).toBe(30);
  });

  it("leaves a shard of an open loop the whole schedule, of which it sends its part", () => {
    expect(resolvePlan(open({ requests: 10, shard: { index: 1, of: 3 } })).phases).toMatchObject([{ requests: 10 }]);
  });

  it.each<[string, LoadPlan, string]>([
    ["no end", closed(), "Expected a number of requests, a duration, or both, got neither."],
    ["no end of an open loop", open(), "Expected a number of requests, a duration, or both, got neither."],
    [
      "no slots",
      { load: { mode: "closed", concurrency: 0 }, requests: 1 },
      "Expected concurrency to be a whole number from 1 up, got `0`.",
    ],
    ["half a request", closed({ requests: 1.5 }), "Expected requests to be a whole number from 1 up, got `1.5`."],
    ["a duration of 0", closed({ durationNs: 0 }), "Expected durationNs to be a whole number from 1 up, got `0`."],
    [
      "a negative warm-up",
      closed({ requests: 1, warmup: { durationNs: -1 } }),
      "Expected the warm-up in nanoseconds to be a whole number from 0 up, got `-1`.",
    ],
    [
      "a broken drain",
      closed({ requests: 1, drain: { requests: Number.NaN } }),
      "Expected the requests of the drain to be a whole number from 0 up, got `NaN`.",
    ],
    [
      "thinking backwards",
      { load: { mode: "closed", concurrency: 1, thinkTimeNs: -5 }, requests: 1 },
      "Expected thinkTimeNs to be a whole number from 0 up, got `-5`.",
    ],
    [
      "a rate of 0",
      { load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 0 } }, requests: 1 },
      "Expected ratePerSecond to be a number above 0, got `0`.",
    ],
    [
      "no burstiness",
      { load: { mode: "open", arrivals: { process: "gamma", ratePerSecond: 1, burstiness: 0 } }, requests: 1 },
      "Expected burstiness to be a number above 0, got `0`.",
    ],
    [
      "a guard of 0",
      { load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 1 }, maxInFlight: 0 }, requests: 1 },
      "Expected maxInFlight to be a whole number from 1 up, got `0`.",
    ],
    [
      "half a slot in a stage",
      { load: { mode: "closed", concurrency: 1, stages: [{ durationNs: 1, to: 1.5 }] } },
      "Expected the concurrency of a stage to be a whole number from 0 up, got `1.5`.",
    ],
    [
      "a negative rate in a stage",
      { load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 1, stages: [{ durationNs: 1, to: -1 }] } } },
      "Expected the rate of a stage to be a number from 0 up, got `-1`.",
    ],
    [
      "stages without length",
      { load: { mode: "closed", concurrency: 1, stages: [{ durationNs: 0, to: 1 }] } },
      "Expected the duration of a stage in nanoseconds to be a whole number from 1 up, got `0`.",
    ],
    [
      "stages without requests",
      { load: { mode: "closed", concurrency: 0, stages: [{ durationNs: 1, to: 0 }] } },
      "Expected a stage with a concurrency above 0, got none.",
    ],
    [
      "a warm-up longer than the stages",
      { load: { mode: "closed", concurrency: 1, stages: [{ durationNs: 5, to: 1 }] }, warmup: { durationNs: 7 } },
      "Expected stages longer than warm-up and drain together, got 2 ns less.",
    ],
    [
      "a warm-up in requests that stages cannot cut off",
      { load: { mode: "closed", concurrency: 1, stages: [{ durationNs: 5, to: 1 }] }, warmup: { requests: 7 } },
      "Expected warm-up and drain as durations where only stages say how long the run is, got 7 requests.",
    ],
    [
      "no timestamps",
      { load: { mode: "open", arrivals: { process: "timestamps", atNs: [] } } },
      "Expected at least one timestamp, got none.",
    ],
    [
      "timestamps that go backwards",
      { load: { mode: "open", arrivals: { process: "timestamps", atNs: [5, 4] } } },
      "Expected timestamps in ascending order, got 4 after 5.",
    ],
    ["a shard too many", closed({ requests: 1, shard: { index: 2, of: 2 } }), "Expected the index of the shard to be below 2, got `2`."],
    [
      "more shards than may be in flight",
      {
        load: { mode: "open", arrivals: { process: "poisson", ratePerSecond: 1 }, maxInFlight: 2 },
        requests: 9,
        shard: { index: 0, of: 3 },
      },
      "Expected maxInFlight to be at least the number of shards, 3, got `2`.",
    ],
    [
      "a limit of 0",
      closed({ requests: 1, limits: { requestsPerMinute: 0 } }),
      "Expected requestsPerMinute to be a number above 0, got `0`.",
    ],
    [
      "a token limit without an estimate",
      closed({ requests: 1, limits: { tokensPerMinute: 100 } }),
      "Expected tokensPerRequest, which tokensPerMinute needs, to be a whole number from 1 up, got `0`.",
    ],
    ["half a seed", closed({ requests: 1, seed: 0.5 }), "Expected the seed to be a whole number from 0 up, got `0.5`."],
  ])("refuses %s", (_, plan, message) => {
    expect(() => resolvePlan(plan)).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT", message }));
  });
});

describe("shareOf", () => {
  it("deals everything out, as evenly as can be", () => {
    expect([0, 1, 2, 3].map((index) => shareOf(10, { index, of: 4 }))).toEqual([3, 3, 2, 2]);
  });
});
