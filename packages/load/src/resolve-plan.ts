import { LensError, type RequestPhase } from "@lens/core";
import type { Arrivals, ClosedLoad, LoadPlan, OpenLoad, Shard, Span, Stage } from "./plan.ts";
import { checkResumption, type Resumption } from "./resume.ts";
import { peakOf, type Ramp, stagesNs } from "./stages.ts";

/** How long a phase is: until so many requests were sent, or for so long, whichever is first. */
export interface PhaseLimit {
  readonly phase: RequestPhase;
  readonly requests: number | null;
  readonly durationNs: number | null;
}

/** What each target allows; null where it sets no limit. */
export interface ResolvedLimits {
  readonly requestsPerMinute: number | null;
  readonly tokensPerMinute: number | null;
  readonly tokensPerRequest: number;
}

interface ResolvedBase {
  /** In the order in which they come; one of them is `measured`. */
  readonly phases: readonly PhaseLimit[];
  readonly limits: ResolvedLimits;
  readonly respectRetryAfter: boolean;
  readonly seed: number;
  readonly shard: Shard;
  readonly targets: number;
  readonly block: number;
  /** Null where the run begins at its beginning. */
  readonly resume: Resumption | null;
}

/** A plan of a closed loop with its gaps filled. */
export interface ClosedPlan extends ResolvedBase {
  readonly load: Required<ClosedLoad>;
}

/** A plan of an open loop with its gaps filled. */
export interface OpenPlan extends ResolvedBase {
  readonly load: Required<OpenLoad>;
}

/** A plan that was checked, with its gaps filled. Plain JSON. */
export type ResolvedPlan = ClosedPlan | OpenPlan;

export const isClosed = (plan: ResolvedPlan): plan is ClosedPlan => plan.load.mode === "closed";

/** What falls to one part when `total` is dealt out one by one. */
export function shareOf(total: number, { index, of }: Shard): number {
  return Math.floor(total / of) + (index < total % of ? 1 : 0);
}

/** The stages of a load, and where they begin; of timestamps and traces, nothing. */
export function rampOf(load: ClosedLoad | OpenLoad): Ramp | null {
  if (load.mode === "closed") return { from: load.concurrency, stages: load.stages ?? [] };
  return "ratePerSecond" in load.arrivals ? { from: load.arrivals.ratePerSecond, stages: load.arrivals.stages ?? [] } : null;
}

function refuse(expected: string, got: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got ${got}.`);
}

const shown = (value: unknown): string => `\`${String(value).slice(0, 60)}\``;

function checkWhole(least: number, value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least) refuse(`${name} to be a whole number from ${least} up`, shown(value));
}

function checkPositive(value: number, name: string): void {
  if (!Number.isFinite(value) || value <= 0) refuse(`${name} to be a number above 0`, shown(value));
}

function checkStages({ from, stages }: Ramp, name: string, whole: boolean): void {
  for (const { durationNs, to } of stages) {
    checkWhole(1, durationNs, "the duration of a stage in nanoseconds");
    if (whole) checkWhole(0, to, `the ${name} of a stage`);
    else if (!Number.isFinite(to) || to < 0) refuse(`the ${name} of a stage to be a number from 0 up`, shown(to));
  }
  if (stages.length > 0 && peakOf({ from, stages }) === 0) refuse(`a stage with a ${name} above 0`, "none");
}

function checkArrivals(arrivals: Arrivals): void {
  // Its file is looked at when it is opened.
  if (arrivals.process === "trace") return;
  if (arrivals.process === "timestamps") {
    if (arrivals.atNs.length === 0) refuse("at least one timestamp", "none");
    arrivals.atNs.forEach((atNs, index) => {
      checkWhole(0, atNs, "each timestamp in nanoseconds");
      if (atNs < (arrivals.atNs[index - 1] ?? 0)) refuse("timestamps in ascending order", `${atNs} after ${arrivals.atNs[index - 1]}`);
    });
    return;
  }
  const { ratePerSecond, stages = [] } = arrivals;
  if (stages.length === 0 || ratePerSecond !== 0) checkPositive(ratePerSecond, "ratePerSecond");
  if (arrivals.process === "gamma") checkPositive(arrivals.burstiness, "burstiness");
  checkStages({ from: ratePerSecond, stages }, "rate", false);
}

function resolveLoad(load: ClosedLoad | OpenLoad): Required<ClosedLoad> | Required<OpenLoad> {
  if (load.mode === "closed") {
    const { concurrency, thinkTimeNs = 0, stages = [] } = load;
    checkWhole(stages.length === 0 ? 1 : 0, concurrency, "concurrency");
    checkWhole(0, thinkTimeNs, "thinkTimeNs");
    checkStages({ from: concurrency, stages }, "concurrency", true);
    return { mode: "closed", concurrency, thinkTimeNs, stages };
  }
  const { arrivals, maxInFlight = null, thinkTimeNs = 0 } = load;
  checkArrivals(arrivals);
  if (maxInFlight !== null) checkWhole(1, maxInFlight, "maxInFlight");
  checkWhole(0, thinkTimeNs, "thinkTimeNs");
  return { mode: "open", arrivals, maxInFlight, thinkTimeNs };
}

/** How the requests of a phase are shared out: among targets, and among shards. */
interface Sharing {
  readonly targets: number;
  readonly shard: Shard;
}

/** What falls to a shard of so many requests to each target. */
const shareForAll = (requests: number, { targets, shard }: Sharing): number => shareOf(requests, shard) * targets;

function resolveSpan(span: Span | null, phase: RequestPhase, sharing: Sharing): readonly PhaseLimit[] {
  if (span === null) return [];
  if ("durationNs" in span) {
    checkWhole(0, span.durationNs, `the ${phase === "drain" ? "drain" : "warm-up"} in nanoseconds`);
    return [{ phase, requests: null, durationNs: span.durationNs }];
  }
  checkWhole(0, span.requests, `the requests of the ${phase === "drain" ? "drain" : "warm-up"}`);
  return [{ phase, requests: shareForAll(span.requests, sharing), durationNs: null }];
}

/** What the stages leave for the measured part when warm-up and drain are cut off. */
function measuredByStages(stages: readonly Stage[], cut: readonly (Span | null)[]): number {
  const leftNs = cut.reduce((restNs, span) => {
    if (span !== null && !("durationNs" in span))
      refuse("warm-up and drain as durations where only stages say how long the run is", `${span.requests} requests`);
    return restNs - (span?.durationNs ?? 0);
  }, stagesNs(stages));
  if (leftNs <= 0) refuse("stages longer than warm-up and drain together", `${-leftNs} ns less`);
  return leftNs;
}

function resolveLimits({ limits }: LoadPlan, shard: Shard): ResolvedLimits {
  const { requestsPerMinute = null, tokensPerMinute = null, tokensPerRequest = 0 } = limits ?? {};
  if (requestsPerMinute !== null) checkPositive(requestsPerMinute, "requestsPerMinute");
  if (tokensPerMinute !== null) {
    checkPositive(tokensPerMinute, "tokensPerMinute");
    checkWhole(1, tokensPerRequest, "tokensPerRequest, which tokensPerMinute needs,");
  }
  const part = (perMinute: number | null): number | null => (perMinute === null ? null : perMinute / shard.of);
  return { requestsPerMinute: part(requestsPerMinute), tokensPerMinute: part(tokensPerMinute), tokensPerRequest };
}

/**
 * Checks a plan and fills its gaps; of what is shared with other shards, the part of this one is left. Throws `INVALID_ARGUMENT`, saying
 * what was expected.
 */
export function resolvePlan(plan: LoadPlan): ResolvedPlan {
  const { requests = null, drain = null, shard = { index: 0, of: 1 }, seed = 1, respectRetryAfter = false, targets = 1, block = 1 } = plan;
  const { resume = null } = plan;
  checkWhole(1, shard.of, "the number of shards");
  checkWhole(0, shard.index, "the index of the shard");
  if (shard.index >= shard.of) refuse(`the index of the shard to be below ${shard.of}`, shown(shard.index));
  checkWhole(0, seed, "the seed");
  checkWhole(1, targets, "the number of targets");
  checkWhole(1, block, "the requests of a block");
  if (resume !== null) checkResumption(resume, targets, shard);
  const load = resolveLoad(plan.load);
  const stages = rampOf(load)?.stages ?? [];
  const firstWave = load.mode === "closed" && stages.length === 0 ? { requests: load.concurrency } : null;
  const warmup = plan.warmup === undefined ? firstWave : plan.warmup;
  if (requests !== null) checkWhole(1, requests, "requests");
  let durationNs = plan.durationNs ?? null;
  if (durationNs !== null) checkWhole(1, durationNs, "durationNs");
  if (requests === null && durationNs === null) {
    if (stages.length > 0) durationNs = measuredByStages(stages, [warmup, drain]);
    else if (rampOf(load) !== null) refuse("a number of requests, a duration, or both", "neither");
  }
  if (load.mode === "open" && load.maxInFlight !== null && load.maxInFlight < shard.of)
    refuse(`maxInFlight to be at least the number of shards, ${shard.of}`, shown(load.maxInFlight));
  const slots = load.mode === "closed" ? peakOf({ from: load.concurrency, stages }) : Infinity;
  if (slots < shard.of) refuse(`concurrency to be at least the number of shards, ${shard.of}`, shown(slots));
  // In an open loop all walk the whole schedule; in a closed one each shard counts its own requests.
  const sharing = { targets, shard: load.mode === "closed" ? shard : { index: 0, of: 1 } };
  const phases: readonly PhaseLimit[] = [
    ...resolveSpan(warmup, "warmup", sharing),
    { phase: "measured", requests: requests === null ? null : shareForAll(requests, sharing), durationNs },
    ...resolveSpan(drain, "drain", sharing),
  ];
  const rest = { phases, limits: resolveLimits(plan, shard), respectRetryAfter, seed, shard, targets, block, resume };
  return load.mode === "closed" ? { ...rest, load } : { ...rest, load };
}
