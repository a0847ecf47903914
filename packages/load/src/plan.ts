import type { TraceSpec } from "@lens/workloads";
import type { Resumption } from "./resume.ts";

/** A stretch of a run, counted in requests sent, to each target, or in time. */
export type Span = { readonly requests: number } | { readonly durationNs: number };

/** A stage of a run: the level (concurrency, or requests per second) goes in a straight line from where it was to `to`. */
export interface Stage {
  readonly durationNs: number;
  readonly to: number;
}

/**
 * So many requests in flight at once, to all targets together, a new one when one ends. It shows a server's pace and hides queueing: no `response.*`.
 * A slow target keeps more of the slots than a quick one, but gets no fewer requests.
 */
export interface ClosedLoad {
  readonly mode: "closed";
  /** Requests in flight at once; where there are stages, at their beginning, and then it may be 0. */
  readonly concurrency: number;
  /** Pause of each slot after an answer, the next turn of a conversation included; none unless given. */
  readonly thinkTimeNs?: number;
  /** How the concurrency changes, from the start of the run, its warm-up included; the last level stays. */
  readonly stages?: readonly Stage[];
}

/** Requests become due at a pace of their own, whatever becomes of those before: of several targets each sees its part of the rate. */
export interface OpenLoad {
  readonly mode: "open";
  readonly arrivals: Arrivals;
  /** A request that would be one more waits in line, and keeps its due time. Null, or left out: no limit. */
  readonly maxInFlight?: number | null;
  /** Pause between an answer and the next turn of its conversation, where arrivals are those of conversations; none unless given. */
  readonly thinkTimeNs?: number;
}

/** When requests become due. */
export type Arrivals =
  | {
      /** `constant`: evenly spaced. `poisson`: independent of one another, as many users are. */
      readonly process: "constant" | "poisson";
      /** Where there are stages, at their beginning, and then it may be 0. */
      readonly ratePerSecond: number;
      /** How the rate changes, from the start of the run, its warm-up included; the last one stays. */
      readonly stages?: readonly Stage[];
    }
  | {
      /** Gaps from a gamma distribution. */
      readonly process: "gamma";
      readonly ratePerSecond: number;
      /** The distribution's shape: 1 is Poisson, less comes in bursts, more is more even (the meaning that vLLM gives the word). */
      readonly burstiness: number;
      readonly stages?: readonly Stage[];
    }
  | {
      /** As they are given, such as those of recorded traffic. */
      readonly process: "timestamps";
      /** Whole nanoseconds after the start of the run, in ascending order. */
      readonly atNs: readonly number[];
    }
  | {
      /** As recorded traffic came, the first request at the start of the run. Each thread reads the file for itself while the run goes on. */
      readonly process: "trace";
      readonly trace: TraceSpec;
    };

/**
 * What a hosted API allows: of several targets, each. Requests that would exceed it wait; in an open loop their wait is part of `queuedNs`,
 * and those due after them wait behind them, whomever they ask.
 */
export interface RateLimits {
  readonly requestsPerMinute?: number | null;
  /** Input and output tokens together. */
  readonly tokensPerMinute?: number | null;
  /** What one request is expected to use, prompt and answer: reserved as it is sent, and put right by the usage that its answer reports. */
  readonly tokensPerRequest?: number;
}

/** One part of a run that several processes share: part `index` (from 0) of `of`. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/**
 * What a run is to send, and when: plain JSON, so that it can be sent to a worker, stored in a manifest, and repeated. A run is its warm-up, its
 * measured part and its drain, without a pause between them; which of them a request belongs to is decided as it is sent, never by how it ended.
 */
export interface LoadPlan {
  readonly load: ClosedLoad | OpenLoad;
  /** Measured requests, to each target. */
  readonly requests?: number | null;
  /** How long measured requests are sent; those in flight then end in their own time. With `requests`, whichever is reached first. */
  readonly durationNs?: number | null;
  /**
   * Sent before the measured part and in no figure. Unless given, a closed loop without stages warms up with one request for each slot,
   * so that the first wave, which opens all connections in one moment and finds cold code, is no part of the figures.
   * Null: none. Where only stages say how long the run is, the warm-up is a duration and is cut from their beginning.
   */
  readonly warmup?: Span | null;
  /** Sent after the measured part, so that its last requests end under full load, and in no figure. None unless given. Cut from the stages as the warm-up is. */
  readonly drain?: Span | null;
  readonly limits?: RateLimits | null;
  /** What a 429 or 503 asks for by Retry-After, the whole run waits, whichever target asked, for a minute at most. False unless given. */
  readonly respectRetryAfter?: boolean;
  /** The same plan and seed give the same due times and the same order of targets on every machine. 1 unless given. */
  readonly seed?: number;
  /** All of it unless given. */
  readonly shard?: Shard;
  /**
   * How many targets are asked, in balanced random order, so that whatever changes during the run changes for all of them alike. 1 unless
   * given. All the run's slots and due times are shared out among them, request by request; requests are counted, and limits hold, for each.
   */
  readonly targets?: number;
  /** How many requests in a row go to one target before the next one's turn; 1 unless given. */
  readonly block?: number;
  /** Where the run goes on, if a part of it was sent before. For one target and one shard only; null, or left out: at its beginning. */
  readonly resume?: Resumption | null;
}
