import { createVirtualClock } from "@lens/core/testing";
import { parseThreshold } from "@lens/metrics";
import { expect, test } from "vitest";
import { type LoadKind, type LoadPlan, runLoad, searchHighestLoad } from "../src/index.ts";
import { createVirtualServer, MS } from "./virtual-server.ts";

const loadOf = (kind: LoadKind, level: number): LoadPlan["load"] =>
  kind === "rate" ? { mode: "open", arrivals: { process: "constant", ratePerSecond: level } } : { mode: "closed", concurrency: level };

/** Searches the load that a server of 4 slots carries, 50 ms for a request, with the engine itself. */
function search(kind: LoadKind, slo: string, bounds: { readonly min: number; readonly max: number }) {
  const clock = createVirtualClock();
  const server = createVirtualServer(clock, { slots: 4, serviceNs: 50 * MS });
  return searchHighestLoad({
    slo: [parseThreshold(slo)],
    kind,
    ...bounds,
    probe: ({ level, span, warmup, drain, signal, onRecord }) =>
      runLoad({ plan: { load: loadOf(kind, level), ...span, warmup, drain }, send: server.send, clock, abortSignal: signal, onRecord }),
  });
}

test("the engine's own open loop finds the capacity of a server, in its own time", async () => {
  const { status, highestMet, lowestMissed, probes } = await search("rate", "response.ttft p95 < 60ms", { min: 20, max: 320 });
  expect({ status, highestMet }).toEqual({ status: "found", highestMet: 80 });
  expect(lowestMissed).toBeLessThanOrEqual(84);
  expect(probes.find(({ level }) => level === 160)).toMatchObject({ met: false, trend: "growing", runs: 1 });
});

test("its closed loop finds how many slots there are", async () => {
  const { highestMet, lowestMissed } = await search("concurrency", "ttft p95 < 60ms", { min: 1, max: 64 });
  expect([highestMet, lowestMissed]).toEqual([4, 5]);
});
