import type { RequestPhase } from "@lens/core";

/** One request that is to be sent now. */
export interface Ticket {
  /** Counts from 0, warm-up included; unique over all workers and shards. */
  readonly index: number;
  /** Unique within the run and sortable: `r000000`. */
  readonly id: string;
  readonly phase: RequestPhase;
  /** When the schedule wanted the request sent, to be handed on to its recorder; null in a closed loop. */
  readonly dueNs: bigint | null;
  /** Aborts when the run is broken off. */
  readonly signal: AbortSignal;
}

/** The name of a request by its place in the run. */
export const ticketId = (index: number): string => `r${String(index).padStart(6, "0")}`;
