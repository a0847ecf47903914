import type { ErrorCode, OutcomeKind, Target, UsageSource } from "@lens/core";
import type { Distribution, RateDistribution, TokenDistribution } from "./distribution.ts";
import type { DriftSummary } from "./drift.ts";
import type { Interval } from "./interval.ts";
import type { LoadLevel, LoadSummary, ResourceSummary, SearchSummary, SweepSummary } from "./load-summary.ts";
import type { SeriesSummary } from "./series.ts";
import type { Slo } from "./slo.ts";
import type { ThresholdOutcome } from "./threshold-outcome.ts";
import type { TimeWindow } from "./time-window.ts";
import type { TurnSummary } from "./turn-summary.ts";
import type { CacheSummary, WorkloadSummary } from "./workload-summary.ts";

/** What a metric is, in one sentence, and its unit. */
export interface Definition {
  readonly definition: string;
  readonly unit: "ns" | "per second" | "tokens" | "USD" | "requests";
}

/** What decided when requests were sent. `unknown` for records of which that is not known. */
export type RunMode = "single" | "closed" | "open" | "unknown";

/** The machine that measured. */
export interface Machine {
  readonly platform: string;
  readonly arch: string;
  readonly cpu: string;
  readonly cores: number;
}

/** Which of the processes that shared a run a report is of. */
export interface ShardSet {
  /** How many processes there were. */
  readonly of: number;
  /** Counted from 1, as `--shard 2/8` counts them, in ascending order. */
  readonly numbers: readonly number[];
}

/** All that is needed to understand and to repeat a run. The caller gives it; it never holds a key or a prompt. */
export interface RunManifest {
  /** Wall time of the start. */
  readonly startedAtMs: number;
  readonly durationNs: number;
  readonly mode: RunMode;
  /** The command line, without secrets; null where there was none. */
  readonly command: string | null;
  /** Null where nothing was random. */
  readonly seed: number | null;
  /** The options in force, without secrets. */
  readonly options: Readonly<Record<string, string | number | boolean | null>>;
  /** Version by name, such as `node` and `lens`. */
  readonly versions: Readonly<Record<string, string>>;
  /** Null where it is not known, as for saved records. */
  readonly machine: Machine | null;
  /** Whether the run was stopped before its end. */
  readonly interrupted: boolean;
  /** Null where one process sent it all. */
  readonly shards: ShardSet | null;
}

/** What must be known of a run to report on it; all else is unknown unless given. */
export type KnownRun = Pick<RunManifest, "startedAtMs" | "durationNs"> & Partial<RunManifest>;

/** Requests that were sent but are in no figure. */
export interface Excluded {
  readonly warmup: number;
  readonly drain: number;
}

/** Tries of requests; they differ from the requests only where there were retries. */
export interface AttemptCounts {
  readonly total: number;
  /** Requests that were tried more than once. */
  readonly retriedRequests: number;
}

/** How the last attempts of the measured requests came by a connection. */
export interface ConnectionCounts {
  readonly fresh: number;
  readonly reused: number;
}

/** Phases of fresh connections. */
export interface PhaseSummary {
  readonly dns: Distribution;
  readonly connect: Distribution;
  readonly tls: Distribution;
}

/** The measures counted from when the schedule wanted the request sent: what a user felt, queueing and retries included. */
export interface ResponseSummary {
  readonly ttft: Distribution;
  readonly ttfo: Distribution;
  readonly e2e: Distribution;
}

/** What the target and the client achieved together. */
export interface ThroughputSummary {
  /** From the first start to the last start of measured requests, or as given; several where reports of separate times were merged. */
  readonly windows: readonly TimeWindow[];
  /** Their length together; null where no answer ended in them, as when all were sent at once. */
  readonly windowNs: number | null;
  /** Answered requests (`ok` or `truncated`) that ended in the window, per second of it; null without a window. */
  readonly requestsPerSecond: number | null;
  /** Their output tokens per second of the window; null where the usage of any of them is not known. */
  readonly systemTokensPerSecond: number | null;
}

/** How many requests were as good as asked for. Failed requests count as not met. */
export interface GoodputSummary {
  readonly slo: Slo;
  /** Requests that met every SLO. */
  readonly met: number;
  /** Requests of which it is known whether they did; the others lack a figure that has a limit, as TPOT without usage. */
  readonly judged: number;
  /** `met / judged`; null where none could be judged. */
  readonly share: number | null;
  /** Of the share, at 95 % confidence (Clopper and Pearson). */
  readonly interval: Interval;
  /** Requests that met every SLO and ended in the window of `throughput`, per second of it; null without a window, or where none could be judged. */
  readonly ratePerSecond: number | null;
}

/** Sums of the usage of all measured requests, as far as it is known. Null where no request says. */
export interface TokenSummary {
  readonly input: number | null;
  readonly cacheRead: number | null;
  readonly cacheWrite: number | null;
  readonly output: number | null;
  readonly reasoning: number | null;
  /** The same counts, request by request, of those that say. */
  readonly inputPerRequest: TokenDistribution;
  readonly outputPerRequest: TokenDistribution;
  /** Where the counts come from, in requests. */
  readonly sources: Readonly<Record<UsageSource, number>>;
  /** Streamed tokens per content arrival over all answered requests with reported usage; null without any. */
  readonly perChunk: number | null;
  /** The tokens and the content arrivals that `perChunk` is of. */
  readonly streamed: number;
  readonly chunks: number;
  /** Requests that read a part of their prompt from a cache, which shortens their TTFT. */
  readonly cachedRequests: number;
}

/** Which price was used. */
export interface PriceReference {
  /** The model id that matched in the price data. */
  readonly modelId: string;
  readonly source: string;
  /** The date for which the price was read, such as `2026-11-23`. */
  readonly asOf: string;
}

/** Where money went, in USD. */
export interface CostByKind {
  /** Input that was not read from a cache; writing to a cache is part of it. */
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  /** The part of the output that is reasoning; null where no request reports its tokens. */
  readonly reasoning: number | null;
}

/** Money, in USD. Null where no request could be priced: never 0 for unknown. */
export interface CostSummary {
  /** Sum over the priced requests. */
  readonly total: number | null;
  readonly perRequest: number | null;
  readonly per1000Requests: number | null;
  /** The total over the output tokens of the priced requests; null without tokens. */
  readonly perMillionOutputTokens: number | null;
  /** The parts of the total; null without one. */
  readonly byKind: CostByKind | null;
  /** Of the priced requests. */
  readonly outputTokens: number;
  /** What the provider itself says that the requests cost. */
  readonly reported: number | null;
  /** Of how many requests it says so. */
  readonly reportedRequests: number;
  readonly priced: number;
  readonly unpriced: number;
  /** The price of the first priced request. */
  readonly price: PriceReference | null;
}

/** What the server says of its own times, beside the client's view. */
export interface ServerSummary {
  readonly queue: Distribution;
  readonly load: Distribution;
  readonly prompt: Distribution;
  readonly generation: Distribution;
  readonly total: Distribution;
  readonly perToken: Distribution;
  readonly ttft: Distribution;
  /** What response headers state (`openai-processing-ms`, `server-timing`): sent before the answer ends, so no total. */
  readonly processing: Distribution;
}

/**
 * The figures of one target. Latencies are of measured requests that were answered (`ok` or `truncated`); every other outcome is
 * counted in `outcomes` and `errors`. The definition of each metric stands in `Report.definitions`.
 */
export interface GroupSummary {
  readonly target: Target;
  /** The level of a sweep or search that this group is; null where there was one level only. */
  readonly level: LoadLevel | null;
  /** Measured requests, failed ones included: the sum of `outcomes`. */
  readonly requests: number;
  readonly excluded: Excluded;
  readonly outcomes: Readonly<Record<OutcomeKind, number>>;
  /** How often each error code ended a request; codes that did not occur are absent. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly attempts: AttemptCounts;
  readonly connections: ConnectionCounts;
  readonly phases: PhaseSummary;
  readonly ttfb: Distribution;
  readonly ttft: Distribution;
  readonly ttfo: Distribution;
  readonly chunkGap: Distribution;
  /** How many requests `chunkGap` is of: what its samples are worth as independent ones. */
  readonly requestsWithGaps: number;
  /** The chunk gaps, where a chunk is a token; null where chunks carry several tokens or that is not known. */
  readonly itl: Distribution | null;
  readonly tpot: Distribution;
  readonly e2e: Distribution;
  /** Null where there was no schedule (closed loop). */
  readonly response: ResponseSummary | null;
  readonly outputTokensPerSecond: RateDistribution;
  readonly effectiveTokensPerSecond: RateDistribution;
  readonly throughput: ThroughputSummary;
  /** Null without SLOs. */
  readonly goodput: GoodputSummary | null;
  readonly tokens: TokenSummary;
  /** Null where no request says what was asked for. */
  readonly workload: WorkloadSummary | null;
  /** Null where no usage says what was read from a cache. */
  readonly cache: CacheSummary | null;
  /** One a turn of conversations, in their order; null where there were none. */
  readonly turns: readonly TurnSummary[] | null;
  readonly costUsd: CostSummary;
  /** Null where the server said nothing. */
  readonly server: ServerSummary | null;
  /** How often each model answered, by the name that the response gave. */
  readonly models: Readonly<Record<string, number>>;
  /** Rate-limit headers of the latest answer that had any, as they came. */
  readonly rateLimits: Readonly<Record<string, string>>;
  /** Null where no load engine sent the requests, or it is not known, as for saved records. */
  readonly load: LoadSummary | null;
  /** The group's run over time; null where there were no measured requests. */
  readonly series: SeriesSummary | null;
  /** What changed during the run; null without a series. */
  readonly drift: DriftSummary | null;
}

/** Whether the measuring side spoilt the figures. `unknown` where nothing watched the stamps. */
export type InstrumentState = "fine" | "client-limited" | "unknown";

/** The instrument's own error over all measured requests. */
export interface InstrumentSummary {
  /** Upper bound on how late the latest stamp of a request may be; one sample a request. */
  readonly lateness: Distribution;
  /** Share (0 to 1) of requests with a first token whose lateness exceeds 1 % of their TTFT; null where none was watched. */
  readonly taintedShare: number | null;
  /** How many requests that share is of. */
  readonly compared: number;
  readonly state: InstrumentState;
  /** The state in words, with its figures. */
  readonly verdict: string;
  /** Null where it was not watched. */
  readonly resources: ResourceSummary | null;
}

/** All figures of a run: plain JSON, mergeable, and all that an exporter sees. */
export interface Report {
  readonly schema: 1;
  readonly tool: { readonly name: string; readonly version: string };
  readonly run: RunManifest;
  /** The definition of every metric in this report, by its name. */
  readonly definitions: Readonly<Record<string, Definition>>;
  /** One a target, or one a level of each target, in the order in which they first occurred. */
  readonly groups: readonly GroupSummary[];
  /** One a target whose levels were swept over. */
  readonly sweeps: readonly SweepSummary[];
  /** One a target whose highest load was searched for. */
  readonly searches: readonly SearchSummary[];
  /** What became of the thresholds that the run was held against: one for each in each group. */
  readonly thresholds: readonly ThresholdOutcome[];
  readonly instrument: InstrumentSummary;
  /** What a reader should know before trusting a figure, in sentences. */
  readonly notes: readonly string[];
}
