import type { ErrorCode } from "@lens/core";
import type { WorkerJob } from "./job.ts";
import type { PartResult } from "./part.ts";
import type { Shard } from "./plan.ts";
import type { ResolvedPlan } from "./resolve-plan.ts";
import type { ThreadLoad } from "./result.ts";
import type { Moment } from "./worker-clock.ts";

/** What a worker is given when it is made. */
export interface WorkerOrder {
  readonly worker: number;
  readonly job: WorkerJob;
  readonly plan: ResolvedPlan;
  readonly part: Shard;
  /** The board's memory. */
  readonly memory: SharedArrayBuffer;
  readonly maxCostUsd: number | null;
  /** The process's file, which its threads share; null where requests are not noted. */
  readonly sendLog: number | null;
  /** Of the main thread, so that the wall times of all threads agree. */
  readonly moment: Moment;
}

/** What a worker is told. */
export type ToWorker =
  | { readonly type: "start"; readonly startNs: bigint }
  /** A batch of records was taken. */
  | { readonly type: "taken" }
  | { readonly type: "stop" }
  | { readonly type: "abort" };

/** What a worker tells. */
export type FromWorker =
  | { readonly type: "ready" }
  /** One record a line, as JSON: it costs both sides less than half of what a structured clone does. */
  | { readonly type: "records"; readonly lines: readonly string[] }
  /** The budget is used up. */
  | { readonly type: "stopped" }
  | { readonly type: "done"; readonly result: PartResult; readonly load: ThreadLoad }
  /** `code` is that of a misuse, which ends the run; null for a bug, which ends the worker. */
  | { readonly type: "failed"; readonly code: ErrorCode | null; readonly message: string };

/** A worker, as the main thread sees it. */
export interface WorkerHandle {
  post(message: ToWorker): void;
  /** To be called once. `onExit` is told why the worker ended, whatever ended it. */
  listen(onMessage: (message: FromWorker) => void, onExit: (reason: string) => void): void;
  /** Ends the worker at once; resolves when it has ended. */
  terminate(): Promise<void>;
}

/** The main thread, as a worker sees it. */
export interface WorkerPort {
  post(message: FromWorker): void;
  listen(onMessage: (message: ToWorker) => void): void;
}
