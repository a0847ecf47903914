import type { TokenUsage } from "@lens/core";
import type { Credentials, Decoder, Delta, Endpoint, FinishReason, PromptMessage, ProviderAdapter, StreamEvent } from "./adapter.ts";
import { baseUrlOf, documentRequest, streamRequest } from "./http-request.ts";
import { endpointOf } from "./read-url.ts";
import { asAmount, asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, jsonEvent, NO_DELTAS } from "./json-decoder.ts";
import { createReplyReader } from "./reply.ts";

/** The limit on output tokens that is sent when the user gives none, since the protocol demands one. */
export const ANTHROPIC_DEFAULT_MAX_TOKENS = 1024;

const VERSION = "2023-06-01";

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case "end_turn":
    case "stop_sequence":
      return "stop";
    case "max_tokens":
    case "model_context_window_exceeded":
      return "length";
    case "tool_use":
      return "tool";
    case "refusal":
      return "refused";
    case "pause_turn":
    case "compaction":
      return "paused";
    default:
      return "other";
  }
}

/**
 * Usage in the common meaning. `input_tokens` leaves out what was read from or written to a cache. The count of output tokens at
 * the start of a message is a placeholder, so it is unknown until `message_delta` brings it (`isFinal`).
 */
function readUsage(usage: JsonObject, isFinal: boolean): TokenUsage {
  const uncached = asAmount(usage.input_tokens);
  const cacheReadTokens = asAmount(usage.cache_read_input_tokens);
  const cacheWriteTokens = asAmount(usage.cache_creation_input_tokens);
  return {
    inputTokens: uncached === null ? null : uncached + (cacheReadTokens ?? 0) + (cacheWriteTokens ?? 0),
    cacheReadTokens,
    cacheWriteTokens,
    outputTokens: isFinal ? asAmount(usage.output_tokens) : null,
    reasoningTokens: isFinal ? asAmount(asObject(usage.output_tokens_details)?.thinking_tokens) : null,
    raw: usage,
  };
}

/** Fields that `message_delta` leaves out or sends as null keep what `message_start` said. */
function mergeUsage(start: JsonObject, delta: JsonObject): JsonObject {
  return { ...start, ...Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== null)) };
}

/** Claude shows a summary of its thinking, save for 3.7, which shows all. Other models behind this protocol, as in llama.cpp, show all too. */
function thinkingForm(model: unknown): "full" | "summary" {
  return typeof model === "string" && /claude(?!-3-7)/.test(model) ? "summary" : "full";
}

function createDecoder(): Decoder {
  const readReply = createReplyReader();
  let form: "full" | "summary" = "full";
  let usage: JsonObject = {};
  let stopReason: string | null = null;

  const start = (message: JsonObject | null): readonly Delta[] => {
    const deltas: Delta[] = [];
    const known = asObject(message?.usage);
    usage = known ?? usage;
    form = thinkingForm(message?.model);
    const reply = readReply({ model: message?.model, serviceTier: usage.service_tier });
    if (reply !== null) deltas.push(reply);
    if (known !== null) deltas.push({ type: "usage", usage: readUsage(known, false) });
    return deltas;
  };

  /** A block as it starts, or a delta of one: blocks usually start empty. Signatures and redacted thinking show nothing. */
  const content = (part: JsonObject | null): readonly Delta[] => {
    switch (part?.type) {
      case "text":
      case "text_delta":
        return one("text", asText(part.text));
      case "input_json_delta":
        return one("tool", asText(part.partial_json));
      case "thinking":
      case "thinking_delta": {
        const text = asText(part.thinking);
        return text === null ? NO_DELTAS : [{ type: "reasoning", text, form }];
      }
      default:
        return NO_DELTAS;
    }
  };

  const messageDelta = (fields: JsonObject): readonly Delta[] => {
    stopReason = asText(asObject(fields.delta)?.stop_reason) ?? stopReason;
    const delta = asObject(fields.usage);
    if (delta === null) return NO_DELTAS;
    usage = mergeUsage(usage, delta);
    return [{ type: "usage", usage: readUsage(usage, true) }];
  };

  /** The reason is held back until here, so that a stream cut before its last event does not pass for a whole one. */
  const stop = (): readonly Delta[] =>
    stopReason === null ? [{ type: "end" }] : [{ type: "finish", reason: finishReason(stopReason), raw: stopReason }, { type: "end" }];

  return createJsonDecoder((fields, event) => {
    switch (asText(fields.type) ?? event.name) {
      case "content_block_delta":
        return content(asObject(fields.delta));
      case "content_block_start":
        return content(asObject(fields.content_block));
      case "message_start":
        return start(asObject(fields.message));
      case "message_delta":
        return messageDelta(fields);
      case "message_stop":
        return stop();
      default:
        return NO_DELTAS;
    }
  });
}

function one(type: "text" | "tool", text: string | null): readonly Delta[] {
  return text === null ? NO_DELTAS : [{ type, text }];
}

/** A message in one piece, as events. */
function toEvents(message: JsonObject): readonly StreamEvent[] {
  if (message.type !== "message") return [jsonEvent(message)];
  const blocks = asList(message.content).flatMap((block) => {
    const input = asObject(asObject(block)?.input);
    const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) };
    return [{ type: "content_block_start", content_block: block }, ...(input === null ? [] : [{ type: "content_block_delta", delta }])];
  });
  const { content: _, usage, stop_reason, ...head } = message;
  return [
    { type: "message_start", message: { ...head, usage } },
    ...blocks,
    { type: "message_delta", delta: { stop_reason }, usage },
    { type: "message_stop" },
  ].map(jsonEvent);
}

/** The API's own path, and Claude's on Vertex, which has the model in it. */
function readEndpoint({ pathname }: URL): Endpoint | null {
  const model = /\/publishers\/anthropic\/models\/([^/:]+):(?:streamRawPredict|rawPredict)$/.exec(pathname)?.[1];
  return model !== undefined || pathname.endsWith("/v1/messages") ? { model: model ?? null, certain: true } : null;
}

function systemBlocks(messages: readonly PromptMessage[]): readonly unknown[] | undefined {
  const blocks = messages
    .filter(({ role }) => role === "system")
    .flatMap(({ content }): readonly unknown[] => (typeof content === "string" ? [{ type: "text", text: content }] : content));
  return blocks.length === 0 ? undefined : blocks;
}

function headersFor({ apiKey }: Credentials): Readonly<Record<string, string>> {
  return { "anthropic-version": VERSION, ...(apiKey === null ? {} : { "x-api-key": apiKey }) };
}

/** Anthropic's Messages. */
export const anthropic: ProviderAdapter = {
  id: "anthropic",
  apiKeyEnv: ["ANTHROPIC_API_KEY"],
  keyOptional: false,
  defaultBaseUrl: "https://api.anthropic.com",
  framing: "sse",
  buildRequest(prompt, credentials) {
    const url = endpointOf(baseUrlOf(anthropic, credentials), "/v1/messages");
    const body = {
      model: prompt.model,
      max_tokens: prompt.maxTokens ?? ANTHROPIC_DEFAULT_MAX_TOKENS,
      system: systemBlocks(prompt.messages),
      messages: prompt.messages.filter(({ role }) => role !== "system"),
      stream: true,
      temperature: prompt.temperature,
      top_p: prompt.topP,
    };
    return streamRequest({ url, framing: "sse", headers: headersFor(credentials), body }, prompt, credentials);
  },
  buildModelsRequest(credentials) {
    const url = endpointOf(baseUrlOf(anthropic, credentials), "/v1/models", "limit=1000");
    return documentRequest(url, headersFor(credentials), credentials);
  },
  createDecoder,
  readEndpoint,
  toEvents,
};
