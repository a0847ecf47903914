import type { RequestPhase } from "@lens/core";
import type { ConversationPlace, TraceRow } from "@lens/workloads";

/** One request that is to be sent now. */
export interface Ticket {
  /** Counts from 0, warm-up included; unique over all workers and shards, but for the turns of one conversation in an open loop. */
  readonly index: number;
  /** Unique within the run and sortable: `r000000`, and `r000000.1` for the second turn of a conversation. */
  readonly id: string;
  readonly phase: RequestPhase;
  /** Which of the run's targets to ask, from 0. */
  readonly target: number;
  /** Which request of that target in its phase it is, from 0: what chooses its prompt, so that all targets are asked the same. */
  readonly turn: number;
  /** What the trace that is repeated says of it; left out where there is none. */
  readonly row?: TraceRow;
  /** Which turn of which conversation it is; left out where each request stands alone. */
  readonly conversation?: ConversationPlace;
  /** When the schedule wanted the request sent, to be handed on to its recorder; null in a closed loop. */
  readonly dueNs: bigint | null;
  /** Aborts when the run is broken off. */
  readonly signal: AbortSignal;
}

/** The name of a request by its place in the run. */
export function ticketId({ index, conversation }: Pick<Ticket, "index" | "conversation">): string {
  const { turn } = conversation ?? { turn: 0 };
  return `r${String(index).padStart(6, "0")}${turn === 0 ? "" : `.${turn}`}`;
}
