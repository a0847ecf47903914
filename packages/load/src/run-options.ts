import type { Clock, RequestRecord } from "@lens/core";
import type { Budget } from "./budget.ts";
import type { WorkerJob } from "./job.ts";
import type { LoadPlan } from "./plan.ts";
import type { LoadProgress } from "./result.ts";
import type { PlannedRequest } from "./schedule.ts";
import type { Ticket } from "./ticket.ts";

/** What every run needs. */
export interface RunLoadBase {
  readonly plan: LoadPlan;
  /** Takes each record as it ends. Sending waits for a promise, so a slow disk slows the run and does not fill the memory. */
  readonly onRecord: (record: RequestRecord) => void | Promise<void>;
  /** Awaited once all is ready to be sent, as for a start that several processes have in common. */
  readonly beforeStart?: () => Promise<void>;
  /** Called ten times a second. */
  readonly onProgress?: (progress: LoadProgress) => void;
  readonly budget?: Budget | null;
  /** A file, open for appending, in which each request is noted before it is sent (`parseSentNote`). Null, or left out: none. */
  readonly sendLog?: number | null;
  /** Stops the run: nothing further is sent, and what is in flight may end within `graceNs`. */
  readonly signal?: AbortSignal;
  /** Breaks off what is in flight, at once. */
  readonly abortSignal?: AbortSignal;
  /** 10 s unless given. */
  readonly graceNs?: number;
}

/** A run whose requests the calling thread sends. */
export interface RunLoadHere extends RunLoadBase {
  /** Sends one request. May reject for misuse or a bug only, which ends the run. */
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Told of an open loop's next request while its time has not come. */
  readonly prepare?: (request: PlannedRequest) => void;
  /** How many turns each conversation has; left out where each request stands alone. */
  readonly turnsOf?: (conversation: number) => number;
  readonly clock?: Clock;
}

/** A run whose sockets, decoding and recording live in worker threads. */
export interface RunLoadInWorkers extends RunLoadBase {
  readonly job: WorkerJob;
  /**
   * `auto`, or nothing, leaves it to `chooseWorkers`. More than there are requests at once are of no use, and not started. 0 sends from the
   * calling thread. Workers need the built package: from its sources, as in tests, only 0 works.
   */
  readonly workers?: number | "auto";
}

/** A run in the calling thread (`send`), or in worker threads (`job`). */
export type RunLoadOptions = RunLoadHere | RunLoadInWorkers;
