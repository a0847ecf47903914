import type { Definition } from "./report.ts";

const ns = (definition: string): Definition => ({ definition, unit: "ns" });
const perSecond = (definition: string): Definition => ({ definition, unit: "per second" });
const tokens = (definition: string): Definition => ({ definition, unit: "tokens" });
const usd = (definition: string): Definition => ({ definition, unit: "USD" });
const requests = (definition: string): Definition => ({ definition, unit: "requests" });

/**
 * What each metric means, by its name in a report. "Start" is when the first byte of the last try was handed to the socket; "content" is
 * non-empty text, reasoning, tool arguments or refusal, and an arrival one network read that completed some.
 */
export const DEFINITIONS = {
  requests: requests(
    "Measured requests by how they ended; only ok and truncated ones stand in latencies, all others are counted beside them.",
  ),
  connections: requests("Whether the last try of a measured request opened a connection or reused one."),
  "phases.dns": ns("Name look-up of a fresh connection; not part of any latency below."),
  "phases.connect": ns("TCP set-up of a fresh connection; not part of any latency below."),
  "phases.tls": ns("TLS set-up of a fresh connection; not part of any latency below."),
  ttfb: ns("Time to first byte: first byte of the response's body − start."),
  ttft: ns("Time to first token: first content of any kind (text, reasoning, tool, refusal) − start."),
  ttfo: ns("Time to first output: first visible text − start."),
  chunkGap: ns("Time between neighbouring content arrivals; every single gap counts, pooled over requests."),
  itl: ns("Inter-token latency: the chunk gap, given only where a chunk holds one token (at most 1.05 on average)."),
  tpot: ns("Time per output token: (last − first content arrival) / (output tokens that were streamed − 1), one sample a request."),
  e2e: ns("End to end: end of the stream − start."),
  "response.ttft": ns("As ttft, but from when the schedule wanted the request sent: queueing and retries included."),
  "response.ttfo": ns("As ttfo, but from when the schedule wanted the request sent: queueing and retries included."),
  "response.e2e": ns("As e2e, but from when the schedule wanted the request sent: queueing and retries included."),
  outputTokensPerSecond: perSecond("Decoding speed as seen by one request: (streamed output tokens − 1) / (last − first content arrival)."),
  effectiveTokensPerSecond: perSecond("Output tokens of one request / its e2e, the wait for the first token included."),
  "throughput.requestsPerSecond": perSecond(
    "Answered requests (ok or truncated) per second of the measured window, warm-up and drain cut off.",
  ),
  "throughput.systemTokensPerSecond": perSecond(
    "Output tokens of all answered requests per second of the measured window; null where the usage of any is unknown.",
  ),
  goodput: requests("Requests that met every SLO, as a share of those that could be judged; a request that was not answered met none."),
  "goodput.ratePerSecond": perSecond("Requests that met every SLO and ended in the measured window, per second of it."),
  series: requests("Requests by when they started, in bins of time; medians are those of the answered requests of a bin."),
  tokens: tokens("As the provider reports them: input with its cached part, output with its reasoning; never counted from chunks."),
  "tokens.perChunk": tokens("Streamed output tokens per content arrival, over all answered requests with reported usage."),
  workload: tokens(
    "What was asked for, beside tokens: the wanted length of prompts, their length as it was counted before they were sent, the limit on answers.",
  ),
  turns: requests(
    "The requests that were one turn of their conversations, with the TTFT and E2E of those that were answered; turns count from 0.",
  ),
  cache: requests(
    "Answered requests by whether a part of their prompt was read from a cache, by the provider's usage, with the TTFT of each side.",
  ),
  costUsd: usd(
    "From reported usage and list prices of the standard tier; a request that cannot be priced is counted as unpriced, never as 0.",
  ),
  server: ns("What the server says of its own times; client TTFT − (its queue + prompt time) is about network and gateway."),
  "load.schedule.sendLag": ns("True start − due time, of requests that had to wait for nothing but the thread that sends."),
  "load.schedule.deliveredRatePerSecond": perSecond("Rate of the true starts of measured requests, beside the rate of their due times."),
  "instrument.lateness": ns("Upper bound on how late the latest stamp of a request may be: the instrument's own error."),
} as const satisfies Readonly<Record<string, Definition>>;

/** The name of a metric in a report. */
export type MetricName = keyof typeof DEFINITIONS;
