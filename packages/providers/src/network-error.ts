import { type ErrorCode, LensError } from "@lens/core";

const CODES: Readonly<Record<string, ErrorCode>> = {
  ENOTFOUND: "DNS_FAILED",
  EAI_AGAIN: "DNS_FAILED",
  EAI_FAIL: "DNS_FAILED",
  ECONNREFUSED: "CONNECTION_REFUSED",
  ECONNRESET: "CONNECTION_RESET",
  EPIPE: "CONNECTION_RESET",
  HPE_HEADER_OVERFLOW: "RESPONSE_TOO_LARGE",
  EPROTO: "TLS_FAILED",
  UND_ERR_CONNECT_TIMEOUT: "CONNECT_TIMEOUT",
  UND_ERR_HEADERS_TIMEOUT: "FIRST_BYTE_TIMEOUT",
  UND_ERR_BODY_TIMEOUT: "IDLE_TIMEOUT",
  UND_ERR_SOCKET: "CONNECTION_RESET",
};

const TLS_WORDS = /^(?:ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|CRL_)/;

function codeOf(systemCode: string): ErrorCode {
  const known = CODES[systemCode];
  if (known !== undefined) return known;
  if (TLS_WORDS.test(systemCode)) return "TLS_FAILED";
  return systemCode.startsWith("HPE_") ? "PROTOCOL_ERROR" : "CONNECTION_FAILED";
}

function systemCodeOf(error: Error): string {
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const code: unknown = "code" in error ? error.code : typeof first === "object" && first !== null && "code" in first ? first.code : "";
  return typeof code === "string" ? code : "";
}

function message(code: ErrorCode, url: URL, systemCode: string, reused: boolean): string {
  const place = url.host;
  switch (code) {
    case "DNS_FAILED":
      return `Could not find the host ${url.hostname} (${systemCode}). Check the base URL and the network.`;
    case "CONNECTION_REFUSED":
      return `Nothing listens at ${place}. Check the base URL, and that the server runs.`;
    case "CONNECTION_RESET":
      return reused
        ? `${place} closed a kept-alive connection as it was used again (${systemCode}).`
        : `${place} closed the connection before it answered (${systemCode}).`;
    case "TLS_FAILED":
      return `No secure connection to ${place} could be made (${systemCode}). Check the certificate, and that the server speaks https.`;
    case "PROTOCOL_ERROR":
      return `${place} sent something that is not HTTP/1.1 (${systemCode}).`;
    case "RESPONSE_TOO_LARGE":
      return `${place} sent more headers than are accepted.`;
    default:
      return `The connection to ${place} failed (${systemCode === "" ? "no reason given" : systemCode}).`;
  }
}

/** The error for a request that failed before any response came. */
export function connectionError(error: Error, url: URL, reused: boolean): LensError {
  const systemCode = systemCodeOf(error);
  const code = codeOf(systemCode);
  const retryable = code === "CONNECTION_REFUSED" || code === "CONNECTION_RESET" || code === "CONNECTION_FAILED" || code === "DNS_FAILED";
  return new LensError(code, message(code, url, systemCode, reused), { cause: error, retryable });
}

/** The error for a response whose body broke off. */
export function streamError(error: Error | null): LensError {
  const systemCode = error === null ? "" : systemCodeOf(error);
  if (systemCode.startsWith("HPE_"))
    return new LensError("PROTOCOL_ERROR", `The body broke the rules of HTTP/1.1 (${systemCode}).`, { cause: error });
  if (codeOf(systemCode) === "IDLE_TIMEOUT")
    return new LensError("IDLE_TIMEOUT", `Nothing more of the response came for too long (${systemCode}).`, { cause: error });
  return new LensError("STREAM_CUT", "The connection closed before the response was complete.", error === null ? {} : { cause: error });
}

/** What fetch reports is wrapped around what happened. */
export const causeOf = (reason: unknown): Error =>
  reason instanceof Error ? (reason.cause instanceof Error ? reason.cause : reason) : new Error(String(reason));

/** The error for a request that was ended from the caller's side, whose own signal `aborted` or not; null for any other reason. */
export function abortError(reason: unknown, aborted: boolean): LensError | null {
  const name = reason instanceof Error ? reason.name : "";
  if (name === "TimeoutError") return new LensError("TOTAL_TIMEOUT", "The time was up that the caller gave the request.");
  return name === "AbortError" || aborted ? new LensError("ABORTED", "The caller broke the request off.") : null;
}
