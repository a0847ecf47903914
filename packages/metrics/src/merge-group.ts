import { findDrift } from "./drift.ts";
import { boundedName, interTokenGaps } from "./group.ts";
import { shareInterval } from "./interval.ts";
import { sumOf, sumOfKnown, sumTables } from "./sums.ts";
import { mergeDistributions, mergeEach, mergeRateDistributions, mergeTokenDistributions } from "./merge-distributions.ts";
import { mergeLoads } from "./merge-load.ts";
import { mergeSeries } from "./merge-series.ts";
import type { CostSummary, GoodputSummary, GroupSummary, ThroughputSummary, TokenSummary } from "./report.ts";
import { lengthNs, uniteWindows } from "./time-window.ts";
import { mergeTurns } from "./turn-summary.ts";
import { mergeCaches, mergeWorkloads } from "./workload-summary.ts";

const NS_PER_SECOND = 1e9;

/** The whole number behind a rate over a window; rounding recovers it, since a rate has 53 bits. */
const countOf = (ratePerSecond: number | null, { windowNs }: ThroughputSummary): number | null =>
  ratePerSecond === null || windowNs === null ? null : Math.round((ratePerSecond * windowNs) / NS_PER_SECOND);

const rateOf = (count: number | null, windowNs: number | null): number | null =>
  count === null || windowNs === null ? null : (count * NS_PER_SECOND) / windowNs;

/**
 * Over the time that any window covers: what ran at the same time adds up, what ran one after another does not. What ended after the last start of
 * its own report is left out even where another's window goes on, which is at most as many requests as were in flight then.
 */
function mergeThroughput(groups: readonly GroupSummary[]): ThroughputSummary {
  const parts = groups.map(({ throughput }) => throughput);
  const counted = parts.filter(({ windowNs }) => windowNs !== null);
  const windows = uniteWindows(parts.flatMap((part) => part.windows));
  const windowNs = counted.length === 0 ? null : lengthNs(windows);
  const known = counted.every(({ systemTokensPerSecond }) => systemTokensPerSecond !== null);
  return {
    windows,
    windowNs,
    requestsPerSecond: rateOf(
      sumOfKnown(counted, (part) => countOf(part.requestsPerSecond, part)),
      windowNs,
    ),
    systemTokensPerSecond: known
      ? rateOf(
          sumOfKnown(counted, (part) => countOf(part.systemTokensPerSecond, part)),
          windowNs,
        )
      : null,
  };
}

function mergeGoodput(groups: readonly GroupSummary[], windowNs: number | null): GoodputSummary | null {
  const parts = groups.flatMap(({ goodput, throughput }) => (goodput === null ? [] : [{ ...goodput, throughput }]));
  const [first] = parts;
  if (first === undefined) return null;
  const met = sumOf(parts, (part) => part.met);
  const judged = sumOf(parts, (part) => part.judged);
  const good = sumOf(parts, ({ ratePerSecond, throughput }) => countOf(ratePerSecond, throughput) ?? 0);
  return {
    slo: first.slo,
    met,
    judged,
    share: judged === 0 ? null : met / judged,
    interval: shareInterval(met, judged),
    ratePerSecond: judged === 0 ? null : rateOf(good, windowNs),
  };
}

function mergeTokens(parts: readonly TokenSummary[]): TokenSummary {
  const streamed = sumOf(parts, (part) => part.streamed);
  const chunks = sumOf(parts, (part) => part.chunks);
  return {
    input: sumOfKnown(parts, ({ input }) => input),
    cacheRead: sumOfKnown(parts, ({ cacheRead }) => cacheRead),
    cacheWrite: sumOfKnown(parts, ({ cacheWrite }) => cacheWrite),
    output: sumOfKnown(parts, ({ output }) => output),
    reasoning: sumOfKnown(parts, ({ reasoning }) => reasoning),
    inputPerRequest: mergeTokenDistributions(parts.map(({ inputPerRequest }) => inputPerRequest)),
    outputPerRequest: mergeTokenDistributions(parts.map(({ outputPerRequest }) => outputPerRequest)),
    sources: sumTables(parts.map(({ sources }) => sources)),
    perChunk: chunks === 0 ? null : streamed / chunks,
    streamed,
    chunks,
    cachedRequests: sumOf(parts, ({ cachedRequests }) => cachedRequests),
  };
}

/** Sums of money were rounded in another order than one run would have, so their last digits may differ. */
function mergeCost(parts: readonly CostSummary[]): CostSummary {
  const total = sumOfKnown(parts, (part) => part.total);
  const priced = sumOf(parts, (part) => part.priced);
  const perRequest = total === null ? null : total / priced;
  const outputTokens = sumOf(parts, (part) => part.outputTokens);
  const kinds = parts.flatMap(({ byKind }) => byKind ?? []);
  return {
    total,
    perRequest,
    per1000Requests: perRequest === null ? null : perRequest * 1000,
    perMillionOutputTokens: total === null || outputTokens === 0 ? null : (total / outputTokens) * 1e6,
    byKind:
      kinds.length === 0
        ? null
        : {
            input: sumOf(kinds, ({ input }) => input),
            cachedInput: sumOf(kinds, ({ cachedInput }) => cachedInput),
            output: sumOf(kinds, ({ output }) => output),
            reasoning: sumOfKnown(kinds, ({ reasoning }) => reasoning),
          },
    outputTokens,
    reported: sumOfKnown(parts, ({ reported }) => reported),
    reportedRequests: sumOf(parts, ({ reportedRequests }) => reportedRequests),
    priced,
    unpriced: sumOf(parts, ({ unpriced }) => unpriced),
    price: parts.find(({ price }) => price !== null)?.price ?? null,
  };
}

function mergeModels(parts: readonly GroupSummary["models"][]): GroupSummary["models"] {
  const models = new Map<string, number>();
  for (const [model, count] of Object.entries(sumTables(parts))) {
    const name = boundedName(model, models);
    models.set(name, (models.get(name) ?? 0) + count);
  }
  return Object.fromEntries(models);
}

/** Of the group that sent last, of those that were told any: which answer came last is not known. */
function latestRateLimits(groups: readonly GroupSummary[]): GroupSummary["rateLimits"] {
  const lastStartMs = ({ throughput }: GroupSummary): number => throughput.windows.at(-1)?.toMs ?? -Infinity;
  const told = groups.filter(({ rateLimits }) => Object.keys(rateLimits).length > 0);
  return told.toSorted((a, b) => lastStartMs(a) - lastStartMs(b)).at(-1)?.rateLimits ?? {};
}

function mergeLatencies(groups: readonly GroupSummary[], tokensPerChunk: number | null) {
  const requestsWithGaps = sumOf(groups, (group) => group.requestsWithGaps);
  const chunkGap = mergeDistributions(
    groups.map((group) => group.chunkGap),
    { independent: requestsWithGaps },
  );
  return {
    ttfb: mergeDistributions(groups.map(({ ttfb }) => ttfb)),
    ttft: mergeDistributions(groups.map(({ ttft }) => ttft)),
    ttfo: mergeDistributions(groups.map(({ ttfo }) => ttfo)),
    chunkGap,
    requestsWithGaps,
    itl: interTokenGaps(chunkGap, tokensPerChunk),
    tpot: mergeDistributions(groups.map(({ tpot }) => tpot)),
    e2e: mergeDistributions(groups.map(({ e2e }) => e2e)),
    response: mergeEach(groups.flatMap(({ response }) => response ?? [])),
    outputTokensPerSecond: mergeRateDistributions(groups.map(({ outputTokensPerSecond }) => outputTokensPerSecond)),
    effectiveTokensPerSecond: mergeRateDistributions(groups.map(({ effectiveTokensPerSecond }) => effectiveTokensPerSecond)),
    server: mergeEach(groups.flatMap(({ server }) => server ?? [])),
  };
}

/**
 * The figures of one target from several reports, which the caller has found to belong together. Counts and
 * histograms are exact. Throws `INVALID_ARGUMENT` for a histogram that cannot be read.
 */
export function mergeGroups(first: GroupSummary, others: readonly GroupSummary[]): GroupSummary {
  const groups = [first, ...others];
  const tokens = mergeTokens(groups.map((group) => group.tokens));
  const throughput = mergeThroughput(groups);
  const series = mergeSeries(groups.flatMap((group) => group.series ?? []));
  return {
    target: first.target,
    level: first.level,
    requests: sumOf(groups, ({ requests }) => requests),
    excluded: sumTables(groups.map(({ excluded }) => excluded)),
    outcomes: sumTables(groups.map(({ outcomes }) => outcomes)),
    errors: sumTables(groups.map(({ errors }) => errors)),
    attempts: sumTables(groups.map(({ attempts }) => attempts)),
    connections: sumTables(groups.map(({ connections }) => connections)),
    phases: mergeEach(groups.map(({ phases }) => phases)) ?? first.phases,
    ...mergeLatencies(groups, tokens.perChunk),
    throughput,
    goodput: mergeGoodput(groups, throughput.windowNs),
    tokens,
    workload: mergeWorkloads(groups.flatMap(({ workload }) => workload ?? [])),
    cache: mergeCaches(groups.flatMap(({ cache }) => cache ?? [])),
    turns: mergeTurns(groups.map(({ turns }) => turns ?? [])),
    costUsd: mergeCost(groups.map(({ costUsd }) => costUsd)),
    models: mergeModels(groups.map(({ models }) => models)),
    rateLimits: latestRateLimits(groups),
    load: mergeLoads(groups.flatMap(({ load }) => load ?? [])),
    series,
    drift: series === null ? null : findDrift(series),
  };
}
