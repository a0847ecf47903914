import type { Distribution } from "./distribution.ts";
import type { TimeWindow } from "./time-window.ts";

/** A level of load: requests in flight at once, or requests per second. */
export interface LoadLevel {
  readonly kind: "concurrency" | "rate";
  readonly value: number;
}

/** How well an open loop kept its schedule. Of measured requests. */
export interface ScheduleSummary {
  readonly sent: number;
  /** From the first due time to the last; null where none was sent. */
  readonly due: TimeWindow | null;
  /** From the first true start to the last. */
  readonly started: TimeWindow | null;
  /** The rate of the due times, from the first to the last; null for fewer than two, or where all were due at once. */
  readonly targetRatePerSecond: number | null;
  /** The rate of the true starts. */
  readonly deliveredRatePerSecond: number | null;
  /** True start minus due time, of requests that had to wait for nothing but the thread. */
  readonly sendLag: Distribution;
  /** Requests that waited because as many were in flight as may be, or stood in line behind one that did. */
  readonly waitedForSlot: number;
  /** Likewise for rate limits and what the server asked to wait. */
  readonly waitedForLimit: number;
  /** Likewise for what takes the records, being too slow. */
  readonly waitedForRecords: number;
}

/** A thread that sent requests and ended before its work did. */
export interface CrashSummary {
  /** Counted from 0. */
  readonly worker: number;
  readonly reason: string;
  /** Requests that it had sent and gave no record of. */
  readonly lost: number;
}

/** How the requests of a group were sent. */
export interface LoadSummary {
  /** What ended the sending: the planned number or time, the user, the budget, a line of a trace that could not be used, or a crash of every thread. */
  readonly stoppedBy: "requests" | "duration" | "signal" | "budget" | "trace" | "crash";
  /** Requests sent, warm-up and drain included. */
  readonly sent: number;
  /** Requests that were sent and gave no record, because their thread crashed. */
  readonly lost: number;
  /** Threads that sent; 0 where the main thread did. */
  readonly workers: number;
  readonly crashes: readonly CrashSummary[];
  /** Null in a closed loop, which has no schedule. */
  readonly schedule: ScheduleSummary | null;
}

/** What measuring cost the machine, over all threads that read sockets. */
export interface ResourceSummary {
  /** Threads that read sockets, at most at once. */
  readonly threads: number;
  /**
   * Share of the time, 0 to 1, in which an event loop was not waiting: over all, and in the busiest second of any thread.
   * Waiting precisely for a due time counts as busy.
   */
  readonly utilization: { readonly mean: number; readonly max: number };
  /** Garbage collection, in which a thread stood still. */
  readonly gc: { readonly count: number; readonly totalNs: number; readonly maxNs: number };
  readonly cpuNs: number;
  /** Whether `cpuNs` is of these threads, or of the whole process because this Node (before 23.9) cannot tell. */
  readonly cpuScope: "thread" | "process";
  /** Memory of the whole process. */
  readonly rss: { readonly startBytes: number; readonly maxBytes: number; readonly endBytes: number };
}

/** The levels of one target, swept over. */
export interface SweepSummary {
  /** The target's label, without a level. */
  readonly label: string;
  readonly kind: LoadLevel["kind"];
  /** The level up to which load costs little latency; null where there is none. */
  readonly knee: number | null;
  /** Whether levels were left out because most requests failed. */
  readonly endedEarly: boolean;
}

/** What a search came to at one level. */
export interface SearchProbe {
  readonly level: number;
  /** Null where the thresholds could not be judged. */
  readonly met: boolean | null;
  /** Whether intervals, or a queue that grew, decided that; where not, the figures themselves did. */
  readonly certain: boolean;
  /** Whether requests came faster than they went. */
  readonly growing: boolean;
  /** What each threshold's figure is and what it stands on, in words. */
  readonly reasons: readonly string[];
}

/** What a search for the highest load that meets its thresholds came to, for one target. */
export interface SearchSummary {
  /** The target's label, without a level. */
  readonly label: string;
  readonly kind: LoadLevel["kind"];
  /** As they were written. */
  readonly thresholds: readonly string[];
  /**
   * `found`: between its bounds. `not-found`: met even at the highest level. `not-met`: missed even at the lowest. `undecided`: they could not
   * be judged.
   */
  readonly status: "found" | "not-found" | "not-met" | "undecided" | "interrupted";
  /** The highest level at which they were met: the answer. Null where there is none. */
  readonly highestMet: number | null;
  /** The lowest level at which they were missed; null where there is none. */
  readonly lowestMissed: number | null;
  /** The answer in words. */
  readonly verdict: string;
  /** In the order in which they were made. */
  readonly probes: readonly SearchProbe[];
}
