import { setMaxListeners } from "node:events";
import type { Clock, RequestRecord } from "@lens/core";
import type { Board } from "./board.ts";
import { openPurse } from "./budget.ts";
import { createPacer } from "./limits.ts";
import type { Shard } from "./plan.ts";
import type { ResolvedPlan } from "./resolve-plan.ts";
import type { PartSchedule, PlannedRequest } from "./schedule.ts";
import { noteSend } from "./send-log.ts";
import { type Ticket, ticketId } from "./ticket.ts";

/** What one thread needs for its part of a run. */
export interface PartOptions<P extends ResolvedPlan = ResolvedPlan> {
  readonly plan: P;
  /** Which part of the plan is this thread's: its shard's, divided by workers. */
  readonly part: Shard;
  /** Where on the board this thread counts. */
  readonly worker: number;
  readonly board: Board;
  readonly clock: Clock;
  /** The start of the run, from which all times of the plan count. */
  readonly startNs: bigint;
  readonly maxCostUsd: number | null;
  /** Where requests are noted before they are sent; null where they are not. */
  readonly sendLog: number | null;
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Waits until a closed loop's next request may begin; left out where all may at once. */
  readonly begin?: () => Promise<void> | undefined;
  /** Told of an open loop's next request while its time has not come. */
  readonly prepare?: (request: PlannedRequest) => void;
  /** How many turns each conversation has; left out where each request stands alone. */
  readonly turnsOf?: (conversation: number) => number;
  readonly onRecord: (record: RequestRecord) => void | Promise<void>;
  /** Nothing is sent after it. */
  readonly stopSignal: AbortSignal;
  /** Breaks off what is in flight. */
  readonly abortSignal: AbortSignal;
  /** Called when this part stops the run, so that the other threads' sleepers can be woken. */
  readonly onStop: () => void;
}

/** What became of a part. Can be sent to another thread. */
export interface PartResult {
  /** Whether something stopped the part before its end. */
  readonly stopped: boolean;
  /** Null for a closed loop. */
  readonly schedule: PartSchedule | null;
}

/** Whether a request may be sent, and whether a limit made it wait. Granted, what it may cost is set aside. */
export interface Admission {
  readonly granted: boolean;
  readonly waited: boolean;
}

/** Sends the requests of a part, under the limits and the budget that it shares with the others. */
export interface Dispatcher {
  /** Waits until a request may be sent to a target, as long as one is `wanted`. */
  admit(target: number, wanted: () => boolean): Promise<Admission>;
  /** Sends, and resolves with the record when it was taken. Never rejects: null where something failed that `check` tells. */
  deliver(request: Omit<Ticket, "id" | "signal">): Promise<RequestRecord | null>;
  /** Whether nothing may be sent any more. */
  stopped(): boolean;
  readonly stopSignal: AbortSignal;
  /** Whether `onRecord` asks to wait; resolves when it no longer does. */
  untilRecordsFlow(): Promise<void> | null;
  /** Throws what `send` or `onRecord` rejected with, if one did. */
  check(): void;
}

/** Creates the dispatcher of a part. What `send` or `onRecord` reject with stops the part and breaks off what is in flight. */
export function createDispatcher({
  plan,
  worker,
  board,
  clock,
  startNs,
  maxCostUsd,
  sendLog,
  send,
  onRecord,
  stopSignal,
  abortSignal,
  onStop,
}: PartOptions): Dispatcher {
  const pacer = createPacer(plan, board, clock);
  const purse = openPurse(maxCostUsd, board);
  const broken = new AbortController();
  const failures: unknown[] = [];
  const waiting = new Set<Promise<void>>();
  const stopping = AbortSignal.any([stopSignal, broken.signal]);
  const aborting = AbortSignal.any([abortSignal, broken.signal]);
  // All that waits or is in flight listens, and Node takes more than ten listeners for a leak.
  setMaxListeners(0, stopping, aborting);

  const stopped = (): boolean => stopping.aborted || board.stopped() !== null;

  async function take(record: RequestRecord): Promise<void> {
    const taken = onRecord(record);
    if (!(taken instanceof Promise)) return;
    waiting.add(taken);
    try {
      await taken;
    } finally {
      waiting.delete(taken);
    }
  }

  return {
    async admit(target, wanted) {
      const open = (): boolean => !stopped() && wanted();
      const waited = pacer !== null && (await pacer.admit(target, open, stopping));
      if (!open()) return { granted: false, waited };
      const granted = purse.reserve();
      if (!granted) {
        board.stop("budget");
        onStop();
      }
      return { granted, waited };
    },
    async deliver(request) {
      try {
        if (sendLog !== null) noteSend(sendLog, { ...request, atNs: Number(clock.nowNs() - startNs), atMs: clock.epochMs() });
        board.begin(worker, request.phase);
        const record = await send({ ...request, id: ticketId(request), signal: aborting }).finally(() => board.end(worker));
        pacer?.settle(request.target, record);
        await take(record);
        return record;
      } catch (error) {
        failures.push(error);
        broken.abort();
        return null;
      }
    },
    stopped,
    stopSignal: stopping,
    untilRecordsFlow: () =>
      waiting.size === 0
        ? null
        : Promise.all(waiting).then(
            () => undefined,
            () => undefined,
          ),
    check() {
      if (failures.length > 0) throw failures[0];
    },
  };
}
