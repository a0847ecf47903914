import type { RequestPhase } from "@lens/core";
import type { TraceRow } from "@lens/workloads";

/** One request that is to be sent now. */
export interface Ticket {
  /** Counts from 0, warm-up included; unique over all workers and shards. */
  readonly index: number;
  /** Unique within the run and sortable: `r000000`. */
  readonly id: string;
  readonly phase: RequestPhase;
  /** Which of the run's targets to ask, from 0. */
  readonly target: number;
  /** Which request of that target in its phase it is, from 0: what chooses its prompt, so that all targets are asked the same. */
  readonly turn: number;
  /** What the trace that is repeated says of it; left out where there is none. */
  readonly row?: TraceRow;
  /** When the schedule wanted the request sent, to be handed on to its recorder; null in a closed loop. */
  readonly dueNs: bigint | null;
  /** Aborts when the run is broken off. */
  readonly signal: AbortSignal;
}

/** The name of a request by its place in the run. */
export const ticketId = (index: number): string => `r${String(index).padStart(6, "0")}`;
