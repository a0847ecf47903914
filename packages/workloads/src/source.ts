import type { RequestPhase, RequestRecord, WorkloadMark } from "@lens/core";
import type { Prompt } from "./spec.ts";
import type { TraceRow } from "./trace.ts";

/** Which request a prompt is wanted for. */
export interface Asked {
  /** Place in the run, unique over all workers and shards. */
  readonly index: number;
  readonly phase: RequestPhase;
  /** Which of the load's targets is asked, from 0. */
  readonly target: number;
  /** Which request of that target in its phase it is, from 0: what chooses the prompt, so that all targets are asked the same. */
  readonly turn: number;
  /** What the trace that the load repeats says of the request; left out where there is none. */
  readonly row?: TraceRow;
  /** Which turn of which conversation is wanted; left out where each request stands alone. */
  readonly conversation?: ConversationPlace;
}

/** A turn of a conversation. */
export interface ConversationPlace {
  /** Counts conversations with a target, from 0: what chooses what is said, so that all targets are told the same. */
  readonly number: number;
  /** Counts from 0. */
  readonly turn: number;
}

/** A prompt that is ready to be sent. */
export interface PreparedPrompt {
  readonly prompt: Prompt;
  /** What its record says of it; null where there is nothing to say. */
  readonly mark: WorkloadMark | null;
}

/** How a request ended. */
export interface Reply {
  readonly record: RequestRecord;
  /** The visible text of the answer, as far as it came. */
  readonly text: string;
}

/** Gives the prompts of a workload. What it gives depends on the seed, the scope and what is asked alone, so that any number of threads and shards send the same. */
export interface PromptSource {
  /** Rejects with a `LensError` where the prompt cannot be made, as when a file has changed. */
  next(asked: Asked): PreparedPrompt | Promise<PreparedPrompt>;
  /** Told how each request ended. A source that does not want to know leaves it out, and no text is gathered. */
  learn?(asked: Asked, reply: Reply): void;
  /** How many turns a conversation has; left out where each request stands alone. */
  turnsOf?(conversation: number): number;
  /** How many entries were left out because they are broken; left out where that cannot be. */
  readonly skipped?: number;
  /** As long a prompt as may come, with as high a limit on its answer, for those who reckon what it costs; left out where that is not known. */
  readonly longest?: Prompt;
  close(): Promise<void>;
}

/** What a source draws its chances from. */
export interface SourceContext {
  readonly seed: number;
  /** Tells the loads of one run apart, such as its targets and levels: marks that are to be unique differ between scopes. Empty unless given. */
  readonly scope?: string;
}
