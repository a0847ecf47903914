import { formatDuration, type RequestRecord } from "@lens/core";
import { ttftNs } from "./derive.ts";
import { type Distribution, toDistribution } from "./distribution.ts";
import { createHistogram, type Histogram } from "./histogram.ts";
import type { ResourceSummary } from "./load-summary.ts";
import type { InstrumentState, InstrumentSummary } from "./report.ts";

/** A request is tainted when its stamps may be late by more than this share of its TTFT. */
const TAINTED_SHARE_OF_TTFT = 0.01;
/** From how large a share of tainted requests on the client limits the figures. One request alone never does: a single pause is no verdict. */
const LIMITING_SHARE = 0.01;

/** What else the instrument says of itself. */
export interface InstrumentContext {
  /** Null where it was not watched. */
  readonly resources: ResourceSummary | null;
  /** Cores of the machine; null where that is not known. */
  readonly cores: number | null;
}

/** Pools the lateness of all requests that were measured. */
export interface InstrumentTally {
  add(record: RequestRecord): void;
  summary(context: InstrumentContext): InstrumentSummary;
}

/** Whether a request's stamps may be late by more than a hundredth of its TTFT; null where there is nothing to compare. */
export function isTainted(record: RequestRecord): boolean | null {
  const firstTokenNs = ttftNs(record);
  return record.latenessNs === null || firstTokenNs === null ? null : record.latenessNs > firstTokenNs * TAINTED_SHARE_OF_TTFT;
}

/** Whether so many tainted requests of so many spoil the figures. */
export function isClientLimited(tainted: number, compared: number): boolean {
  return tainted > 1 && tainted / compared > LIMITING_SHARE;
}

/** What helps: more threads as long as there are cores for them, and fewer streams in any case. */
function advice({ resources, cores }: InstrumentContext): string {
  const threads = resources?.threads ?? 0;
  return threads > 0 && cores !== null && threads < cores
    ? `use --workers ${Math.min(cores, threads * 2)} or fewer streams`
    : "use fewer streams at once";
}

function inWords(state: InstrumentState, { p99Ns, maxNs }: Distribution, taintedShare: number | null, context: InstrumentContext): string {
  if (state === "unknown") return "instrument error unknown: nothing watched how late the stamps are";
  const bound = formatDuration(p99Ns ?? maxNs ?? 0);
  if (state === "fine") return `instrument error ${p99Ns === null ? "at most" : "p99"} ${bound}: fine`;
  const share = ((taintedShare ?? 0) * 100).toFixed(1);
  return `client-limited: ${share} % of requests tainted, TTFT p99 is good to ±${bound}; ${advice(context)}`;
}

/** What is pooled of the requests. */
export interface InstrumentSamples {
  readonly lateness: Histogram;
  /** Requests whose lateness could be held against their TTFT, and those of them that were tainted. */
  readonly compared: number;
  readonly tainted: number;
}

/** What the pooled requests say of the instrument. */
export function summarizeInstrument({ lateness, compared, tainted }: InstrumentSamples, context: InstrumentContext): InstrumentSummary {
  const distribution = toDistribution(lateness);
  const taintedShare = compared === 0 ? null : tainted / compared;
  const state: InstrumentState = distribution.count === 0 ? "unknown" : isClientLimited(tainted, compared) ? "client-limited" : "fine";
  const verdict = inWords(state, distribution, taintedShare, context);
  return { lateness: distribution, taintedShare, compared, state, verdict, resources: context.resources };
}

/** Starts a pool without requests. */
export function createInstrumentTally(): InstrumentTally {
  const lateness = createHistogram();
  let compared = 0;
  let tainted = 0;
  return {
    add(record) {
      if (record.phase !== "measured" || record.latenessNs === null) return;
      lateness.record(record.latenessNs);
      const isLate = isTainted(record);
      if (isLate === null) return;
      compared += 1;
      if (isLate) tainted += 1;
    },
    summary: (context) => summarizeInstrument({ lateness, compared, tainted }, context),
  };
}
