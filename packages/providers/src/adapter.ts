import type { LensError, ReplyInfo, ServerTimings, TokenUsage } from "@lens/core";

/** One message of a prompt. Content that is not a string (images, parts) is passed through in the provider's own shape. */
export interface PromptMessage {
  readonly role: "system" | "user" | "assistant";
  readonly content: string | readonly unknown[];
}

/** What is asked of the model, in no provider's words. What is left out is not sent. */
export interface PromptRequest {
  readonly model: string;
  readonly messages: readonly PromptMessage[];
  /** Limit on output tokens. Anthropic demands one, so its adapter sends a stated default where it is missing. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  /** Merged into the body last, in the provider's own words, as a JSON Merge Patch (RFC 7396): objects merge, null takes a field out. */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Where to send a request and as whom. */
export interface Credentials {
  /** Null sends no key, for servers that want none. */
  readonly apiKey: string | null;
  /** What the provider's official SDK calls its base URL; the adapter's default unless given. */
  readonly baseUrl?: string;
  /** Sent besides the adapter's own, and instead of those of the same name. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An HTTP request, ready to be sent. Header names are lower case. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** One event of the stream: an SSE event, or one line of NDJSON (then without a name). */
export interface StreamEvent {
  readonly name: string | null;
  readonly data: string;
}

/** Why the model stopped, in one meaning for all providers. `paused` means that the server wants the request to be continued. */
export type FinishReason = "stop" | "length" | "tool" | "filtered" | "refused" | "paused" | "error" | "other";

/** What one event meant. Content (`text`, `reasoning`, `tool`, `refusal`) is never empty. */
export type Delta =
  | { readonly type: "text" | "tool" | "refusal"; readonly text: string }
  | { readonly type: "reasoning"; readonly text: string; readonly form: "full" | "summary" }
  | { readonly type: "usage"; readonly usage: Partial<TokenUsage> }
  | { readonly type: "server"; readonly timings: Partial<ServerTimings> }
  | { readonly type: "reply"; readonly reply: Partial<ReplyInfo> }
  | { readonly type: "finish"; readonly reason: FinishReason; readonly raw: string }
  /** The protocol's own mark that nothing follows, such as `[DONE]` or `message_stop`. */
  | { readonly type: "end" }
  | { readonly type: "error"; readonly error: LensError };

/** Turns events into deltas. Pure: no clock, no network, no environment. Its state is that of one stream. */
export type Decoder = (event: StreamEvent) => readonly Delta[];

/** What the URL of a request tells of it. */
export interface Endpoint {
  /** Null where the body names it. */
  readonly model: string | null;
  /** Whether the host is the provider's own, or the protocol nobody else's; else a server that speaks the same protocol may be meant. */
  readonly certain: boolean;
}

/** All that is particular to one provider's protocol. */
export interface ProviderAdapter {
  readonly id: string;
  /** The environment variables that may hold the key, the first that is set wins; empty where no key is wanted. */
  readonly apiKeyEnv: readonly string[];
  /** Whether a request without a key makes sense, as for a server on one's own machine. */
  readonly keyOptional: boolean;
  /** Null where there is none to guess, as for Azure. */
  readonly defaultBaseUrl: string | null;
  readonly framing: "sse" | "ndjson";
  buildRequest(prompt: PromptRequest, credentials: Credentials): HttpRequest;
  /** The request that lists the models or describes one; null where the protocol has none. */
  buildModelsRequest(credentials: Credentials): HttpRequest | null;
  createDecoder(): Decoder;
  /** What a request to this URL asks for; null where it asks for nothing that the adapter reads. Without it, `observeFetch` does not see the adapter. */
  readEndpoint?(url: URL): Endpoint | null;
  /** The events as which an answer in one document would have been streamed. Without it, the document is read as an event. */
  toEvents?(document: Readonly<Record<string, unknown>>): readonly StreamEvent[];
}
