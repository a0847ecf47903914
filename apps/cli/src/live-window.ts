import type { Clock, RequestRecord } from "@lens/core";
import {
  chunkGapsNs,
  createHistogram,
  type Histogram,
  isAnswered,
  isClientLimited,
  isTainted,
  reportedOutputTokens,
  ttftNs,
} from "@lens/metrics";

/** One metric of the last seconds. Percentiles are null where the sample cannot support them. */
export interface LiveMetric {
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
  readonly p99Ns: number | null;
  /** The median of each second that had any, the oldest first. */
  readonly trendNs: readonly number[];
}

/** What the last seconds were like, of requests that ended in them. */
export interface LiveFigures {
  /** Null before anything ended. */
  readonly requestsPerSecond: number | null;
  /** Null where no usage was reported. */
  readonly tokensPerSecond: number | null;
  readonly ttft: LiveMetric;
  readonly gap: LiveMetric;
  /** The instrument's own error: p99, or the worst where there are too few requests for it; null where nothing watched. */
  readonly latenessNs: number | null;
  /** Share of requests whose stamps may be late by over 1 % of their TTFT, where that spoils the figures; else null. */
  readonly limitingShare: number | null;
}

/** Keeps the figures of the last seconds. */
export interface LiveWindow {
  add(record: RequestRecord): void;
  figures(): LiveFigures;
}

/** One second. */
interface Slot {
  readonly second: number;
  readonly ttft: Histogram;
  readonly gap: Histogram;
  readonly lateness: Histogram;
  requests: number;
  tokens: number | null;
  compared: number;
  tainted: number;
}

const NS_PER_SECOND = 1e9;
/** Figures are of so many seconds, trends of more. */
const WINDOW_SECONDS = 10;
const TREND_SECONDS = 24;
/** Merging histograms takes a millisecond: not with every frame. */
const REFRESH_NS = 500e6;

const newSlot = (second: number): Slot => ({
  second,
  ttft: createHistogram(),
  gap: createHistogram(),
  lateness: createHistogram(),
  requests: 0,
  tokens: null,
  compared: 0,
  tainted: 0,
});

function merged(slots: readonly Slot[], pick: (slot: Slot) => Histogram): Histogram {
  const all = createHistogram();
  for (const slot of slots) all.merge(pick(slot));
  return all;
}

const total = (slots: readonly Slot[], pick: (slot: Slot) => number): number => slots.reduce((sum, slot) => sum + pick(slot), 0);

/** A window that begins now. */
export function createLiveWindow(clock: Clock): LiveWindow {
  const startNs = clock.nowNs();
  const slots: Slot[] = [];
  let known: LiveFigures | null = null;
  let knownAtNs = 0;

  const elapsedNs = (): number => Number(clock.nowNs() - startNs);

  function present(): Slot {
    const second = Math.floor(elapsedNs() / NS_PER_SECOND);
    const last = slots.at(-1);
    if (last?.second === second) return last;
    const slot = newSlot(second);
    slots.push(slot);
    while ((slots[0]?.second ?? second) <= second - TREND_SECONDS) slots.shift();
    return slot;
  }

  function metric(recent: readonly Slot[], pick: (slot: Slot) => Histogram): LiveMetric {
    const all = merged(recent, pick);
    const trendNs = slots.flatMap((slot) => {
      const { count, max } = pick(slot).moments();
      return count === 0 ? [] : [pick(slot).percentile(50) ?? max];
    });
    return { p50Ns: all.percentile(50), p95Ns: all.percentile(95), p99Ns: all.percentile(99), trendNs };
  }

  function compute(): LiveFigures {
    const seconds = elapsedNs() / NS_PER_SECOND;
    const recent = slots.filter(({ second }) => second > seconds - WINDOW_SECONDS);
    // The slots in the window are whole seconds, save the present one.
    const spanSeconds = seconds - Math.max(0, Math.floor(seconds) - WINDOW_SECONDS + 1);
    const perSecond = (amount: number): number | null => (spanSeconds > 0 ? amount / spanSeconds : null);
    const requests = total(recent, (slot) => slot.requests);
    const reported = recent.filter(({ tokens }) => tokens !== null);
    const lateness = merged(recent, (slot) => slot.lateness);
    const compared = total(recent, (slot) => slot.compared);
    const tainted = total(recent, (slot) => slot.tainted);
    return {
      requestsPerSecond: slots.length === 0 ? null : perSecond(requests),
      tokensPerSecond: reported.length === 0 ? null : perSecond(total(reported, ({ tokens }) => tokens ?? 0)),
      ttft: metric(recent, (slot) => slot.ttft),
      gap: metric(recent, (slot) => slot.gap),
      latenessNs: lateness.moments().count === 0 ? null : (lateness.percentile(99) ?? lateness.moments().max),
      limitingShare: isClientLimited(tainted, compared) ? tainted / compared : null,
    };
  }

  return {
    add(record) {
      const slot = present();
      slot.requests += 1;
      if (!isAnswered(record)) return;
      const firstNs = ttftNs(record);
      const tokens = reportedOutputTokens(record);
      if (firstNs !== null) slot.ttft.record(firstNs);
      for (const gapNs of chunkGapsNs(record)) slot.gap.record(gapNs);
      if (tokens !== null) slot.tokens = (slot.tokens ?? 0) + tokens;
      // As in the report: cold code is no verdict.
      if (record.phase !== "measured") return;
      const isLate = isTainted(record);
      if (record.latenessNs !== null) slot.lateness.record(record.latenessNs);
      if (isLate !== null) slot.compared += 1;
      if (isLate === true) slot.tainted += 1;
    },
    figures() {
      const nowNs = elapsedNs();
      if (known === null || nowNs - knownAtNs >= REFRESH_NS) {
        known = compute();
        knownAtNs = nowNs;
      }
      return known;
    },
  };
}
