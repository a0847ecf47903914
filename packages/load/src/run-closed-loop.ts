import type { Clock, RequestRecord } from "@lens/core";
import type { LoadResult } from "./result.ts";
import { runLoad } from "./run-load.ts";
import type { Ticket } from "./ticket.ts";

/** A closed loop: so many requests at once, a new one when one ends. It shows a server's pace, and hides queueing: no `response.*`. */
export interface ClosedLoopOptions {
  /** How many requests are in flight at once, from 1 up. */
  readonly concurrency: number;
  /** How many requests to measure; null means as many as fit in `durationNs`. */
  readonly requests: number | null;
  /** How long new requests are sent; those in flight then end in their own time. Null means until `requests` are sent. */
  readonly durationNs: number | null;
  /** Requests before the measured ones. None unless given. */
  readonly warmupRequests?: number;
  /** Pause of each slot after an answer. */
  readonly thinkTimeNs?: number;
  readonly clock?: Clock;
  /** Stops the run: nothing further is sent, and the tickets' signals abort. */
  readonly signal?: AbortSignal;
  /** Sends one request. May reject for misuse or a bug only, which ends the run. */
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Takes each record as it ends. The slot waits for a promise, so a slow disk slows the loop and does not fill the memory. */
  readonly onRecord: (record: RequestRecord) => void | Promise<void>;
}

/** The short form of `runLoad` for a closed loop in the calling thread. Rejects as that does. */
export function runClosedLoop(options: ClosedLoopOptions): Promise<LoadResult> {
  const { concurrency, requests, durationNs, warmupRequests = 0, thinkTimeNs = 0, clock, signal, send, onRecord } = options;
  return runLoad({
    plan: { load: { mode: "closed", concurrency, thinkTimeNs }, requests, durationNs, warmup: { requests: warmupRequests } },
    send,
    onRecord,
    ...(clock === undefined ? {} : { clock }),
    ...(signal === undefined ? {} : { signal, abortSignal: signal }),
  });
}
