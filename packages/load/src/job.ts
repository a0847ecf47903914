import { LensError } from "@lens/core";
import { findAdapter, type PromptRequest, type RetryPolicy, type Timeouts } from "@lens/providers";
import type { WorkloadSpec } from "@lens/workloads";
import type { ResolvedPlan } from "./resolve-plan.ts";

/** Whom workers ask. Plain data: it holds the key, so keep it out of manifests. */
export interface JobTarget {
  /** Id of an adapter in the registry of `@lens/providers`. */
  readonly adapter: string;
  /** The provider's name in records; the adapter's id unless given. */
  readonly provider?: string;
  readonly model: string;
  /** The name of the target in reports; `provider:model` unless given. */
  readonly label?: string;
  readonly baseUrl?: string;
  readonly apiKey: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  /** The proxy on the way to it, as a URL; null, or left out, goes straight. */
  readonly proxy?: string | null;
}

/** What workers are to send: plain data, since functions cannot be handed to a thread. */
export interface WorkerJob {
  /** One, or as many as the plan says: each has connections of its own. */
  readonly target: JobTarget | readonly JobTarget[];
  /** Taken in turn: the n-th request of each target in a phase asks the n-th. Short for a workload of these prompts. */
  readonly prompts?: readonly Omit<PromptRequest, "model">[];
  /** What is asked; either this or `prompts`. Its seed is that of the plan. */
  readonly workload?: WorkloadSpec;
  /** Put before the id of each request. */
  readonly idPrefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly timeouts?: Partial<Timeouts>;
  /** None unless given. */
  readonly retry?: Omit<RetryPolicy, "random"> | null;
  /** A certificate to trust besides those that Node brings, as PEM. */
  readonly ca?: string;
}

/** The targets of a job, however many. */
export const targetsOf = ({ target }: WorkerJob): readonly JobTarget[] => [target].flat();

/** What a checked job asks. */
export const workloadOf = ({ workload, prompts = [] }: WorkerJob): WorkloadSpec => workload ?? { kind: "prompts", prompts };

/** Throws `INVALID_ARGUMENT` for a job that does not fit its plan, and `UNKNOWN_PROVIDER`. */
export function checkJob(job: WorkerJob, { targets }: ResolvedPlan): void {
  const found = targetsOf(job);
  if (found.length !== targets)
    throw new LensError("INVALID_ARGUMENT", `Expected a job with as many targets as its plan says, ${targets}, got ${found.length}.`);
  if ((job.prompts === undefined) === (job.workload === undefined)) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a job with either prompts or a workload, got ${job.prompts === undefined ? "neither" : "both"}.`,
    );
  }
  if (job.prompts?.length === 0) throw new LensError("INVALID_ARGUMENT", "Expected a job with at least one prompt, got none.");
  for (const { adapter } of found) findAdapter(adapter);
}
