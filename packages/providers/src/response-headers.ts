import type { ReplyInfo, ServerTimings } from "@lens/core";
import { asAmount, secondsToMs } from "./json.ts";
import type { ResponseHeaders } from "./transport.ts";

/** Where providers put the id of a request: OpenAI and most others, Anthropic, Azure, OpenRouter. */
const REQUEST_ID_HEADERS = ["x-request-id", "request-id", "apim-request-id", "x-generation-id"] as const;

/** `x-ratelimit-…` (OpenAI and most others), `anthropic-ratelimit-…`, `ratelimit-…` (the IETF's draft) and `retry-after`. */
const RATE_LIMIT_HEADER = /^(?:(?:x-|anthropic-)?ratelimit(?:-.+)?|retry-after(?:-ms)?)$/;

/** What response headers say of a reply. */
export interface HeaderFacts {
  readonly reply: Partial<ReplyInfo>;
  readonly server: Partial<ServerTimings>;
}

/** A header's number; null when it is missing or none. */
function numeral(text: string | undefined): number | null {
  return text === undefined || text.trim() === "" ? null : asAmount(Number(text));
}

/** The longest duration in a `server-timing` header (W3C Server Timing, milliseconds); the parts are often parts of the longest. */
function serverTimingMs(header: string | undefined): number | null {
  if (header === undefined) return null;
  const durations = [...header.matchAll(/;\s*dur\s*=\s*"?(\d+(?:\.\d+)?)/gi)].map(([, duration]) => Number(duration));
  return durations.length === 0 ? null : Math.max(...durations);
}

/** Reads the response headers that providers are known to send. */
export function readResponseHeaders(headers: ResponseHeaders): HeaderFacts {
  const requestId = REQUEST_ID_HEADERS.map((name) => headers[name]).find((value) => value !== undefined && value !== "");
  const rateLimit: Record<string, string> = {};
  for (const name in headers) if (RATE_LIMIT_HEADER.test(name)) rateLimit[name] = headers[name] ?? "";
  const ttftMs = secondsToMs(numeral(headers["fireworks-server-time-to-first-token"]));
  const processingMs = numeral(headers["openai-processing-ms"]) ?? serverTimingMs(headers["server-timing"]);
  return {
    reply: { rateLimit, ...(requestId === undefined ? {} : { requestId }) },
    server: { ...(ttftMs === null ? {} : { ttftMs }), ...(processingMs === null ? {} : { processingMs }) },
  };
}
