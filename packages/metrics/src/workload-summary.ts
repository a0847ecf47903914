import type { RequestRecord } from "@lens/core";
import { tokenCount, ttftNs } from "./derive.ts";
import { type Distribution, toDistribution, type TokenDistribution, toTokenDistribution } from "./distribution.ts";
import { createHistogram } from "./histogram.ts";
import { mergeDistributions, mergeTokenDistributions } from "./merge-distributions.ts";
import { sumOf, sumTables } from "./sums.ts";

/** What a workload asked for, beside what came (`tokens`). Of measured requests; each distribution is of those that say. */
export interface WorkloadSummary {
  /** The length of prompts that was wanted. */
  readonly askedInput: TokenDistribution;
  /** The length of the prompts that were made, as it was counted before they were sent. */
  readonly sentInput: TokenDistribution;
  /** The limit that was sent for the length of answers. */
  readonly askedOutput: TokenDistribution;
  /** What `sentInput` was counted by, in requests. */
  readonly countedBy: Readonly<Record<"gpt" | "estimate", number>>;
  /** How many requests began as others did, by intent. */
  readonly sharedPrefix: number;
}

/** Answered requests of which the cached part of the prompt was alike: some of it, or none. */
export interface CacheSide {
  readonly requests: number;
  /** How much of the prompt was read from a cache. */
  readonly cacheRead: TokenDistribution;
  readonly ttft: Distribution;
}

/** Answered requests by whether a part of their prompt was read from a cache, as far as their usage says. */
export interface CacheSummary {
  readonly cached: CacheSide;
  readonly uncached: CacheSide;
}

/** Sums up what was asked for, as requests come. */
export function createWorkloadTally() {
  const [askedInput, sentInput, askedOutput] = [createHistogram(), createHistogram(), createHistogram()];
  const countedBy = { gpt: 0, estimate: 0 };
  let marked = 0;
  let sharedPrefix = 0;
  return {
    add({ workload }: RequestRecord): void {
      if (workload === undefined) return;
      marked += 1;
      if (workload.askedInputTokens !== null) askedInput.record(workload.askedInputTokens);
      if (workload.sentInputTokens !== null) sentInput.record(workload.sentInputTokens);
      if (workload.askedOutputTokens !== null) askedOutput.record(workload.askedOutputTokens);
      if (workload.countedBy !== null) countedBy[workload.countedBy] += 1;
      if (workload.sharedPrefixTokens !== null) sharedPrefix += 1;
    },
    /** Null where no request says what was asked. */
    summary: (): WorkloadSummary | null =>
      marked === 0
        ? null
        : {
            askedInput: toTokenDistribution(askedInput),
            sentInput: toTokenDistribution(sentInput),
            askedOutput: toTokenDistribution(askedOutput),
            countedBy: { ...countedBy },
            sharedPrefix,
          },
  };
}

/** Sums up answered requests of one side. */
function createSideTally() {
  const [cacheRead, ttft] = [createHistogram(), createHistogram()];
  let requests = 0;
  return {
    add(record: RequestRecord, cachedTokens: number): void {
      requests += 1;
      cacheRead.record(cachedTokens);
      const durationNs = ttftNs(record);
      if (durationNs !== null) ttft.record(durationNs);
    },
    isEmpty: () => requests === 0,
    summary: (): CacheSide => ({ requests, cacheRead: toTokenDistribution(cacheRead), ttft: toDistribution(ttft) }),
  };
}

/** Sums up answered requests by what they read from a cache, as they come. One that does not say is in neither. */
export function createCacheTally() {
  const [cached, uncached] = [createSideTally(), createSideTally()];
  return {
    add(record: RequestRecord): void {
      const tokens = tokenCount(record.usage?.cacheReadTokens ?? null);
      if (tokens !== null) (tokens > 0 ? cached : uncached).add(record, tokens);
    },
    /** Null where no request says. */
    summary: (): CacheSummary | null =>
      cached.isEmpty() && uncached.isEmpty() ? null : { cached: cached.summary(), uncached: uncached.summary() },
  };
}

/** As one run would have summed it up. Null for none. */
export function mergeWorkloads(parts: readonly WorkloadSummary[]): WorkloadSummary | null {
  if (parts.length === 0) return null;
  return {
    askedInput: mergeTokenDistributions(parts.map(({ askedInput }) => askedInput)),
    sentInput: mergeTokenDistributions(parts.map(({ sentInput }) => sentInput)),
    askedOutput: mergeTokenDistributions(parts.map(({ askedOutput }) => askedOutput)),
    countedBy: sumTables(parts.map(({ countedBy }) => countedBy)),
    sharedPrefix: sumOf(parts, ({ sharedPrefix }) => sharedPrefix),
  };
}

function mergeSides(sides: readonly CacheSide[]): CacheSide {
  return {
    requests: sumOf(sides, ({ requests }) => requests),
    cacheRead: mergeTokenDistributions(sides.map(({ cacheRead }) => cacheRead)),
    ttft: mergeDistributions(sides.map(({ ttft }) => ttft)),
  };
}

/** As `mergeWorkloads`. */
export function mergeCaches(parts: readonly CacheSummary[]): CacheSummary | null {
  if (parts.length === 0) return null;
  return { cached: mergeSides(parts.map(({ cached }) => cached)), uncached: mergeSides(parts.map(({ uncached }) => uncached)) };
}
