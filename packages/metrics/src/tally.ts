import type { RequestRecord, UsageSource } from "@lens/core";
import type { PriceBook } from "./cost.ts";
import { isAnswered, reportedOutputTokens, streamedTokens, tokenArrivals, tokenCount } from "./derive.ts";
import { toTokenDistribution } from "./distribution.ts";
import { createHistogram } from "./histogram.ts";
import type { CostSummary, PriceReference, ThroughputSummary, TokenSummary } from "./report.ts";
import { plus } from "./sums.ts";
import { lengthNs, type TimeWindow, uniteWindows } from "./time-window.ts";

/** Takes in requests one by one and sums them up. */
interface Tally<Summary> {
  add(record: RequestRecord): void;
  summary(): Summary;
}

const NS_PER_MS = 1e6;
/** How many answers may wait before the window is looked at again. */
const SETTLE_EVERY = 4096;
const NS_PER_SECOND = 1e9;

/** One answered request, as throughput sees it. */
interface Completion {
  readonly endMs: number;
  readonly tokens: number | null;
  readonly met: boolean;
}

/** Throughput, as requests come. */
export interface ThroughputTally {
  /** Takes in a request; `met` says whether it met every SLO. */
  add(record: RequestRecord, met: boolean): void;
  summary(): ThroughputSummary;
  /** Requests that met every SLO, per second of the window; null without one. */
  goodputPerSecond(): number | null;
}

/**
 * Requests and tokens per second of `fixed`, or of the steady part of a run: from the first start to the last one. What ends after the
 * last start is the ramp-down, where fewer and fewer requests are in flight: it would make any server look slower the shorter the run.
 */
export function createThroughputTally(fixed: TimeWindow | null): ThroughputTally {
  let fromMs = Infinity;
  let toMs = -Infinity;
  let answered = 0;
  let good = 0;
  let tokens: number | null = 0;
  // Answers that ended after the latest known start, in the order in which they came: about as many as there are streams.
  const pending: Completion[] = [];

  function count(completion: Completion): void {
    answered += 1;
    if (completion.met) good += 1;
    tokens = tokens === null || completion.tokens === null ? null : tokens + completion.tokens;
  }

  /** Counts what the window has grown to hold. */
  function settle(): void {
    let kept = 0;
    for (const completion of pending) {
      if (completion.endMs <= toMs) count(completion);
      else pending[kept++] = completion;
    }
    pending.length = kept;
  }

  const windows = (): readonly TimeWindow[] => uniteWindows([fixed ?? { fromMs, toMs }]);

  function windowNs(): number | null {
    settle();
    const spanNs = lengthNs(windows());
    return spanNs > 0 && (fixed !== null || answered > 0) ? spanNs : null;
  }

  const per = (spanNs: number | null, amount: number | null): number | null =>
    spanNs === null || amount === null ? null : (amount * NS_PER_SECOND) / spanNs;

  return {
    add(record, met) {
      const endMs = record.startedAtMs + record.endNs / NS_PER_MS;
      const completion = { endMs, tokens: reportedOutputTokens(record), met };
      if (fixed !== null) {
        if (isAnswered(record) && endMs >= fixed.fromMs && endMs <= fixed.toMs) count(completion);
        return;
      }
      fromMs = Math.min(fromMs, record.startedAtMs);
      toMs = Math.max(toMs, record.startedAtMs);
      if (isAnswered(record)) pending.push(completion);
      if (pending.length >= SETTLE_EVERY) settle();
    },
    summary() {
      const spanNs = windowNs();
      return { windows: windows(), windowNs: spanNs, requestsPerSecond: per(spanNs, answered), systemTokensPerSecond: per(spanNs, tokens) };
    },
    goodputPerSecond: () => per(windowNs(), good),
  };
}

/** Sums of usage, and how many tokens a chunk holds. */
export function createTokenTally(): Tally<TokenSummary> {
  const sources: Record<UsageSource, number> = { reported: 0, partial: 0, estimated: 0, none: 0 };
  let input: number | null = null;
  let cacheRead: number | null = null;
  let cacheWrite: number | null = null;
  let output: number | null = null;
  let reasoning: number | null = null;
  const inputPerRequest = createHistogram();
  const outputPerRequest = createHistogram();
  let cachedRequests = 0;
  let streamed = 0;
  let arrivals = 0;
  return {
    add(record) {
      const { usage, usageSource } = record;
      sources[usageSource] += 1;
      if (usage !== null) {
        const prompt = tokenCount(usage.inputTokens);
        const answer = tokenCount(usage.outputTokens);
        input = plus(input, prompt);
        output = plus(output, answer);
        if (prompt !== null) inputPerRequest.record(prompt);
        if (answer !== null) outputPerRequest.record(answer);
        cacheRead = plus(cacheRead, tokenCount(usage.cacheReadTokens));
        cacheWrite = plus(cacheWrite, tokenCount(usage.cacheWriteTokens));
        reasoning = plus(reasoning, tokenCount(usage.reasoningTokens));
        if ((tokenCount(usage.cacheReadTokens) ?? 0) > 0) cachedRequests += 1;
      }
      const tokens = isAnswered(record) ? streamedTokens(record) : null;
      if (tokens !== null) {
        const carried = tokenArrivals(record);
        streamed += carried === 0 ? 0 : tokens;
        arrivals += carried;
      }
    },
    summary: () => ({
      input,
      cacheRead,
      cacheWrite,
      output,
      reasoning,
      inputPerRequest: toTokenDistribution(inputPerRequest),
      outputPerRequest: toTokenDistribution(outputPerRequest),
      sources: { ...sources },
      perChunk: arrivals === 0 ? null : streamed / arrivals,
      streamed,
      chunks: arrivals,
      cachedRequests,
    }),
  };
}

/** Money, as far as `book` knows the price. */
export function createCostTally(book: PriceBook | null): Tally<CostSummary> {
  let total: number | null = null;
  const parts = { input: 0, cachedInput: 0, output: 0 };
  let reasoning: number | null = null;
  let reported: number | null = null;
  let reportedRequests = 0;
  let outputTokens = 0;
  let priced = 0;
  let unpriced = 0;
  let price: PriceReference | null = null;
  return {
    add(record) {
      const money = record.reply.costUsd;
      if (money !== null && Number.isFinite(money) && money >= 0) {
        reported = plus(reported, money);
        reportedRequests += 1;
      }
      const cost = book?.price(record) ?? null;
      if (cost === null) {
        unpriced += 1;
        return;
      }
      priced += 1;
      price ??= cost.price;
      total = plus(total, cost.totalUsd);
      parts.input += cost.inputUsd;
      parts.cachedInput += cost.cachedInputUsd;
      parts.output += cost.outputUsd;
      reasoning = plus(reasoning, cost.reasoningUsd);
      outputTokens += tokenCount(record.usage?.outputTokens) ?? 0;
    },
    summary() {
      const perRequest = total === null ? null : total / priced;
      return {
        total,
        perRequest,
        per1000Requests: perRequest === null ? null : perRequest * 1000,
        perMillionOutputTokens: total === null || outputTokens === 0 ? null : (total / outputTokens) * 1e6,
        byKind: total === null ? null : { ...parts, reasoning },
        outputTokens,
        reported,
        reportedRequests,
        priced,
        unpriced,
        price,
      };
    },
  };
}
