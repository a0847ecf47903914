import type { TokenUsage } from "@lens/core";
import type { Decoder, Delta, Endpoint, FinishReason, ProviderAdapter, StreamEvent } from "./adapter.ts";
import { baseUrlOf, bearer, documentRequest, streamRequest } from "./http-request.ts";
import { asAmount, asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, jsonEvent, NO_DELTAS, streamError } from "./json-decoder.ts";
import { endpointOf } from "./read-url.ts";

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case "COMPLETE":
    case "STOP_SEQUENCE":
      return "stop";
    case "MAX_TOKENS":
      return "length";
    case "TOOL_CALL":
      return "tool";
    case "ERROR":
    case "TIMEOUT":
      return "error";
    default:
      return "other";
  }
}

/**
 * Usage in the common meaning. `tokens` has all that the model read and wrote, `billed_units` what is billed of it: less input, since the chat
 * template is free, and less output, since marks around calls and plans are not shown.
 */
function readUsage(usage: JsonObject): TokenUsage {
  const tokens = asObject(usage.tokens);
  const billed = asObject(usage.billed_units);
  return {
    inputTokens: asAmount(tokens?.input_tokens) ?? asAmount(billed?.input_tokens),
    cacheReadTokens: asAmount(usage.cached_tokens),
    cacheWriteTokens: null,
    outputTokens: asAmount(billed?.output_tokens) ?? asAmount(tokens?.output_tokens),
    reasoningTokens: null,
    raw: usage,
  };
}

/** A block of the message as it starts, which is usually empty, or what is added to it. A plan is what the model thinks before it calls tools. */
function readMessage(message: JsonObject | null): readonly Delta[] {
  const content = asObject(message?.content);
  const thought = asText(content?.thinking) ?? asText(message?.tool_plan);
  if (thought !== null) return [{ type: "reasoning", text: thought, form: "full" }];
  const text = asText(content?.text);
  if (text !== null) return [{ type: "text", text }];
  const call = asObject(asObject(message?.tool_calls)?.function);
  const tool = (asText(call?.name) ?? "") + (asText(call?.arguments) ?? "");
  return tool === "" ? NO_DELTAS : [{ type: "tool", text: tool }];
}

function readEnd(delta: JsonObject): readonly Delta[] {
  const usage = asObject(delta.usage);
  const raw = asText(delta.finish_reason);
  const error = asText(delta.error);
  return [
    ...(usage === null ? [] : [{ type: "usage" as const, usage: readUsage(usage) }]),
    ...(raw === null ? [] : [{ type: "finish" as const, reason: finishReason(raw), raw }]),
    ...(error === null ? [] : [streamError({ error })]),
    { type: "end" },
  ];
}

/** Citations point at text that has come, and are no content. */
function createDecoder(): Decoder {
  return createJsonDecoder((fields, event) => {
    const delta = asObject(fields.delta);
    switch (asText(fields.type) ?? event.name) {
      case "content-start":
      case "content-delta":
      case "tool-plan-delta":
      case "tool-call-start":
      case "tool-call-delta":
        return readMessage(asObject(delta?.message));
      case "message-end":
        return readEnd(delta ?? {});
      default:
        return NO_DELTAS;
    }
  });
}

/** An answer in one piece, as events. */
function toEvents(document: JsonObject): readonly StreamEvent[] {
  const message = asObject(document.message);
  if (message === null) return [jsonEvent(document)];
  const { finish_reason, usage } = document;
  return [
    { type: "tool-plan-delta", delta: { message: { tool_plan: message.tool_plan } } },
    ...asList(message.content).map((content) => ({ type: "content-start", delta: { message: { content } } })),
    ...asList(message.tool_calls).map((call) => ({ type: "tool-call-start", delta: { message: { tool_calls: call } } })),
    { type: "message-end", delta: { finish_reason, usage } },
  ].map(jsonEvent);
}

/** Other servers may have such a path for a chat of their own. */
function readEndpoint({ hostname, pathname }: URL): Endpoint | null {
  return pathname.endsWith("/v2/chat") ? { model: null, certain: /(?:^|\.)cohere\.(?:com|ai)$/.test(hostname) } : null;
}

/** Cohere's chat, version 2. */
export const cohere: ProviderAdapter = {
  id: "cohere",
  apiKeyEnv: ["CO_API_KEY", "COHERE_API_KEY"],
  keyOptional: false,
  defaultBaseUrl: "https://api.cohere.com",
  framing: "sse",
  buildRequest(prompt, credentials) {
    const url = endpointOf(baseUrlOf(cohere, credentials), "/v2/chat");
    const { model, messages, maxTokens, temperature, topP } = prompt;
    const body = { model, messages, stream: true, max_tokens: maxTokens, temperature, p: topP };
    return streamRequest({ url, framing: "sse", headers: bearer(credentials.apiKey), body }, prompt, credentials);
  },
  buildModelsRequest(credentials) {
    const url = endpointOf(baseUrlOf(cohere, credentials), "/v1/models", "endpoint=chat&page_size=1000");
    return documentRequest(url, bearer(credentials.apiKey), credentials);
  },
  createDecoder,
  readEndpoint,
  toEvents,
};
