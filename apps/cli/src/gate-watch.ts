import type { RequestRecord } from "@lens/core";
import { createGroup, type Group, lostThreshold, type PriceBook, type Slo } from "@lens/metrics";
import type { LoadPlan } from "@lens/load";
import type { Gates } from "./gates.ts";

/** Looks at the thresholds while requests are sent. */
export interface GateWatch {
  /** Takes in a request. */
  add(record: RequestRecord, origin: RequestOrigin): void;
  /** Aborts when a threshold can be given up. */
  readonly signal: AbortSignal;
  /** Why; null as long as none can. */
  reason(): string | null;
}

/** Whose request it is. */
export interface RequestOrigin {
  /** The label of its target, which at a level of a sweep is not that of its group. */
  readonly target: string;
  readonly plan: LoadPlan;
}

/** What a watch is made with. */
export interface GateWatchOptions {
  readonly gates: Gates;
  readonly priceBook: PriceBook | null;
  readonly slo: Slo | null;
}

/** How many more requests there are at the next look than at the last one: looking costs a millisecond or so. */
const NEXT_LOOK = 1.1;
/** All in one bin: nobody looks at the course of it. */
const ONE_BIN_NS = 24 * 3600e9;

interface Watched {
  readonly group: Group;
  measured: number;
  nextLook: number;
}

/** Watches the thresholds of a run: all requests of a label are one group. */
export function watchGates({ gates, priceBook, slo }: GateWatchOptions): GateWatch {
  const groups = new Map<string, Watched>();
  const controller = new AbortController();
  let reason: string | null = null;

  function watchedOf({ target }: RequestRecord): Watched {
    const known = groups.get(target.label);
    if (known !== undefined) return known;
    const group = createGroup({ target, priceBook, window: null, slo, binNs: ONE_BIN_NS });
    const watched = { group, measured: 0, nextLook: 1 };
    groups.set(target.label, watched);
    return watched;
  }

  function look({ group }: Watched, { target, plan: { requests: planned = null } }: RequestOrigin): void {
    const soFar = group.summary();
    for (const threshold of gates.watched(soFar, target)) {
      const lost = lostThreshold(threshold, soFar, { planned });
      if (lost === null) continue;
      reason = `${soFar.target.label}: ${lost}`;
      controller.abort();
      return;
    }
  }

  return {
    add(record, origin) {
      if (controller.signal.aborted || record.phase !== "measured") return;
      const watched = watchedOf(record);
      watched.group.add(record);
      watched.measured += 1;
      if (watched.measured < watched.nextLook) return;
      watched.nextLook = Math.ceil(watched.measured * NEXT_LOOK);
      look(watched, origin);
    },
    signal: controller.signal,
    reason: () => reason,
  };
}
