import type { PromptRequest, RetryPolicy, Timeouts } from "@lens/providers";

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
}

/** What workers are to send: plain data, since functions cannot be handed to a thread. */
export interface WorkerJob {
  readonly target: JobTarget;
  /** Taken in turn, by the index of the request. */
  readonly prompts: readonly Omit<PromptRequest, "model">[];
  /** Put before the id of each request. */
  readonly idPrefix?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly timeouts?: Partial<Timeouts>;
  /** None unless given. */
  readonly retry?: Omit<RetryPolicy, "random"> | null;
  /** The proxy for the target, as a URL; null, or left out, goes straight. */
  readonly proxy?: string | null;
  /** A certificate to trust besides those that Node brings, as PEM. */
  readonly ca?: string;
}
