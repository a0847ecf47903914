import type { RequestRecord } from "@lens/core";
import { createRandom } from "@lens/core";
import { describe, expect, test } from "vitest";
import { createFlow } from "../src/flow.ts";
import { toRecord } from "./queue.ts";

/** Requests due at `dueMs` that wait, and are then served for 100 ms, the first token at once. */
function flowOf(requests: readonly { readonly dueMs: number; readonly waitMs: number; readonly phase?: RequestRecord["phase"] }[]) {
  const flow = createFlow();
  requests.forEach(({ dueMs, waitMs, phase = "measured" }, index) => {
    flow.add(toRecord({ phase, dueMs, firstMs: dueMs + waitMs, endMs: dueMs + waitMs + 100, failed: false, index, open: true }));
  });
  return flow;
}

const every = (count: number, gapMs: number, waitMs: (index: number) => number) =>
  Array.from({ length: count }, (_, index) => ({ dueMs: index * gapMs, waitMs: waitMs(index) }));

describe("the trend of a queue", () => {
  test("is growing where each request waits longer than the one before", () => {
    expect(flowOf(every(60, 100, (index) => 6 * index)).trend(10)).toBe("growing");
  });

  test("is steady where the waits rise by less than 5 % of the time that passes", () => {
    expect(flowOf(every(60, 100, (index) => 4 * index)).trend(10)).toBe("steady");
    expect(flowOf(every(60, 100, () => 50)).trend(10)).toBe("steady");
  });

  test("does not depend on the order in which requests end", () => {
    expect(flowOf(every(60, 100, (index) => 6 * index).toReversed()).trend(10)).toBe("growing");
  });

  test("is not growing in a burst, of which the server takes as much as it was meant to", () => {
    // 10 requests per second come, and 9.4 go.
    expect(flowOf(every(60, 100, (index) => 6 * index)).trend(9.8)).toBe("unclear");
  });

  test("is unclear for few requests, and where the waits scatter more than they rise", () => {
    const random = createRandom(1, 0);
    expect(flowOf(every(59, 100, (index) => 6 * index)).trend(10)).toBe("unclear");
    expect(flowOf(every(100, 100, (index) => 5 * index + 5000 * random.uniform())).trend(10)).toBe("unclear");
  });
});

describe("the state of a flow", () => {
  test("knows how long was sent, and how long an answer took", () => {
    const { sendingNs, offeredPerSecond, meanE2eNs } = flowOf(every(11, 50, () => 100)).state();
    expect(offeredPerSecond).toBe(20);
    expect(sendingNs).toBe(500_000_000);
    expect(meanE2eNs).toBe(200_000_000);
  });

  test("agrees with Little's law where as many requests come as go", () => {
    // Before, during and after half a second of measuring, one request every 50 ms that takes 200 ms: four at once.
    const requests = every(40, 50, () => 100).map((request, index) => ({
      ...request,
      phase: index < 15 ? ("warmup" as const) : index < 26 ? ("measured" as const) : ("drain" as const),
    }));
    const { meanInFlight, expectedInFlight } = flowOf(requests).state();
    expect(meanInFlight).toBeCloseTo(4, 9);
    expect(expectedInFlight).toBeCloseTo(4, 9);
  });

  test("does not agree where requests come that do not go", () => {
    const { meanInFlight, expectedInFlight } = flowOf(every(41, 50, (index) => 400 * index)).state();
    expect(meanInFlight ?? 0).toBeGreaterThan(2 * (expectedInFlight ?? 0));
  });

  test("takes waits that do not depend on one another for as many, and those that do for few", () => {
    const random = createRandom(3, 0);
    const scattered = flowOf(every(1000, 50, () => 100 * random.uniform())).state().independentRequests;
    expect(scattered).toBeGreaterThan(500);
    // One swell every 500 requests.
    const swelling = flowOf(every(1000, 50, (index) => 100 + 100 * Math.sin(index / 80))).state().independentRequests;
    expect(swelling).toBeGreaterThan(10);
    expect(swelling).toBeLessThan(30);
    expect(flowOf(every(1000, 50, () => 100)).state().independentRequests).toBe(1000);
    expect(flowOf(every(20, 50, (index) => index)).state().independentRequests).toBe(20);
  });

  test("of no measured requests is not known", () => {
    const nothing = {
      sendingNs: 0,
      offeredPerSecond: null,
      meanE2eNs: null,
      meanInFlight: null,
      expectedInFlight: null,
      independentRequests: 0,
    };
    expect(createFlow().state()).toEqual(nothing);
    expect(flowOf([{ dueMs: 0, waitMs: 1, phase: "warmup" }]).state()).toEqual(nothing);
  });
});
