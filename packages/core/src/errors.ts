/**
 * Every way in which a call can be misused or the world can fail. The union is closed: a code never changes its meaning.
 * Compare codes, never messages.
 */
export type ErrorCode =
  // Misuse: thrown.
  | "INVALID_ARGUMENT"
  | "INVALID_CONFIG"
  | "INVALID_RECORD"
  | "INVALID_REPORT"
  | "UNKNOWN_PROVIDER"
  | "MISSING_KEY"
  | "FILE_FAILED"
  // The way to the server.
  | "DNS_FAILED"
  | "CONNECTION_REFUSED"
  | "CONNECTION_RESET"
  | "CONNECTION_FAILED"
  | "TLS_FAILED"
  | "PROXY_FAILED"
  | "CONNECT_TIMEOUT"
  | "FIRST_BYTE_TIMEOUT"
  | "IDLE_TIMEOUT"
  | "TOTAL_TIMEOUT"
  // The server's answer, by status.
  | "BAD_REQUEST"
  | "AUTHENTICATION"
  | "BILLING"
  | "PERMISSION"
  | "NOT_FOUND"
  | "REQUEST_TIMEOUT"
  | "CONFLICT"
  | "RATE_LIMITED"
  | "SERVER_ERROR"
  | "OVERLOADED"
  | "UNEXPECTED_STATUS"
  // The body of an answer that began well.
  | "STREAM_ERROR"
  | "STREAM_CUT"
  | "STREAM_UNFINISHED"
  | "NOT_A_STREAM"
  | "MALFORMED_EVENT"
  | "RESPONSE_TOO_LARGE"
  | "PROTOCOL_ERROR"
  // Neither.
  | "ABORTED"
  | "INTERNAL";

/** What else is known about a failure. */
export interface LensErrorOptions {
  readonly cause?: unknown;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** The provider's own word for the error, such as `overloaded_error`. */
  readonly providerType?: string;
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable?: boolean;
  /** How long the server asked to wait before the next try, in milliseconds. */
  readonly retryAfterMs?: number;
}

/** The one error type of all `@lens/*` packages. Its message says what was expected, what came and what to do; never a key or a prompt. */
export class LensError extends Error {
  override readonly name = "LensError";
  readonly code: ErrorCode;
  readonly status: number | null;
  readonly providerType: string | null;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;

  constructor(code: ErrorCode, message: string, options: LensErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.status = options.status ?? null;
    this.providerType = options.providerType ?? null;
    this.retryable = options.retryable ?? false;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A failure as plain data, as it stands in a record. */
export interface ErrorInfo {
  readonly code: ErrorCode;
  readonly message: string;
  readonly status: number | null;
  readonly providerType: string | null;
  readonly retryable: boolean;
  readonly retryAfterMs: number | null;
}

/** The plain data of an error; what is not a `LensError` is reported as `INTERNAL`. */
export function toErrorInfo(error: unknown): ErrorInfo {
  const known = error instanceof LensError ? error : new LensError("INTERNAL", error instanceof Error ? error.message : String(error));
  const { code, message, status, providerType, retryable, retryAfterMs } = known;
  return { code, message, status, providerType, retryable, retryAfterMs };
}
