import { formatDuration, LensError, type RequestRecord } from "@lens/core";
import {
  createGroup,
  evaluateThreshold,
  type Group,
  type GroupSummary,
  type PriceBook,
  type Slo,
  type Threshold,
  type ThresholdResult,
} from "@lens/metrics";
import { createFlow, type FlowState, type Trend } from "./flow.ts";
import type { Span } from "./plan.ts";

/** What the level of a load counts: requests in flight at once, or requests per second. */
export type LoadKind = "concurrency" | "rate";

/** What a search asks to be measured. Its spans are those of a `LoadPlan`. */
export interface ProbeRequest {
  /** A whole number for concurrency. */
  readonly level: number;
  readonly span: Span;
  /** To be sent before and after, so that what is measured begins and ends under full load. */
  readonly warmup: Span;
  readonly drain: Span;
  /** Aborts as soon as nothing more needs to be learnt: what is in flight may be broken off. */
  readonly signal: AbortSignal;
  /** Wants every record, those of warm-up and drain included. */
  readonly onRecord: (record: RequestRecord) => void;
}

/** Sends the load that is asked for, and resolves when its last request has ended. */
export type Probe = (request: ProbeRequest) => Promise<unknown>;

/** What was found at one level. Plain JSON. */
export interface ProbeSummary {
  /** As it was asked for. */
  readonly level: number;
  /** The load that there was: for random arrivals, the rate at which requests became due, which is now more and now less than was asked for. */
  readonly load: number;
  /** Whether all objectives were met; null where they could not be judged. */
  readonly met: boolean | null;
  /** Whether intervals, or a queue that grew, decided that; where not, the figures themselves did. */
  readonly certain: boolean;
  /** Of the queue. In a closed loop, which waits for its answers, it is `steady`. */
  readonly trend: Trend;
  readonly results: readonly ThresholdResult[];
  readonly group: GroupSummary;
  readonly flow: FlowState;
  /** How many runs it took; all figures are of the last, which was the longest. */
  readonly runs: number;
  /** What a reader should know before trusting the figures, in sentences. */
  readonly notes: readonly string[];
}

/** How levels are probed. */
export interface ProbeOptions {
  readonly slo: readonly Threshold[];
  readonly kind: LoadKind;
  readonly probe: Probe;
  readonly confidence: number;
  /** How much to measure at first. */
  readonly span: Span;
  readonly extensions: number;
  readonly priceBook: PriceBook | null;
  /** For objectives on goodput. */
  readonly goodRequest: Slo | null;
  readonly signal: AbortSignal | undefined;
}

const NS_PER_SECOND = 1e9;
/** A queue shows only in what lasts for several answers, one after the other. */
const ANSWERS_IN_A_ROW = 4;
const LEAST_IN_A_ROW = 2;
/** Before it is known how long an answer takes: so many requests, or as many as come in a second. */
const MOST_WARMUP_REQUESTS = 10;
const LOAD_DIGITS = 5;
const LITTLE_TOLERANCE = 0.1;
const FIRST_LOOK = 60;
const NEXT_LOOK = 1.5;
/** How much longer a run is than the one before that decided nothing. */
const EXTENSION = 3;

type LoadRequest = Omit<ProbeRequest, "signal" | "onRecord">;

/** What to send at a level where answers take `e2eNs`, or nobody knows how long: enough for several of them in a row. */
function requestOf(
  { kind, span }: ProbeOptions,
  { level, e2eNs, factor }: { readonly level: number; readonly e2eNs: number | null; readonly factor: number },
): LoadRequest {
  const answerNs = e2eNs ?? 0;
  const inFlight = kind === "concurrency" ? level : (level * answerNs) / NS_PER_SECOND;
  const measured: Span =
    "requests" in span
      ? { requests: factor * Math.max(span.requests, Math.ceil(ANSWERS_IN_A_ROW * inFlight)) }
      : { durationNs: factor * Math.max(span.durationNs, ANSWERS_IN_A_ROW * answerNs) };
  if (kind === "concurrency") return { level, span: measured, warmup: { requests: level }, drain: { requests: level } };
  if (answerNs === 0) {
    const few: Span = { requests: Math.min(MOST_WARMUP_REQUESTS, Math.ceil(level)) };
    return { level, span: measured, warmup: few, drain: few };
  }
  return { level, span: measured, warmup: { durationNs: 2 * answerNs }, drain: { durationNs: answerNs } };
}

/** One run at a level. */
interface Run {
  readonly flow: FlowState;
  readonly trend: Trend;
  readonly group: GroupSummary;
}

/** Does one run, and stops it as soon as its queue is seen to grow. Null where `signal` ended it. */
async function runOnce({ kind, probe, priceBook, goodRequest, signal }: ProbeOptions, request: LoadRequest): Promise<Run | null> {
  const stop = new AbortController();
  const flow = createFlow();
  let group: Group | null = null;
  let measured = 0;
  let nextLook = FIRST_LOOK;
  await probe({
    ...request,
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    onRecord(record) {
      // What comes after the stop was broken off by it.
      if (stop.signal.aborted || signal?.aborted === true) return;
      group ??= createGroup({ target: record.target, priceBook, window: null, slo: goodRequest });
      group.add(record);
      flow.add(record);
      if (record.phase === "measured") measured += 1;
      if (kind === "concurrency" || measured < nextLook) return;
      nextLook = Math.ceil(measured * NEXT_LOOK);
      if (flow.trend(request.level) === "growing") stop.abort();
    },
  });
  if (signal?.aborted === true) return null;
  const summary = (group as Group | null)?.summary();
  if (summary === undefined)
    throw new LensError("INVALID_ARGUMENT", "Expected the probe to hand over the records of its requests, got none.");
  const trend = stop.signal.aborted ? "growing" : kind === "concurrency" ? "steady" : flow.trend(request.level);
  return { flow: flow.state(), trend, group: summary };
}

/** Says where Little's law (in flight = answers per second × time of an answer) does not hold, as it must in a steady state. */
function notesOn({ kind }: ProbeOptions, level: number, { flow, trend }: Run): readonly string[] {
  // Of a growing queue that goes without saying.
  if (trend === "growing") return [];
  const notes: string[] = [];
  const inFlight = kind === "concurrency" ? level : flow.meanInFlight;
  const expected = flow.expectedInFlight;
  if (inFlight !== null && expected !== null && Math.abs(expected / inFlight - 1) > LITTLE_TOLERANCE) {
    const [held, law] = [inFlight, expected].map((count) => Number(count.toPrecision(3)));
    notes.push(`No steady state: ${held} requests were in flight, where by Little's law there should be ${law}.`);
  }
  if (!isLongEnough(flow)) {
    notes.push(
      `Requests were sent for ${formatDuration(flow.sendingNs)} only, and answers took ${formatDuration(flow.meanE2eNs ?? 0)}: too short to see a queue.`,
    );
  }
  return notes;
}

const isLongEnough = ({ sendingNs, meanE2eNs }: FlowState): boolean => sendingNs >= LEAST_IN_A_ROW * (meanE2eNs ?? 0);

/** Met or missed; null where more requests may decide. */
function decide(results: readonly ThresholdResult[], { trend, flow }: Run): boolean | null {
  if (trend === "growing" || results.some(({ decided }) => decided === false)) return false;
  return trend === "steady" && isLongEnough(flow) && results.every(({ decided }) => decided === true) ? true : null;
}

/** By the figures themselves. */
function estimate(results: readonly ThresholdResult[]): boolean | null {
  if (results.some(({ met }) => met === false)) return false;
  return results.every(({ met }) => met === true) ? true : null;
}

/** What no number of requests will decide, such as a metric that the provider does not report. */
const isHopeless = ({ decided, interval }: ThresholdResult): boolean => decided === null && interval === null;

/**
 * Probes a level until it is decided, or was extended as often as it may be. `e2eNs` is how long answers take at a lower level, if that is known.
 * Null where `signal` ended it.
 */
export async function probeLevel(options: ProbeOptions, level: number, e2eNs: number | null): Promise<ProbeSummary | null> {
  const { slo, kind, confidence, extensions } = options;
  let knownE2eNs = e2eNs;
  for (let runs = 1; ; runs += 1) {
    const run = await runOnce(options, requestOf(options, { level, e2eNs: knownE2eNs, factor: EXTENSION ** (runs - 1) }));
    if (run === null) return null;
    const { flow, trend, group } = run;
    const { independentRequests } = flow;
    const results = slo.map((threshold) => evaluateThreshold(threshold, group, { confidence, independentRequests }));
    const decided = decide(results, run);
    if (decided !== null || runs > extensions || results.some(isHopeless)) {
      const met = decided ?? estimate(results);
      const load = kind === "rate" ? Number((flow.offeredPerSecond ?? level).toPrecision(LOAD_DIGITS)) : level;
      return { level, load, met, certain: decided !== null, trend, results, group, flow, runs, notes: notesOn(options, level, run) };
    }
    if (!isLongEnough(flow)) knownE2eNs = flow.meanE2eNs;
  }
}
