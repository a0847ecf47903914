import { type ErrorCode, LensError } from "@lens/core";
import { cleanText, readErrorDocument } from "./error-document.ts";
import { parseJson } from "./json.ts";
import type { ResponseHeaders } from "./transport.ts";

/** A longer wait than this is not asked for in earnest. */
const LONGEST_WAIT_MS = 24 * 3600 * 1000;

function codeOf(status: number): ErrorCode {
  switch (status) {
    case 400:
    case 413:
    case 422:
      return "BAD_REQUEST";
    case 401:
      return "AUTHENTICATION";
    case 402:
      return "BILLING";
    case 403:
      return "PERMISSION";
    case 404:
      return "NOT_FOUND";
    case 407:
      return "PROXY_FAILED";
    case 408:
      return "REQUEST_TIMEOUT";
    case 409:
      return "CONFLICT";
    case 429:
      return "RATE_LIMITED";
    case 503:
    case 529:
      return "OVERLOADED";
    default:
      return status >= 500 ? "SERVER_ERROR" : "UNEXPECTED_STATUS";
  }
}

const ADVICE: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION: "Check that the key is set and valid.",
  PERMISSION: "Check what the key may do.",
  BILLING: "Check the account's balance.",
  NOT_FOUND: "Check the model's name and the base URL.",
  RATE_LIMITED: "Send fewer requests at once, or allow retries.",
  UNEXPECTED_STATUS: "Check the base URL.",
};

/** Statuses after which the same request may succeed (the official SDKs retry the same ones). */
function isRetryableStatus(status: number): boolean {
  return status === 408 || status === 409 || status === 429 || status >= 500;
}

/**
 * How long the server asks to wait, in milliseconds: `retry-after-ms` before `retry-after` (seconds or a date). Null when it does
 * not say, or says nothing sensible. `nowMs` is wall time, for dates.
 */
export function retryAfterMs(headers: ResponseHeaders, nowMs: number): number | null {
  const exact = headers["retry-after-ms"];
  const plain = headers["retry-after"];
  const seconds = plain === undefined || plain.trim() === "" ? Number.NaN : Number(plain);
  const candidates = [
    exact === undefined ? Number.NaN : Number(exact),
    seconds * 1000,
    plain === undefined ? Number.NaN : dateMs(plain) - nowMs,
  ];
  const waitMs = candidates.find((candidate) => Number.isFinite(candidate) && candidate >= 0 && candidate <= LONGEST_WAIT_MS);
  return waitMs === undefined ? null : Math.round(waitMs);
}

/** Only the HTTP date form: a bare number would parse as a year. */
function dateMs(text: string): number {
  // oxlint-disable-next-line no-restricted-globals -- parses a text; no clock is read
  return /^[A-Za-z]{3}, \d{2} [A-Za-z]{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/.test(text) ? Date.parse(text) : Number.NaN;
}

function describe(status: number, headers: ResponseHeaders, said: string, advice: string | undefined): string {
  const place = headers.location === undefined ? "" : ` to ${cleanText(headers.location)}`;
  const answer = `The server answered ${status}${place}${said === "" ? "" : `: ${said}`}`;
  const sentence = /[.!?…]$/.test(answer) ? answer : `${answer}.`;
  return advice === undefined ? sentence : `${sentence} ${advice}`;
}

/** The error that a response other than 2xx means. `body` may be cut, HTML, or anything else; `nowMs` is wall time, for a date in `retry-after`. */
export function errorFromResponse(status: number, headers: ResponseHeaders, body: string, nowMs: number): LensError {
  const document = readErrorDocument(parseJson(body));
  const code = codeOf(status);
  const said = document?.message ?? (/^\s*</.test(body) ? "an HTML page" : cleanText(body));
  const waitMs = retryAfterMs(headers, nowMs) ?? document?.retryAfterMs ?? null;
  return new LensError(code, describe(status, headers, said, ADVICE[code]), {
    status,
    retryable: isRetryableStatus(status),
    ...(document?.type == null ? {} : { providerType: document.type }),
    ...(waitMs === null ? {} : { retryAfterMs: waitMs }),
  });
}
