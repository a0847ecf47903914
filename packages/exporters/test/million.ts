import { createHistogram, type Distribution, type Report, toDistribution } from "@lens/metrics";
import { CLOSED_LOOP } from "./reports.ts";

const REQUESTS = 1_000_000;
const GAPS_PER_REQUEST = 64;

/** A distribution of so many samples, from 5 ms up. */
function samples(count: number): Distribution {
  const some = createHistogram();
  for (let index = 0; index < REQUESTS; index += 1) some.record(5_000_000 + ((index * 7919) % 1_000_000) * 1000);
  const all = createHistogram();
  for (let taken = 0; taken < count; taken += REQUESTS) all.merge(some);
  return toDistribution(all);
}

const durations = samples(REQUESTS);
const gaps = samples(REQUESTS * GAPS_PER_REQUEST);

/** A million answered requests of 65 chunks each. */
export const MILLION: Report = {
  ...CLOSED_LOOP,
  groups: CLOSED_LOOP.groups.map((group) => ({
    ...group,
    requests: REQUESTS,
    outcomes: { ...group.outcomes, ok: REQUESTS, error: 0 },
    errors: {},
    ttfb: durations,
    ttft: durations,
    ttfo: durations,
    tpot: durations,
    e2e: durations,
    chunkGap: gaps,
    itl: gaps,
    series: null,
  })),
};
