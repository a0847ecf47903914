import { LensError } from "@lens/core";
import type { Shard } from "./plan.ts";
import { rampOf, type ResolvedPlan } from "./resolve-plan.ts";
import { peakOf } from "./stages.ts";

/** Streams at once that one thread reads without being late: see the benchmark suite. */
const STREAMS_PER_WORKER = 1_000;
/** Requests per second that one thread sends and reads to their ends, with room to spare. */
const RATE_PER_WORKER = 500;

/** How many workers a load makes sense for. */
function wantedBy(load: ResolvedPlan["load"], { of }: Shard): number {
  const ramp = rampOf(load);
  return ramp === null ? 1 : Math.max(1, Math.ceil(peakOf(ramp) / of / (load.mode === "closed" ? STREAMS_PER_WORKER : RATE_PER_WORKER)));
}

/** How many requests can be in flight at once; null where nothing limits it. */
function mostAtOnce(plan: ResolvedPlan): number | null {
  const { load } = plan;
  return load.mode === "closed" ? peakOf({ from: load.concurrency, stages: load.stages }) : load.maxInFlight;
}

/**
 * How many workers a plan is given on a machine with so many cores. `auto`: one for each 1,000 requests at once and each 500 requests per second at the
 * peak, but always leaving a core to the thread that draws and writes; timestamps get one. A given number is taken as it is. None is
 * started that could never send. Throws `INVALID_ARGUMENT` for a number below 1.
 */
export function chooseWorkers(plan: ResolvedPlan, workers: number | "auto", cores: number): number {
  if (workers !== "auto" && (!Number.isSafeInteger(workers) || workers < 1))
    throw new LensError("INVALID_ARGUMENT", `Expected workers to be \`auto\` or a whole number from 1 up, got \`${workers}\`.`);
  const { load, shard } = plan;
  const atOnce = mostAtOnce(plan);
  const useful = atOnce === null ? Number.POSITIVE_INFINITY : Math.max(1, Math.floor(atOnce / shard.of));
  return Math.min(useful, workers === "auto" ? Math.min(wantedBy(load, shard), Math.max(1, cores - 1)) : workers);
}
