import { setMaxListeners } from "node:events";
import { type Clock, LensError, type RequestPhase, type RequestRecord, systemClock } from "@lens/core";
import PQueue from "p-queue";

/** One request that is to be sent now. */
export interface Ticket {
  /** Counts from 0, warm-up included. */
  readonly index: number;
  /** Unique within the run and sortable: `r000000`. */
  readonly id: string;
  readonly phase: RequestPhase;
  /** Aborts when the run is broken off. */
  readonly signal: AbortSignal;
}

/** A closed loop: so many requests at once, a new one when one ends. It shows a server's pace, and hides queueing: no `response.*`. */
export interface ClosedLoopOptions {
  /** How many requests are in flight at once, from 1 up. */
  readonly concurrency: number;
  /** How many requests to measure; null means as many as fit in `durationNs`. */
  readonly requests: number | null;
  /** How long new requests are sent; those in flight then end in their own time. Null means until `requests` are sent. */
  readonly durationNs: number | null;
  /** Requests before the measured ones, which begin when these have all ended. */
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

/** What became of a run. */
export interface LoadResult {
  /** When the first measured request was due (see `Clock.epochMs`). */
  readonly startedAtMs: number;
  /** From there to the end of the last. */
  readonly durationNs: number;
  /** Requests sent, warm-up included. Each has given one record. */
  readonly sent: number;
  /** Whether `signal` stopped the run before it was over. */
  readonly interrupted: boolean;
}

function wholeFrom(least: number, value: number, name: string): void {
  if (!Number.isSafeInteger(value) || value < least)
    throw new LensError("INVALID_ARGUMENT", `Expected ${name} to be a whole number from ${least} up, got \`${value}\`.`);
}

function check({ concurrency, requests, durationNs, warmupRequests = 0, thinkTimeNs = 0 }: ClosedLoopOptions): void {
  wholeFrom(1, concurrency, "concurrency");
  wholeFrom(0, warmupRequests, "warmupRequests");
  wholeFrom(0, thinkTimeNs, "thinkTimeNs");
  if (requests !== null) wholeFrom(1, requests, "requests");
  if (durationNs !== null) wholeFrom(1, durationNs, "durationNs");
  if (requests === null && durationNs === null)
    throw new LensError("INVALID_ARGUMENT", "Expected a number of requests, a duration, or both; got neither.");
}

/** Runs a closed loop to its end. Rejects with `INVALID_ARGUMENT` for options that make no sense, and with what `send` or `onRecord` reject with. */
export async function runClosedLoop(options: ClosedLoopOptions): Promise<LoadResult> {
  check(options);
  const { concurrency, requests, durationNs, warmupRequests = 0, thinkTimeNs = 0, clock = systemClock, send, onRecord } = options;
  const inFlight = new AbortController();
  // Every request in flight listens, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, inFlight.signal);
  const stop = (): void => inFlight.abort();
  options.signal?.addEventListener("abort", stop, { once: true });
  if (options.signal?.aborted === true) stop();
  let sent = 0;

  async function runOne(phase: RequestPhase, isLast: () => boolean): Promise<void> {
    const index = sent;
    sent += 1;
    const record = await send({ index, id: `r${String(index).padStart(6, "0")}`, phase, signal: inFlight.signal });
    await onRecord(record);
    if (thinkTimeNs > 0 && !isLast()) await clock.sleepUntil(clock.nowNs() + BigInt(thinkTimeNs), inFlight.signal);
  }

  /** Sends until `limit` requests are sent or the time is up, and waits for the last answer. */
  async function runPhase(phase: RequestPhase, limit: number, untilNs: bigint | null): Promise<void> {
    const queue = new PQueue({ concurrency });
    const failures: unknown[] = [];
    let added = 0;
    const isOver = (): boolean =>
      failures.length > 0 || inFlight.signal.aborted || added >= limit || (untilNs !== null && clock.nowNs() >= untilNs);
    // Each request adds its successor before it leaves the queue, so that the queue is idle only when the phase is over.
    const addOne = (): void => {
      if (isOver()) return;
      added += 1;
      const work = queue.add(async () => {
        await runOne(phase, isOver);
        addOne();
      });
      work.catch((error: unknown) => {
        failures.push(error);
        stop();
      });
    };
    for (let slot = 0; slot < concurrency; slot += 1) addOne();
    await queue.onIdle();
    if (failures.length > 0) throw failures[0];
  }

  try {
    await runPhase("warmup", warmupRequests, null);
    const startNs = clock.nowNs();
    const startedAtMs = clock.epochMs();
    const untilNs = durationNs === null ? null : startNs + BigInt(durationNs);
    const before = sent;
    await runPhase("measured", requests ?? Number.POSITIVE_INFINITY, untilNs);
    const complete = requests !== null && sent - before >= requests;
    const timeUp = untilNs !== null && clock.nowNs() >= untilNs;
    return { startedAtMs, durationNs: Number(clock.nowNs() - startNs), sent, interrupted: inFlight.signal.aborted && !complete && !timeUp };
  } finally {
    options.signal?.removeEventListener("abort", stop);
  }
}
