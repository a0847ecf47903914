import { formatDuration, type RequestRecord } from "@lens/core";
import { ttftNs } from "./derive.ts";
import { toDistribution } from "./distribution.ts";
import { createHistogram } from "./histogram.ts";
import type { Distribution, InstrumentState, InstrumentSummary } from "./report.ts";

/** A request is tainted when its stamps may be late by more than this share of its TTFT. */
const TAINTED_SHARE_OF_TTFT = 0.01;
/** From how large a share of tainted requests on the client limits the figures. One request alone never does: a single pause is no verdict. */
const LIMITING_SHARE = 0.01;

/** Pools the lateness of all requests that were measured. */
export interface InstrumentTally {
  add(record: RequestRecord): void;
  summary(): InstrumentSummary;
}

function inWords(state: InstrumentState, lateness: Distribution, taintedShare: number | null): string {
  if (state === "unknown") return "instrument error unknown: nothing watched how late the stamps are";
  const bound = lateness.p99Ns === null ? `at most ${formatDuration(lateness.maxNs ?? 0)}` : `p99 ${formatDuration(lateness.p99Ns)}`;
  if (state === "fine") return `instrument error ${bound}: fine`;
  const share = ((taintedShare ?? 0) * 100).toFixed(1);
  return `client-limited: in ${share} % of requests a stamp may be late by over 1 % of their TTFT (${bound}); use fewer streams at once`;
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
      const firstTokenNs = ttftNs(record);
      if (firstTokenNs === null) return;
      compared += 1;
      if (record.latenessNs > firstTokenNs * TAINTED_SHARE_OF_TTFT) tainted += 1;
    },
    summary() {
      const distribution = toDistribution(lateness);
      const taintedShare = compared === 0 ? null : tainted / compared;
      const limited = tainted > 1 && taintedShare !== null && taintedShare > LIMITING_SHARE;
      const state: InstrumentState = distribution.count === 0 ? "unknown" : limited ? "client-limited" : "fine";
      return { lateness: distribution, taintedShare, state, verdict: inWords(state, distribution, taintedShare) };
    },
  };
}
