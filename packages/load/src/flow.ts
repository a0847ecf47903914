import type { RequestRecord } from "@lens/core";

/** How requests passed through a server during one stretch of load. */
export interface FlowState {
  /** From the first to the last start of a measured request. */
  readonly sendingNs: number;
  /** The rate at which requests became due, warm-up included; null for fewer than two, or where all were due at once. */
  readonly offeredPerSecond: number | null;
  /** Mean of all measured requests, failed ones included; null without any. */
  readonly meanE2eNs: number | null;
  /** Requests between start and end, as a mean over the time of sending; null where that is none. */
  readonly meanInFlight: number | null;
  /** What Little's law takes it for: answers per second × their mean time in the server; null where no request ended while others were sent. */
  readonly expectedInFlight: number | null;
  /** How many independent requests the measured ones are worth: those in one queue wait for one another. */
  readonly independentRequests: number;
}

/**
 * Whether a queue grows. Where requests come faster than they go, each waits longer than the one before: the wait from due to first content rises,
 * here from tenth to tenth of the requests. `growing`: by more than the scatter of these rises explains, and by 5 % of the time that passes or more,
 * which means that 5 % more requests come than go; and those that go are 5 % fewer than are meant to come, lest a burst of random arrivals
 * pass for a load. `steady`: certainly by less. `unclear`: neither, as for fewer than 60 requests.
 */
export type Trend = "growing" | "steady" | "unclear";

/** Watches requests pass. It keeps four numbers of each. */
export interface Flow {
  /** Takes in requests of all phases as they end. */
  add(record: RequestRecord): void;
  /** Of an open loop that is to send so many requests per second. */
  trend(ratePerSecond: number): Trend;
  state(): FlowState;
}

interface Passage {
  readonly dueMs: number;
  readonly startMs: number;
  readonly endMs: number;
  /** Due to first content, or to the end where none came. */
  readonly waitMs: number;
  readonly measured: boolean;
}

const NS_PER_MS = 1e6;
const MS_PER_SECOND = 1000;
/** Fewer requests than this show no trend: in a queue of random arrivals waits rise for a while by chance. */
const LEAST_FOR_TREND = 60;
const TREND_PARTS = 10;
const GROWTH = 0.05;
/** In standard errors. Of queues at 90 % of their capacity, looked at again and again, fewer than 4 % seem to grow. */
const SURE_OF_GROWTH = 3.5;
const SURE_OF_STEADINESS = 2;
/** As many as the method of batch means is commonly used with: 20 batches estimate a variance to about a third. */
const BATCHES = 20;
const LEAST_PER_BATCH = 5;

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
}

/** Parts of as many requests each, in the order in which they were due. */
function partsOf(passages: readonly Passage[], count: number): readonly (readonly Passage[])[] {
  const ordered = passages.toSorted((a, b) => a.dueMs - b.dueMs);
  const cut = (part: number): number => Math.round((ordered.length * part) / count);
  return Array.from({ length: count }, (_, part) => ordered.slice(cut(part), cut(part + 1)));
}

const meanWait = (passages: readonly Passage[]): number => meanOf(passages.map(({ waitMs }) => waitMs));
const meanDue = (passages: readonly Passage[]): number => meanOf(passages.map(({ dueMs }) => dueMs));

function trendOf(passages: readonly Passage[], ratePerSecond: number): Trend {
  if (passages.length < LEAST_FOR_TREND) return "unclear";
  const parts = partsOf(passages, TREND_PARTS);
  const waits = parts.map(meanWait);
  const rises = waits.slice(1).map((wait, index) => wait - (waits[index] ?? wait));
  const riseMs = meanOf(rises);
  const errorMs = Math.sqrt(varianceOf(rises) / rises.length);
  const spacingMs = (meanDue(parts.at(-1) ?? []) - meanDue(parts[0] ?? [])) / rises.length;
  const goPerSecond = ((passages.length / TREND_PARTS) * MS_PER_SECOND) / (spacingMs + riseMs);
  const isRising = riseMs >= GROWTH * spacingMs && riseMs > SURE_OF_GROWTH * errorMs;
  if (isRising && goPerSecond * (1 + GROWTH) <= ratePerSecond) return "growing";
  return riseMs + SURE_OF_STEADINESS * errorMs < GROWTH * spacingMs ? "steady" : "unclear";
}

/**
 * Independent samples that would know the mean as well, by batch means: the variance of all, over that of the means of successive
 * batches (Law and Kelton, Simulation Modeling and Analysis, 9.5.3).
 */
function independentOf(passages: readonly Passage[]): number {
  const { length } = passages;
  if (length < BATCHES * LEAST_PER_BATCH) return length;
  const between = varianceOf(partsOf(passages, BATCHES).map(meanWait));
  return between === 0 ? length : Math.min(length, (BATCHES * varianceOf(passages.map(({ waitMs }) => waitMs))) / between);
}

function inFlight(passages: readonly Passage[], fromMs: number, toMs: number): Pick<FlowState, "meanInFlight" | "expectedInFlight"> {
  if (toMs <= fromMs) return { meanInFlight: null, expectedInFlight: null };
  const ended = passages.filter(({ endMs }) => endMs > fromMs && endMs <= toMs);
  const overlap = passages.reduce((sum, { startMs, endMs }) => sum + Math.max(0, Math.min(endMs, toMs) - Math.max(startMs, fromMs)), 0);
  const insideMs = ended.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs), 0);
  return { meanInFlight: overlap / (toMs - fromMs), expectedInFlight: ended.length === 0 ? null : insideMs / (toMs - fromMs) };
}

function offeredRate(duesMs: readonly number[]): number | null {
  const firstMs = duesMs.reduce((least, dueMs) => Math.min(least, dueMs), Infinity);
  const lastMs = duesMs.reduce((most, dueMs) => Math.max(most, dueMs), -Infinity);
  return lastMs > firstMs ? ((duesMs.length - 1) * MS_PER_SECOND) / (lastMs - firstMs) : null;
}

/** Watches requests pass, from none on. */
export function createFlow(): Flow {
  const passages: Passage[] = [];
  return {
    add({ phase, startedAtMs, queuedNs, arrivals, endNs }) {
      const dueMs = startedAtMs - (queuedNs ?? 0) / NS_PER_MS;
      const endMs = startedAtMs + endNs / NS_PER_MS;
      const firstMs = startedAtMs + (arrivals.atNs[0] ?? endNs) / NS_PER_MS;
      passages.push({ dueMs, startMs: startedAtMs, endMs, waitMs: firstMs - dueMs, measured: phase === "measured" });
    },
    trend: (ratePerSecond) => trendOf(passages, ratePerSecond),
    state() {
      const measured = passages.filter((passage) => passage.measured);
      const starts = measured.map(({ startMs }) => startMs);
      const fromMs = starts.reduce((least, startMs) => Math.min(least, startMs), Infinity);
      const toMs = starts.reduce((most, startMs) => Math.max(most, startMs), -Infinity);
      return {
        sendingNs: measured.length === 0 ? 0 : Math.round((toMs - fromMs) * NS_PER_MS),
        meanE2eNs: measured.length === 0 ? null : Math.round(meanOf(measured.map(({ startMs, endMs }) => endMs - startMs)) * NS_PER_MS),
        offeredPerSecond: offeredRate(passages.filter(({ dueMs }) => dueMs <= toMs).map(({ dueMs }) => dueMs)),
        ...inFlight(passages, fromMs, toMs),
        independentRequests: independentOf(measured),
      };
    },
  };
}
