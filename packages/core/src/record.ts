import type { ErrorInfo } from "./errors.ts";

/** What was measured. */
export interface Target {
  /** Adapter id, such as `openai`. */
  readonly provider: string;
  /** The model as it was asked for. */
  readonly model: string;
  /** The name of the group in reports; `provider:model` unless the user gave another. */
  readonly label: string;
  /** Scheme, host and port of the server, without path or credentials; null where no server was involved. */
  readonly origin: string | null;
}

/** Which part of a run a request belongs to. Figures are made of `measured` requests only. */
export type RequestPhase = "warmup" | "measured" | "drain";

/**
 * One try at a request. Every `…Ns` is a whole number of nanoseconds after the request's start;
 * phases (`dnsNs`, `connectNs`, `tlsNs`) are durations.
 */
export interface Attempt {
  /** When this try began: connection set-up included. */
  readonly startedNs: number;
  /** When the first byte of the request was handed to a connected socket; null when no connection came about. */
  readonly sentNs: number | null;
  /** Whether the connection had carried a request before; null when none came about. */
  readonly reused: boolean | null;
  /** Name look-up; null where the connection was reused or the host was an address. */
  readonly dnsNs: number | null;
  readonly connectNs: number | null;
  readonly tlsNs: number | null;
  /** When the response's headers were complete. */
  readonly headersNs: number | null;
  /** When the first byte of the response's body was read. */
  readonly firstByteNs: number | null;
  /** HTTP status; null when no response came. */
  readonly status: number | null;
  /** Why this try failed; null when it did not. */
  readonly error: ErrorInfo | null;
}

/** What a read brought. A read that brought several kinds counts as the most visible: text, then refusal, tool, reasoning. */
export type ArrivalKind = "text" | "refusal" | "tool" | "reasoning";

/**
 * Content arrivals, as parallel arrays: entry `i` is one network read that completed at least one event with content.
 * All that came in one read shares one time.
 */
export interface Arrivals {
  /** Nanoseconds after the request's start. */
  readonly atNs: readonly number[];
  readonly kind: readonly ArrivalKind[];
  /** How many events with content the read completed. */
  readonly events: readonly number[];
  /** How many UTF-16 code units of content it brought. */
  readonly chars: readonly number[];
}

/** How the model's reasoning showed itself in the stream: as it was thought, as a summary of it, or not at all. */
export type ReasoningForm = "full" | "summary" | "none";

/** Token counts in one meaning for all providers. Null where the provider does not say. */
export interface TokenUsage {
  /** All input tokens, cached ones included. */
  readonly inputTokens: number | null;
  /** The part of the input that was read from a cache. */
  readonly cacheReadTokens: number | null;
  /** The part of the input that was written to a cache. */
  readonly cacheWriteTokens: number | null;
  /** All output tokens that are billed, reasoning included. */
  readonly outputTokens: number | null;
  /** The part of the output that was reasoning. */
  readonly reasoningTokens: number | null;
  /** The provider's own object, untouched. */
  readonly raw: unknown;
}

/** `reported`: the provider's final count. `partial`: a count from before the stream broke off. `estimated`: ours, marked as such. */
export type UsageSource = "reported" | "partial" | "estimated" | "none";

/** What the server says of its own time; null where it does not say. */
export interface ServerTimings {
  readonly queueMs: number | null;
  /** Loading the model, where the server does that on demand. */
  readonly loadMs: number | null;
  /** Reading the prompt (prefill). */
  readonly promptMs: number | null;
  /** Writing the answer (decode). */
  readonly generationMs: number | null;
  readonly totalMs: number | null;
  /** The server's own time per output token. */
  readonly perTokenMs: number | null;
  /** The server's own time to first token. */
  readonly ttftMs: number | null;
  /** The processing time that response headers state (`openai-processing-ms`, `server-timing`): sent before the answer ends, so no total. */
  readonly processingMs: number | null;
}

/** What the response said of itself; null where it did not. */
export interface ReplyInfo {
  /** The model that answered, which may be another than was asked for. */
  readonly model: string | null;
  /** The provider's id of the request, for its support desk. */
  readonly requestId: string | null;
  /** The service tier that was really used. */
  readonly serviceTier: string | null;
  /** What the provider says the request cost, in USD. */
  readonly costUsd: number | null;
  /** Rate-limit headers as they came, lower-case names. */
  readonly rateLimit: Readonly<Record<string, string>>;
}

/**
 * How a request ended. `ok`: finished by itself. `truncated`: a length limit. `filtered`: prompt or answer was blocked.
 * `refused`: the model declined. `error`: failed, before or in the stream. `incomplete`: the stream was cut or never finished. `aborted`: by us.
 */
export type OutcomeKind = "ok" | "truncated" | "filtered" | "refused" | "error" | "incomplete" | "aborted";

/** How a request ended, and why. */
export interface Outcome {
  readonly kind: OutcomeKind;
  /** The provider's own word for the end, such as `stop` or `max_tokens`; null when it gave none. */
  readonly finishReason: string | null;
  /** Null unless the kind is `error`, `incomplete` or `aborted`. */
  readonly error: ErrorInfo | null;
}

/** What a workload asked for with one request. Null where the workload does not say. */
export interface WorkloadMark {
  /** Which entry of the workload was asked: the line of a file, the place in a trace. */
  readonly entry: number | null;
  /** Length of the prompt that was wanted. */
  readonly askedInputTokens: number | null;
  /** Length of the prompt that was made, as it was counted before it was sent: of its text, without what a chat template puts round it. */
  readonly sentInputTokens: number | null;
  /** What `sentInputTokens` was counted by. */
  readonly countedBy: "gpt" | "estimate" | null;
  /** The limit that was sent for the length that the answer was wanted to have. */
  readonly askedOutputTokens: number | null;
  /** How much of the prompt other requests begin with, too. */
  readonly sharedPrefixTokens: number | null;
  /** The conversation that the request belongs to. */
  readonly conversation: string | null;
  /** Which turn of its conversation the request is, from 0. */
  readonly turn: number | null;
}

/**
 * All that is known of one request: raw marks, no metrics, plain JSON. Every `…Ns` is a whole number of nanoseconds
 * after the request's actual start.
 */
export interface RequestRecord {
  readonly schema: 1;
  readonly id: string;
  readonly target: Target;
  readonly phase: RequestPhase;
  readonly labels: Readonly<Record<string, string>>;
  /** Wall time of the start in milliseconds (see `Clock.epochMs`): differences within one run are true. */
  readonly startedAtMs: number;
  /** Intended start to actual start; null where there was no schedule, as in a closed loop. */
  readonly queuedNs: number | null;
  /** Left out where no workload asked for anything in particular. */
  readonly workload?: WorkloadMark;
  /** At least one; the last is the one whose answer was read. */
  readonly attempts: readonly Attempt[];
  readonly arrivals: Arrivals;
  readonly reasoningForm: ReasoningForm;
  readonly endNs: number;
  readonly usage: TokenUsage | null;
  readonly usageSource: UsageSource;
  readonly server: ServerTimings | null;
  readonly reply: ReplyInfo;
  readonly outcome: Outcome;
  /** Upper bound on how late any stamp of this request may be; null where it was not observed. */
  readonly latenessNs: number | null;
}

/** The kinds of outcome, in the order in which reports list them. */
export const OUTCOME_KINDS = [
  "ok",
  "truncated",
  "filtered",
  "refused",
  "error",
  "incomplete",
  "aborted",
] as const satisfies readonly OutcomeKind[];

/** The kinds of arrival, the most visible first. */
export const ARRIVAL_KINDS = ["text", "refusal", "tool", "reasoning"] as const satisfies readonly ArrivalKind[];
