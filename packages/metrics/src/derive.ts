import type { Attempt, RequestRecord } from "@lens/core";

/** Reads one figure of a record; null where the record cannot give it. */
export type Measure = (record: RequestRecord) => number | null;

const NS_PER_SECOND = 1e9;

/** The try whose answer was read. */
export function lastAttempt(record: RequestRecord): Attempt | null {
  return record.attempts.at(-1) ?? null;
}

/** Whether the request was answered, and so stands in latency distributions: its outcome is `ok` or `truncated`. */
export function isAnswered(record: RequestRecord): boolean {
  return record.outcome.kind === "ok" || record.outcome.kind === "truncated";
}

/** A count that a provider gave, if it can be one: a whole number from 0 up. Anything else is as good as unknown. */
export function tokenCount(count: number | null | undefined): number | null {
  return Number.isSafeInteger(count) && (count as number) >= 0 ? (count as number) : null;
}

/**
 * `atNs − start`, where start is when the first byte of the last try was handed to the socket. Null also for a mark from
 * before the start, which only a damaged record has.
 */
function sinceStart(record: RequestRecord, atNs: number | null | undefined): number | null {
  const startNs = lastAttempt(record)?.sentNs ?? null;
  return startNs === null || atNs === null || atNs === undefined || atNs < startNs ? null : atNs - startNs;
}

/** `atNs − due`: a record's times count from its actual start, which was `queuedNs` after it was due. Earlier tries are part of it. */
function sinceDue(record: RequestRecord, atNs: number | null | undefined): number | null {
  return record.queuedNs === null || atNs === null || atNs === undefined ? null : atNs + record.queuedNs;
}

function firstTextNs(record: RequestRecord): number | null {
  const index = record.arrivals.kind.indexOf("text");
  return index === -1 ? null : (record.arrivals.atNs[index] ?? null);
}

/** Where the stream came to an end; null where it was broken off or failed. */
function endedNs(record: RequestRecord): number | null {
  switch (record.outcome.kind) {
    case "ok":
    case "truncated":
    case "filtered":
    case "refused":
      return record.endNs;
    case "error":
    case "incomplete":
    case "aborted":
      return null;
  }
}

const ofFreshConnection = (record: RequestRecord, phase: "dnsNs" | "connectNs" | "tlsNs"): number | null => {
  const attempt = lastAttempt(record);
  return attempt === null || attempt.reused === true ? null : attempt[phase];
};

/** `dns`: name look-up of the last try's fresh connection. Null where it was reused, or the host was an address. */
export const dnsNs: Measure = (record) => ofFreshConnection(record, "dnsNs");

/** `connect`: TCP set-up of the last try's fresh connection. Null where it was reused. */
export const connectNs: Measure = (record) => ofFreshConnection(record, "connectNs");

/** `tls`: TLS set-up of the last try's fresh connection. Null where it was reused, or not encrypted. */
export const tlsNs: Measure = (record) => ofFreshConnection(record, "tlsNs");

/** `ttfb = first body byte − start`. Null without a body. */
export const ttfbNs: Measure = (record) => sinceStart(record, lastAttempt(record)?.firstByteNs);

/** `ttft = first content arrival of any kind − start`. Null when none came. */
export const ttftNs: Measure = (record) => sinceStart(record, record.arrivals.atNs[0]);

/** `ttfo = first arrival of visible text − start`. Null when none came, as in an answer of tool calls only. */
export const ttfoNs: Measure = (record) => sinceStart(record, firstTextNs(record));

/** `e2e = end of the stream − start`. Null where the stream did not come to its end. */
export const e2eNs: Measure = (record) => sinceStart(record, endedNs(record));

/** `response.ttft = first content arrival − due`. Null without a schedule, or when none came. */
export const responseTtftNs: Measure = (record) => sinceDue(record, record.arrivals.atNs[0]);

/** `response.ttfo = first arrival of visible text − due`. Null without a schedule, or when none came. */
export const responseTtfoNs: Measure = (record) => sinceDue(record, firstTextNs(record));

/** `response.e2e = end of the stream − due`. Null without a schedule, or where the stream did not come to its end. */
export const responseE2eNs: Measure = (record) => sinceDue(record, endedNs(record));

/** `chunkGap = arrival − the arrival before`, one for each neighbouring pair of content arrivals; empty for fewer than two. */
export function chunkGapsNs(record: RequestRecord): readonly number[] {
  const { atNs } = record.arrivals;
  return atNs.slice(1).map((at, index) => at - (atNs[index] ?? at));
}

/** `N`: output tokens as the provider reports them at the end. Null where it does not, or the stream broke off before. */
export const reportedOutputTokens: Measure = (record) =>
  record.usageSource === "reported" ? tokenCount(record.usage?.outputTokens) : null;

/**
 * `R`: reasoning tokens that were not streamed. 0 where the reasoning was streamed in full. Where none of it was, an unknown count is
 * taken for 0, since models that do not reason do not report it: for a model that hides its reasoning and its count, `tpot` is too small.
 * Where a summary was streamed, the tokens themselves were not; then an unknown count is null.
 */
export const hiddenReasoningTokens: Measure = (record) => {
  switch (record.reasoningForm) {
    case "full":
      return 0;
    case "none":
      return tokenCount(record.usage?.reasoningTokens) ?? 0;
    case "summary":
      return tokenCount(record.usage?.reasoningTokens);
  }
};

/** `N − R`: the output tokens that came over the wire. Null where not known, or fewer than one. */
export const streamedTokens: Measure = (record) => {
  const tokens = reportedOutputTokens(record);
  const hidden = hiddenReasoningTokens(record);
  return tokens === null || hidden === null || tokens - hidden < 1 ? null : tokens - hidden;
};

interface Stream {
  readonly firstNs: number;
  readonly lastNs: number;
  readonly arrivals: number;
}

/**
 * The arrivals that the `N − R` streamed tokens came in. A summary of reasoning is content, but not of those tokens, and it comes at a
 * pace of its own: where one was streamed, the arrivals of reasoning are left out.
 */
function tokenStream({ arrivals: { atNs, kind }, reasoningForm }: RequestRecord): Stream | null {
  const [firstNs] = atNs;
  if (firstNs === undefined) return null;
  if (reasoningForm !== "summary") return { firstNs, lastNs: atNs.at(-1) ?? firstNs, arrivals: atNs.length };
  const counted = atNs.filter((_, index) => kind[index] !== "reasoning");
  const [first] = counted;
  return first === undefined ? null : { firstNs: first, lastNs: counted.at(-1) ?? first, arrivals: counted.length };
}

/** How many content arrivals the streamed tokens came in; 0 when none came. See `tokensPerChunk`. */
export function tokenArrivals(record: RequestRecord): number {
  return tokenStream(record)?.arrivals ?? 0;
}

/** Time and tokens between the first and the last content arrival; null where `tpot` is. */
function decoding(record: RequestRecord): { readonly spanNs: number; readonly tokens: number } | null {
  const tokens = streamedTokens(record);
  const stream = tokenStream(record);
  if (tokens === null || tokens < 2 || stream === null || stream.lastNs === stream.firstNs) return null;
  return { spanNs: stream.lastNs - stream.firstNs, tokens: tokens - 1 };
}

/**
 * `tpot = (last content arrival − first content arrival) / (N − R − 1)`, to the nanosecond. Null where N is not reported, N − R < 2, or all
 * content came in a single arrival.
 */
export const tpotNs: Measure = (record) => {
  const decoded = decoding(record);
  return decoded === null ? null : Math.round(decoded.spanNs / decoded.tokens);
};

/** `outputTokensPerSecond = (N − R − 1) / (last − first content arrival)`: decoding speed as seen. Null as `tpot`. */
export const outputTokensPerSecond: Measure = (record) => {
  const decoded = decoding(record);
  return decoded === null ? null : (decoded.tokens * NS_PER_SECOND) / decoded.spanNs;
};

/** `effectiveTokensPerSecond = N / e2e`. Null where N or the end is not known. */
export const effectiveTokensPerSecond: Measure = (record) => {
  const tokens = reportedOutputTokens(record);
  const durationNs = e2eNs(record);
  return tokens === null || durationNs === null || durationNs <= 0 ? null : (tokens * NS_PER_SECOND) / durationNs;
};

/** `tokensPerChunk = (N − R) / content arrivals`. Null where N is not known, or nothing came. */
export const tokensPerChunk: Measure = (record) => {
  const tokens = streamedTokens(record);
  const arrivals = tokenArrivals(record);
  return tokens === null || arrivals === 0 ? null : tokens / arrivals;
};
