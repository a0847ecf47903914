import type { TokenUsage } from "@lens/core";
import type { Decoder, Delta, FinishReason, ProviderAdapter, StreamEvent } from "./adapter.ts";
import { baseUrlOf, bearer, documentRequest, streamRequest } from "./http-request.ts";
import { endpointOf } from "./read-url.ts";
import { asAmount, asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, jsonEvent, NO_DELTAS, streamError } from "./json-decoder.ts";
import { createReplyReader } from "./reply.ts";

function readUsage(usage: JsonObject): TokenUsage {
  const input = asObject(usage.input_tokens_details);
  return {
    inputTokens: asAmount(usage.input_tokens),
    cacheReadTokens: asAmount(input?.cached_tokens),
    cacheWriteTokens: asAmount(input?.cache_write_tokens),
    outputTokens: asAmount(usage.output_tokens),
    reasoningTokens: asAmount(asObject(usage.output_tokens_details)?.reasoning_tokens),
    raw: usage,
  };
}

/** Why an answer is `incomplete`. */
function incompleteReason(raw: string): FinishReason {
  switch (raw) {
    case "max_output_tokens":
      return "length";
    case "content_filter":
      return "filtered";
    case "max_messages":
    case "steered":
      return "paused";
    default:
      return "other";
  }
}

/** The kind of content that a `….delta` event brings; null for events that bring none, and for those not known. */
function contentDelta(type: string, text: string): Delta | null {
  switch (type) {
    case "response.output_text.delta":
      return { type: "text", text };
    case "response.refusal.delta":
      return { type: "refusal", text };
    case "response.reasoning_text.delta":
      return { type: "reasoning", text, form: "full" };
    case "response.reasoning_summary_text.delta":
      return { type: "reasoning", text, form: "summary" };
    case "response.function_call_arguments.delta":
    case "response.custom_tool_call_input.delta":
    case "response.mcp_call_arguments.delta":
    case "response.code_interpreter_call_code.delta":
    case "response.shell_call_command.delta":
      return { type: "tool", text };
    default:
      return null;
  }
}

/** What became of the answer, kept until its last event. */
interface Answer {
  refused: boolean;
  calledTool: boolean;
}

function pushEnding(type: string, response: JsonObject, answer: Answer, deltas: Delta[]): void {
  if (type === "response.failed") {
    deltas.push({ type: "finish", reason: "error", raw: "failed" });
    if (asObject(response.error) !== null) deltas.push(streamError(response));
  } else if (type === "response.incomplete") {
    const raw = asText(asObject(response.incomplete_details)?.reason) ?? "incomplete";
    deltas.push({ type: "finish", reason: incompleteReason(raw), raw });
  } else {
    deltas.push({ type: "finish", reason: answer.refused ? "refused" : answer.calledTool ? "tool" : "stop", raw: "completed" });
  }
  deltas.push({ type: "end" });
}

function createDecoder(): Decoder {
  const readReply = createReplyReader();
  const answer: Answer = { refused: false, calledTool: false };

  const readResponse = (type: string, response: JsonObject): readonly Delta[] => {
    const deltas: Delta[] = [];
    const reply = readReply({ model: response.model, serviceTier: response.service_tier });
    if (reply !== null) deltas.push(reply);
    const usage = asObject(response.usage);
    if (usage !== null) deltas.push({ type: "usage", usage: readUsage(usage) });
    if (type === "response.completed" || type === "response.incomplete" || type === "response.failed")
      pushEnding(type, response, answer, deltas);
    return deltas;
  };

  return createJsonDecoder((fields, event) => {
    const type = asText(fields.type) ?? event.name ?? "";
    const text = asText(fields.delta);
    if (text !== null) {
      const delta = contentDelta(type, text);
      answer.refused ||= delta?.type === "refusal";
      return delta === null ? NO_DELTAS : [delta];
    }
    const itemType = type === "response.output_item.added" ? asObject(fields.item)?.type : undefined;
    answer.calledTool ||= itemType === "function_call" || itemType === "custom_tool_call";
    const response = asObject(fields.response);
    return response === null ? NO_DELTAS : readResponse(type, response);
  });
}

/** What an item of the output would have been streamed as. */
function eventsOfItem(item: JsonObject): readonly JsonObject[] {
  switch (item.type) {
    case "message":
      return asList(item.content).map((part) => {
        const { type, text, refusal } = asObject(part) ?? {};
        return type === "refusal"
          ? { type: "response.refusal.delta", delta: refusal }
          : { type: "response.output_text.delta", delta: text };
      });
    case "reasoning":
      return [
        ...asList(item.summary).map((part) => ({ type: "response.reasoning_summary_text.delta", delta: asObject(part)?.text })),
        ...asList(item.content).map((part) => ({ type: "response.reasoning_text.delta", delta: asObject(part)?.text })),
      ];
    case "function_call":
    case "custom_tool_call":
      return [
        { type: "response.output_item.added", item: { type: item.type } },
        { type: "response.function_call_arguments.delta", delta: item.arguments ?? item.input },
      ];
    default:
      return [];
  }
}

/** A response in one piece, as events. */
function toEvents(document: JsonObject): readonly StreamEvent[] {
  if (document.object !== "response") return [jsonEvent(document)];
  const { output, error, ...response } = document;
  const items = asList(output).flatMap((item) => eventsOfItem(asObject(item) ?? {}));
  const ending = {
    type: `response.${asText(document.status) ?? "completed"}`,
    response: error === null ? response : { ...response, error },
  };
  return [...items, ending].map(jsonEvent);
}

/** OpenAI's Responses API. */
export const openaiResponses: ProviderAdapter = {
  id: "openai-responses",
  apiKeyEnv: ["OPENAI_API_KEY"],
  keyOptional: false,
  defaultBaseUrl: "https://api.openai.com/v1",
  framing: "sse",
  buildRequest(prompt, credentials) {
    const url = endpointOf(baseUrlOf(openaiResponses, credentials), "/responses");
    const body = {
      model: prompt.model,
      input: prompt.messages,
      stream: true,
      max_output_tokens: prompt.maxTokens,
      temperature: prompt.temperature,
      top_p: prompt.topP,
    };
    return streamRequest({ url, framing: "sse", headers: bearer(credentials.apiKey), body }, prompt, credentials);
  },
  buildModelsRequest(credentials) {
    return documentRequest(endpointOf(baseUrlOf(openaiResponses, credentials), "/models"), bearer(credentials.apiKey), credentials);
  },
  createDecoder,
  readEndpoint: ({ pathname }) => (/\/(?:v1|openai)\/responses$/.test(pathname) ? { model: null, certain: true } : null),
  toEvents,
};
