import { LensError } from "@lens/core";
import type { Credentials, HttpRequest, PromptRequest, ProviderAdapter } from "./adapter.ts";
import { type JsonObject, mergePatch } from "./json.ts";
import { readUrl } from "./read-url.ts";

/** What requests call themselves. */
const USER_AGENT = "llm-latency-lens";

/** Where an adapter's requests go: the user's base URL, or else the adapter's own. Throws `INVALID_ARGUMENT` where neither is one. */
export function baseUrlOf(adapter: Pick<ProviderAdapter, "id" | "defaultBaseUrl">, credentials: Credentials): Readonly<URL> {
  const text = credentials.baseUrl ?? adapter.defaultBaseUrl;
  if (text === null) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a base URL, got none; \`${adapter.id}\` has no default, so give the server's own, such as \`https://host/v1\`.`,
    );
  }
  const url = /^https?:\/\//i.test(text) ? readUrl(text) : null;
  if (url === null) {
    const shown = text.split(/[?#@]/)[0] ?? "";
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected the base URL to begin with http:// or https:// and name a host, got \`${shown.slice(0, 80)}\`.`,
    );
  }
  return url;
}

function withOwn(headers: Readonly<Record<string, string>>, own: Credentials["headers"]): Readonly<Record<string, string>> {
  if (own === undefined) return headers;
  const lowered = Object.entries(own).map(([name, value]) => [name.toLowerCase(), value]);
  return { ...headers, ...(Object.fromEntries(lowered) as Record<string, string>) };
}

/** What a request for a stream is made of. */
export interface StreamRequestParts {
  readonly url: string;
  readonly framing: "sse" | "ndjson";
  /** Headers that say who asks, and whatever else the protocol wants. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body in the provider's words; undefined fields are left out, and `prompt.body` is merged over it. */
  readonly body: JsonObject;
}

/** The request for a stream. */
export function streamRequest(parts: StreamRequestParts, prompt: PromptRequest, credentials: Credentials): HttpRequest {
  const headers = {
    "content-type": "application/json",
    accept: parts.framing === "sse" ? "text/event-stream" : "application/x-ndjson",
    // A compressed stream would hold events back until the compressor's block is full.
    "accept-encoding": "identity",
    "user-agent": USER_AGENT,
    ...parts.headers,
  };
  const body = JSON.stringify(prompt.body === undefined ? parts.body : mergePatch(parts.body, prompt.body));
  return { method: "POST", url: parts.url, headers: withOwn(headers, credentials.headers), body };
}

/** The request for a JSON document. */
export function documentRequest(url: string, headers: Readonly<Record<string, string>>, credentials: Credentials): HttpRequest {
  const all = { accept: "application/json", "accept-encoding": "identity", "user-agent": USER_AGENT, ...headers };
  return { method: "GET", url, headers: withOwn(all, credentials.headers), body: null };
}

/** The `Authorization` header that most providers want; nothing without a key. */
export function bearer(apiKey: string | null): Readonly<Record<string, string>> {
  return apiKey === null ? {} : { authorization: `Bearer ${apiKey}` };
}
