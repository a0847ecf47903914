import type { Clock } from "./clock.ts";
import { type LensError, toErrorInfo } from "./errors.ts";
import {
  ARRIVAL_KINDS,
  type ArrivalKind,
  type Attempt,
  type Outcome,
  type ReasoningForm,
  type ReplyInfo,
  type RequestPhase,
  type RequestRecord,
  type ServerTimings,
  type Target,
  type TokenUsage,
  type UsageSource,
  type WorkloadMark,
} from "./record.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Durations of a fresh connection's phases, in nanoseconds; null where a phase did not happen. */
export interface ConnectionPhases {
  readonly reused: boolean;
  readonly dnsNs: number | null;
  readonly connectNs: number | null;
  readonly tlsNs: number | null;
}

/** What a request is, before it is sent. */
export interface RecorderOptions {
  readonly clock: Clock;
  readonly target: Target;
  /** Unique within a run; a random UUID unless given. */
  readonly id?: string;
  readonly phase?: RequestPhase;
  readonly labels?: Readonly<Record<string, string>>;
  /** When the schedule wanted the request sent; leave out where there is no schedule. */
  readonly dueNs?: bigint;
  /** What a workload asked for. */
  readonly workload?: WorkloadMark;
}

/** One content arrival: what one network read completed. */
export interface Arrival {
  readonly kind: ArrivalKind;
  readonly events: number;
  readonly chars: number;
}

/** Keeps the marks of one request as they happen, and gives them back as a record. Instants are the clock's own `bigint`s. */
export interface Recorder {
  readonly startNs: bigint;
  /** Begins the next try; everything that follows belongs to it. */
  beginAttempt(atNs: bigint): void;
  connection(phases: ConnectionPhases): void;
  sent(atNs: bigint): void;
  headers(atNs: bigint, status: number): void;
  /** A read of the body, content or not. `latenessNs` bounds how late `atNs` is; null where nothing watched. */
  read(atNs: bigint, latenessNs: number | null): void;
  /** What a read completed. A call with the instant of the call before adds to the same arrival, since one instant is one read. */
  arrival(atNs: bigint, arrival: Arrival): void;
  reasoning(form: Exclude<ReasoningForm, "none">): void;
  /** Known fields replace what was known; null and missing ones do not. */
  usage(usage: Partial<TokenUsage>): void;
  server(timings: Partial<ServerTimings>): void;
  reply(reply: Partial<ReplyInfo>): void;
  failAttempt(error: LensError): void;
  /** How many content arrivals there were so far. */
  arrivalCount(): number;
  /** The record as of `atNs`. Call it once, last. */
  finish(atNs: bigint, outcome: Outcome): RequestRecord;
}

const EMPTY_USAGE: TokenUsage = {
  inputTokens: null,
  cacheReadTokens: null,
  cacheWriteTokens: null,
  outputTokens: null,
  reasoningTokens: null,
  raw: null,
};

const EMPTY_SERVER: ServerTimings = {
  queueMs: null,
  loadMs: null,
  promptMs: null,
  generationMs: null,
  totalMs: null,
  perTokenMs: null,
  ttftMs: null,
  processingMs: null,
};

const EMPTY_REPLY: ReplyInfo = { model: null, requestId: null, serviceTier: null, costUsd: null, rateLimit: {} };

const newAttempt = (startedNs: number): Mutable<Attempt> => ({
  startedNs,
  sentNs: null,
  reused: null,
  dnsNs: null,
  connectNs: null,
  tlsNs: null,
  headersNs: null,
  firstByteNs: null,
  status: null,
  error: null,
});

const moreVisible = (known: ArrivalKind | undefined, found: ArrivalKind): ArrivalKind =>
  known === undefined || ARRIVAL_KINDS.indexOf(found) < ARRIVAL_KINDS.indexOf(known) ? found : known;

/** Copies what is known in `patch` over `base`, or over `empty` where nothing was known before. Stays as it is when the patch knows nothing. */
function mergeKnown<T extends object, B extends T | null>(base: B, empty: T, patch: Partial<T>): T | B {
  let merged: T | null = null;
  for (const field in patch) {
    const value = patch[field];
    if (value === null || value === undefined) continue;
    merged ??= { ...(base ?? empty) };
    merged[field] = value;
  }
  return merged ?? base;
}

/** Starts the record of one request; its start is now. */
export function createRecorder(options: RecorderOptions): Recorder {
  const { clock, target, id = crypto.randomUUID(), phase = "measured", labels = {}, dueNs, workload } = options;
  const startNs = clock.nowNs();
  const startedAtMs = clock.epochMs();
  const queuedNs = dueNs === undefined ? null : Math.max(0, Number(startNs - dueNs));
  const attempts: Mutable<Attempt>[] = [];
  const atNs: number[] = [];
  const kind: ArrivalKind[] = [];
  const events: number[] = [];
  const chars: number[] = [];
  let attempt = newAttempt(0);
  let reasoningForm: ReasoningForm = "none";
  let usage: TokenUsage | null = null;
  let server: ServerTimings | null = null;
  let reply = EMPTY_REPLY;
  let latenessNs: number | null = null;

  const since = (instantNs: bigint): number => Number(instantNs - startNs);

  function usageSource(outcome: Outcome): UsageSource {
    if (usage === null || usage.outputTokens === null) return "none";
    return outcome.kind === "incomplete" || outcome.kind === "aborted" || outcome.kind === "error" ? "partial" : "reported";
  }

  return {
    startNs,
    beginAttempt(instantNs) {
      attempt = newAttempt(since(instantNs));
      attempts.push(attempt);
    },
    connection(phases) {
      Object.assign(attempt, phases);
    },
    sent(instantNs) {
      attempt.sentNs = since(instantNs);
    },
    headers(instantNs, status) {
      attempt.headersNs = since(instantNs);
      attempt.status = status;
    },
    read(instantNs, boundNs) {
      attempt.firstByteNs ??= since(instantNs);
      if (boundNs !== null && (latenessNs === null || boundNs > latenessNs)) latenessNs = boundNs;
    },
    arrival(instantNs, arrival) {
      const offsetNs = since(instantNs);
      const last = atNs.length - 1;
      if (atNs[last] === offsetNs) {
        kind[last] = moreVisible(kind[last], arrival.kind);
        events[last] = (events[last] ?? 0) + arrival.events;
        chars[last] = (chars[last] ?? 0) + arrival.chars;
        return;
      }
      atNs.push(offsetNs);
      kind.push(arrival.kind);
      events.push(arrival.events);
      chars.push(arrival.chars);
    },
    reasoning(form) {
      reasoningForm = form;
    },
    usage(patch) {
      usage = mergeKnown(usage, EMPTY_USAGE, patch);
    },
    server(patch) {
      server = mergeKnown(server, EMPTY_SERVER, patch);
    },
    reply(patch) {
      reply = mergeKnown(reply, EMPTY_REPLY, patch);
    },
    failAttempt(error) {
      attempt.error = toErrorInfo(error);
      if (error.status !== null) attempt.status ??= error.status;
    },
    arrivalCount: () => atNs.length,
    finish(instantNs, outcome) {
      return {
        schema: 1,
        id,
        target,
        phase,
        labels,
        startedAtMs,
        queuedNs,
        ...(workload === undefined ? {} : { workload }),
        attempts: attempts.length > 0 ? attempts : [attempt],
        arrivals: { atNs, kind, events, chars },
        reasoningForm,
        endNs: since(instantNs),
        usage,
        usageSource: usageSource(outcome),
        server,
        reply,
        outcome,
        latenessNs,
      };
    },
  };
}
