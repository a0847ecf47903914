import { type ErrorCode, type ErrorInfo, LensError } from "./errors.ts";
import {
  ARRIVAL_KINDS,
  type Attempt,
  OUTCOME_KINDS,
  type Outcome,
  type ReplyInfo,
  type RequestRecord,
  type ServerTimings,
  type TokenUsage,
  type WorkloadMark,
} from "./record.ts";

type Fields = Readonly<Record<string, unknown>>;

function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? `\`${String(value).slice(0, 40)}\``
    : "an object";
}

function fail(path: string, expected: string, value: unknown): never {
  throw new LensError("INVALID_RECORD", `Expected \`${path}\` of the record to be ${expected}, got ${shown(value)}.`);
}

function object(value: unknown, path: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return fail(path, "an object", value);
  return value as Fields;
}

function list(value: unknown, path: string): readonly unknown[] {
  return Array.isArray(value) ? value : fail(path, "an array", value);
}

function text(value: unknown, path: string): string {
  return typeof value === "string" ? value : fail(path, "a string", value);
}

function finite(value: unknown, path: string): number {
  return typeof value === "number" && Number.isFinite(value) ? value : fail(path, "a finite number", value);
}

function whole(value: unknown, path: string, unit: string): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : fail(path, `a whole number${unit}, 0 or more`, value);
}

const wholeNs = (value: unknown, path: string): number => whole(value, path, " of nanoseconds");
const wholeCount = (value: unknown, path: string): number => whole(value, path, "");

function oneOf<T extends string>(value: unknown, words: readonly T[], path: string): T {
  return words.find((word) => word === value) ?? fail(path, `one of ${words.join(", ")}`, value);
}

/** Null stays null, and what an older file does not have is null. */
function orNull<T>(value: unknown, path: string, read: (value: unknown, path: string) => T): T | null {
  return value === null || value === undefined ? null : read(value, path);
}

function strings(value: unknown, path: string): Readonly<Record<string, string>> {
  const entries = Object.entries(object(value ?? {}, path));
  return Object.fromEntries(entries.map(([key, entry]) => [key, text(entry, `${path}.${key}`)]));
}

function errorInfo(value: unknown, path: string): ErrorInfo {
  const fields = object(value, path);
  return {
    code: text(fields.code, `${path}.code`) as ErrorCode,
    message: text(fields.message, `${path}.message`),
    status: orNull(fields.status, `${path}.status`, finite),
    providerType: orNull(fields.providerType, `${path}.providerType`, text),
    retryable: fields.retryable === true,
    retryAfterMs: orNull(fields.retryAfterMs, `${path}.retryAfterMs`, finite),
  };
}

function attempt(value: unknown, path: string): Attempt {
  const fields = object(value, path);
  const mark = (name: string): number | null => orNull(fields[name], `${path}.${name}`, wholeNs);
  return {
    startedNs: wholeNs(fields.startedNs, `${path}.startedNs`),
    sentNs: mark("sentNs"),
    reused: typeof fields.reused === "boolean" ? fields.reused : null,
    dnsNs: mark("dnsNs"),
    connectNs: mark("connectNs"),
    tlsNs: mark("tlsNs"),
    headersNs: mark("headersNs"),
    firstByteNs: mark("firstByteNs"),
    status: orNull(fields.status, `${path}.status`, finite),
    error: orNull(fields.error, `${path}.error`, errorInfo),
  };
}

function arrivals(value: unknown): RequestRecord["arrivals"] {
  const fields = object(value, "arrivals");
  const atNs = list(fields.atNs, "arrivals.atNs").map((entry, index) => wholeNs(entry, `arrivals.atNs[${index}]`));
  const kind = list(fields.kind, "arrivals.kind").map((entry, index) => oneOf(entry, ARRIVAL_KINDS, `arrivals.kind[${index}]`));
  const events = list(fields.events, "arrivals.events").map((entry, index) => wholeCount(entry, `arrivals.events[${index}]`));
  const chars = list(fields.chars, "arrivals.chars").map((entry, index) => wholeCount(entry, `arrivals.chars[${index}]`));
  if (kind.length !== atNs.length || events.length !== atNs.length || chars.length !== atNs.length) {
    throw new LensError("INVALID_RECORD", "Expected the arrays of `arrivals` to be of one length.");
  }
  const backwards = atNs.findIndex((at, index) => at < (atNs[index - 1] ?? 0));
  if (backwards !== -1) fail(`arrivals.atNs[${backwards}]`, "at or after the one before", atNs[backwards]);
  return { atNs, kind, events, chars };
}

function usage(value: unknown): TokenUsage {
  const fields = object(value, "usage");
  const count = (name: string): number | null => orNull(fields[name], `usage.${name}`, finite);
  return {
    inputTokens: count("inputTokens"),
    cacheReadTokens: count("cacheReadTokens"),
    cacheWriteTokens: count("cacheWriteTokens"),
    outputTokens: count("outputTokens"),
    reasoningTokens: count("reasoningTokens"),
    raw: fields.raw ?? null,
  };
}

function server(value: unknown): ServerTimings {
  const fields = object(value, "server");
  const ms = (name: string): number | null => orNull(fields[name], `server.${name}`, finite);
  return {
    queueMs: ms("queueMs"),
    loadMs: ms("loadMs"),
    promptMs: ms("promptMs"),
    generationMs: ms("generationMs"),
    totalMs: ms("totalMs"),
    perTokenMs: ms("perTokenMs"),
    ttftMs: ms("ttftMs"),
    processingMs: ms("processingMs"),
  };
}

function reply(value: unknown): ReplyInfo {
  const fields = object(value ?? {}, "reply");
  return {
    model: orNull(fields.model, "reply.model", text),
    requestId: orNull(fields.requestId, "reply.requestId", text),
    serviceTier: orNull(fields.serviceTier, "reply.serviceTier", text),
    costUsd: orNull(fields.costUsd, "reply.costUsd", finite),
    rateLimit: strings(fields.rateLimit, "reply.rateLimit"),
  };
}

function workload(value: unknown): WorkloadMark {
  const fields = object(value, "workload");
  const count = (name: string): number | null => orNull(fields[name], `workload.${name}`, finite);
  return {
    entry: count("entry"),
    askedInputTokens: count("askedInputTokens"),
    sentInputTokens: count("sentInputTokens"),
    countedBy: orNull(fields.countedBy, "workload.countedBy", (entry, path) => oneOf(entry, ["gpt", "estimate"], path)),
    askedOutputTokens: count("askedOutputTokens"),
    sharedPrefixTokens: count("sharedPrefixTokens"),
    conversation: orNull(fields.conversation, "workload.conversation", text),
    turn: count("turn"),
  };
}

function outcome(value: unknown): Outcome {
  const fields = object(value, "outcome");
  return {
    kind: oneOf(fields.kind, OUTCOME_KINDS, "outcome.kind"),
    finishReason: orNull(fields.finishReason, "outcome.finishReason", text),
    error: orNull(fields.error, "outcome.error", errorInfo),
  };
}

/**
 * Reads a saved record, such as one line of a records file after `JSON.parse`. Unknown fields are left out.
 * Throws `INVALID_RECORD`, naming the field, for what is not a record of schema 1.
 */
export function parseRecord(value: unknown): RequestRecord {
  const fields = object(value, "record");
  if (fields.schema !== 1) fail("schema", "1", fields.schema);
  const target = object(fields.target, "target");
  const attempts = list(fields.attempts, "attempts").map((entry, index) => attempt(entry, `attempts[${index}]`));
  if (attempts.length === 0) fail("attempts", "a list of at least one", fields.attempts);
  const asked = orNull(fields.workload, "workload", workload);
  return {
    schema: 1,
    id: text(fields.id, "id"),
    target: {
      provider: text(target.provider, "target.provider"),
      model: text(target.model, "target.model"),
      label: text(target.label, "target.label"),
      origin: orNull(target.origin, "target.origin", text),
    },
    phase: oneOf(fields.phase, ["warmup", "measured", "drain"], "phase"),
    labels: strings(fields.labels, "labels"),
    startedAtMs: finite(fields.startedAtMs, "startedAtMs"),
    queuedNs: orNull(fields.queuedNs, "queuedNs", wholeNs),
    ...(asked === null ? {} : { workload: asked }),
    attempts,
    arrivals: arrivals(fields.arrivals),
    reasoningForm: oneOf(fields.reasoningForm, ["full", "summary", "none"], "reasoningForm"),
    endNs: wholeNs(fields.endNs, "endNs"),
    usage: orNull(fields.usage, "usage", usage),
    usageSource: oneOf(fields.usageSource, ["reported", "partial", "estimated", "none"], "usageSource"),
    server: orNull(fields.server, "server", server),
    reply: reply(fields.reply),
    outcome: outcome(fields.outcome),
    latenessNs: orNull(fields.latenessNs, "latenessNs", wholeNs),
  };
}
