import { asObject } from "./json.ts";

/** What a provider's error document says, in whichever of the known shapes. */
export interface ErrorDocument {
  /** One line, without control characters, at most 300 characters; empty when the document says nothing. */
  readonly message: string;
  /** The provider's own word, such as `rate_limit_error`, `RESOURCE_EXHAUSTED` or `content_filter`. */
  readonly type: string | null;
  /** How long Gemini's `RetryInfo` asks to wait, in milliseconds. */
  readonly retryAfterMs: number | null;
}

const LONGEST_MESSAGE = 300;

/** A server's words made safe to show: one line, no control characters (they could drive a terminal), not too long. */
export function cleanText(text: string): string {
  const line = text
    .slice(0, LONGEST_MESSAGE * 4)
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, " ")
    .trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}

function firstText(...candidates: readonly unknown[]): string | null {
  for (const candidate of candidates) {
    if (typeof candidate === "string" && candidate.trim() !== "") return cleanText(candidate);
    if (typeof candidate === "number") return String(candidate);
  }
  return null;
}

/** `details[@type …RetryInfo].retryDelay`, such as `"34.4s"` (google.rpc.RetryInfo). */
function retryDelayMs(details: unknown): number | null {
  if (!Array.isArray(details)) return null;
  for (const detail of details) {
    const delay = asObject(detail)?.retryDelay;
    const seconds = typeof delay === "string" ? /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay)?.[1] : undefined;
    if (seconds !== undefined) return Math.round(Number(seconds) * 1000);
  }
  return null;
}

/**
 * Reads `{error: {…}}` (OpenAI, Anthropic, Google), `{error: "…"}` (Ollama), `{message}`, `{detail}` (FastAPI) and a Gemini
 * array of such. Null when the value is none of them.
 */
export function readErrorDocument(value: unknown): ErrorDocument | null {
  const document = asObject(Array.isArray(value) ? value[0] : value);
  if (document === null) return null;
  const error = asObject(document.error);
  if (error !== null) {
    return {
      message: firstText(error.message, error.detail) ?? "",
      type: firstText(
        typeof error.status === "string" ? error.status : null,
        typeof error.code === "string" ? error.code : null,
        error.type,
        error.code,
      ),
      retryAfterMs: retryDelayMs(error.details),
    };
  }
  const detail = Array.isArray(document.detail) ? asObject(document.detail[0])?.msg : document.detail;
  const message = firstText(document.error, document.message, detail);
  return message === null ? null : { message, type: firstText(document.type, document.code), retryAfterMs: null };
}
