import type { ServerTimings, TokenUsage } from "@lens/core";
import type { Decoder, Delta, FinishReason, ProviderAdapter } from "./adapter.ts";
import { baseUrlOf, bearer, documentRequest, streamRequest } from "./http-request.ts";
import { endpointOf } from "./read-url.ts";
import { asAmount, asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, NO_DELTAS } from "./json-decoder.ts";
import { createReplyReader } from "./reply.ts";

/** The accounts on the last line. Fields that are zero are left out by the server. */
const ACCOUNT_FIELDS = [
  "total_duration",
  "load_duration",
  "prompt_eval_count",
  "prompt_eval_duration",
  "eval_count",
  "eval_duration",
] as const;

function readUsage(line: JsonObject): TokenUsage {
  const raw = Object.fromEntries(ACCOUNT_FIELDS.filter((field) => line[field] !== undefined).map((field) => [field, line[field]]));
  return {
    inputTokens: asAmount(line.prompt_eval_count),
    cacheReadTokens: null,
    cacheWriteTokens: null,
    outputTokens: asAmount(line.eval_count),
    reasoningTokens: null,
    raw,
  };
}

/** Ollama's durations are whole nanoseconds. */
function durationMs(value: unknown): number | null {
  const durationNs = asAmount(value);
  return durationNs === null ? null : durationNs / 1e6;
}

function readTimings(line: JsonObject): Partial<ServerTimings> {
  const generationMs = durationMs(line.eval_duration);
  const outputTokens = asAmount(line.eval_count);
  return {
    loadMs: durationMs(line.load_duration),
    promptMs: durationMs(line.prompt_eval_duration),
    generationMs,
    totalMs: durationMs(line.total_duration),
    perTokenMs: generationMs === null || outputTokens === null || outputTokens === 0 ? null : generationMs / outputTokens,
  };
}

function finishReason(raw: string, calledTool: boolean): FinishReason {
  switch (raw) {
    case "stop":
      return calledTool ? "tool" : "stop";
    case "length":
      return "length";
    default:
      return "other";
  }
}

/** A line of `/api/chat` has a `message`; one of `/api/generate` has `response` and `thinking` instead. */
function readContent(line: JsonObject, deltas: Delta[]): void {
  const message = asObject(line.message);
  const thinking = asText(message?.thinking) ?? asText(line.thinking);
  if (thinking !== null) deltas.push({ type: "reasoning", text: thinking, form: "full" });
  const text = asText(message?.content) ?? asText(line.response);
  if (text !== null) deltas.push({ type: "text", text });
  for (const item of asList(message?.tool_calls)) {
    const call = asObject(asObject(item)?.function);
    const input = call?.arguments;
    const tool = (asText(call?.name) ?? "") + (typeof input === "object" && input !== null ? JSON.stringify(input) : (asText(input) ?? ""));
    if (tool !== "") deltas.push({ type: "tool", text: tool });
  }
}

function createDecoder(): Decoder {
  const readReply = createReplyReader();
  let calledTool = false;
  return createJsonDecoder((line) => {
    const deltas: Delta[] = [];
    const reply = readReply({ model: line.model });
    if (reply !== null) deltas.push(reply);
    readContent(line, deltas);
    calledTool ||= asList(asObject(line.message)?.tool_calls).length > 0;
    if (line.done === true) {
      // Older versions give no reason.
      const raw = asText(line.done_reason) ?? "stop";
      deltas.push({ type: "usage", usage: readUsage(line) }, { type: "server", timings: readTimings(line) });
      deltas.push({ type: "finish", reason: finishReason(raw, calledTool), raw }, { type: "end" });
    }
    return deltas.length === 0 ? NO_DELTAS : deltas;
  });
}

/** Ollama's own protocol, which tells how long loading, prefill and decoding took; its `/v1`, the preset `ollama`, does not. */
export const ollamaNative: ProviderAdapter = {
  id: "ollama-native",
  apiKeyEnv: ["OLLAMA_API_KEY"],
  keyOptional: true,
  defaultBaseUrl: "http://127.0.0.1:11434",
  framing: "ndjson",
  buildRequest(prompt, credentials) {
    const url = endpointOf(baseUrlOf(ollamaNative, credentials), "/api/chat");
    const { maxTokens, temperature, topP } = prompt;
    const isConfigured = maxTokens !== undefined || temperature !== undefined || topP !== undefined;
    const options = isConfigured ? { num_predict: maxTokens, temperature, top_p: topP } : undefined;
    const body = { model: prompt.model, messages: prompt.messages, stream: true, options };
    return streamRequest({ url, framing: "ndjson", headers: bearer(credentials.apiKey), body }, prompt, credentials);
  },
  buildModelsRequest(credentials) {
    return documentRequest(endpointOf(baseUrlOf(ollamaNative, credentials), "/api/tags"), bearer(credentials.apiKey), credentials);
  },
  createDecoder,
  readEndpoint: ({ pathname }) => (/\/api\/(?:chat|generate)$/.test(pathname) ? { model: null, certain: true } : null),
};
