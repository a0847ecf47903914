import type { TokenUsage } from "@lens/core";
import type { Credentials, Decoder, Delta, Endpoint, FinishReason, PromptMessage, ProviderAdapter } from "./adapter.ts";
import { baseUrlOf, documentRequest, streamRequest } from "./http-request.ts";
import { endpointOf } from "./read-url.ts";
import { asAmount, asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, NO_DELTAS } from "./json-decoder.ts";
import { createReplyReader } from "./reply.ts";

function finishReason(raw: string): FinishReason {
  switch (raw) {
    case "STOP":
      return "stop";
    case "MAX_TOKENS":
      return "length";
    case "SAFETY":
    case "RECITATION":
    case "LANGUAGE":
    case "BLOCKLIST":
    case "PROHIBITED_CONTENT":
    case "SPII":
    case "MODEL_ARMOR":
    case "IMAGE_SAFETY":
    case "IMAGE_PROHIBITED_CONTENT":
    case "IMAGE_RECITATION":
      return "filtered";
    case "MALFORMED_FUNCTION_CALL":
    case "UNEXPECTED_TOOL_CALL":
    case "TOO_MANY_TOOL_CALLS":
      return "error";
    case "CONTINUATION":
      return "paused";
    default:
      return "other";
  }
}

/**
 * Usage in the common meaning. Each chunk has the running totals. Thoughts are counted beside the candidates' tokens and what tools
 * put into the prompt beside the prompt's; a total that is explained without thoughts shows that there were none.
 */
function readUsage(usage: JsonObject): TokenUsage {
  const prompt = asAmount(usage.promptTokenCount);
  const inputTokens = prompt === null ? null : prompt + (asAmount(usage.toolUsePromptTokenCount) ?? 0);
  const candidates = asAmount(usage.candidatesTokenCount);
  const thoughts = asAmount(usage.thoughtsTokenCount);
  const withoutThoughts = inputTokens !== null && candidates !== null && usage.totalTokenCount === inputTokens + candidates;
  return {
    inputTokens,
    cacheReadTokens: asAmount(usage.cachedContentTokenCount),
    cacheWriteTokens: null,
    outputTokens: candidates === null && thoughts === null ? null : (candidates ?? 0) + (thoughts ?? 0),
    reasoningTokens: thoughts ?? (withoutThoughts ? 0 : null),
    raw: usage,
  };
}

/** A function call comes whole, or on Vertex in `partialArgs`; a call's name is output of the model like its arguments. */
function callText(call: JsonObject): string {
  const input = call.args ?? call.partialArgs;
  return (asText(call.name) ?? "") + (input === undefined || input === null ? "" : JSON.stringify(input));
}

function readPart(part: JsonObject, deltas: Delta[]): void {
  const text = asText(part.text);
  // What Gemini shows of its thoughts is a summary of them.
  if (text !== null) deltas.push(part.thought === true ? { type: "reasoning", text, form: "summary" } : { type: "text", text });
  const call = asObject(part.functionCall);
  const input = call === null ? asText(asObject(part.executableCode)?.code) : asText(callText(call));
  if (input !== null) deltas.push({ type: "tool", text: input });
}

function createDecoder(): Decoder {
  const readReply = createReplyReader();
  let calledTool = false;

  const readCandidate = (candidate: JsonObject, deltas: Delta[]): void => {
    for (const item of asList(asObject(candidate.content)?.parts)) {
      const part = asObject(item);
      if (part === null) continue;
      readPart(part, deltas);
      calledTool ||= asObject(part.functionCall) !== null;
    }
    const raw = asText(candidate.finishReason);
    if (raw === null) return;
    const reason = finishReason(raw);
    // Gemini ends a tool call with `STOP`.
    deltas.push({ type: "finish", reason: reason === "stop" && calledTool ? "tool" : reason, raw });
  };

  return createJsonDecoder((chunk) => {
    const deltas: Delta[] = [];
    const usage = asObject(chunk.usageMetadata);
    const reply = readReply({
      model: chunk.modelVersion,
      serviceTier: usage?.serviceTier ?? usage?.trafficType,
      requestId: chunk.responseId,
    });
    if (reply !== null) deltas.push(reply);
    for (const item of asList(chunk.candidates)) {
      const candidate = asObject(item);
      if (candidate !== null) readCandidate(candidate, deltas);
    }
    const blocked = asText(asObject(chunk.promptFeedback)?.blockReason);
    if (blocked !== null) deltas.push({ type: "finish", reason: "filtered", raw: blocked });
    if (usage !== null) deltas.push({ type: "usage", usage: readUsage(usage) });
    return deltas.length === 0 ? NO_DELTAS : deltas;
  });
}

function partsOf(content: PromptMessage["content"]): readonly unknown[] {
  return typeof content === "string" ? [{ text: content }] : content;
}

function bodyOf(messages: readonly PromptMessage[], generationConfig: JsonObject): JsonObject {
  const system = messages.filter(({ role }) => role === "system").flatMap(({ content }) => partsOf(content));
  const contents = messages
    .filter(({ role }) => role !== "system")
    .map(({ role, content }) => ({ role: role === "assistant" ? "model" : "user", parts: partsOf(content) }));
  const isConfigured = Object.values(generationConfig).some((value) => value !== undefined);
  return {
    contents,
    systemInstruction: system.length === 0 ? undefined : { parts: system },
    generationConfig: isConfigured ? generationConfig : undefined,
  };
}

/** As in Google's SDK: a bare name is one of `models/`, and a path such as `tunedModels/…` stands as it is. */
function modelPath(model: string): string {
  const path = model.split("/").map(encodeURIComponent).join("/");
  return model.startsWith("models/") || model.startsWith("tunedModels/") ? path : `models/${path}`;
}

/** The Gemini API and Vertex: the model stands in the path. A whole answer looks like a chunk, so it is read as one. */
function readEndpoint({ pathname }: URL): Endpoint | null {
  const model = /\/(?:models|tunedModels)\/([^/:]+):(?:streamGenerateContent|generateContent)$/.exec(pathname)?.[1];
  return model === undefined ? null : { model, certain: true };
}

function headersFor({ apiKey }: Credentials): Readonly<Record<string, string>> {
  return apiKey === null ? {} : { "x-goog-api-key": apiKey };
}

/** Google's Gemini API. */
export const google: ProviderAdapter = {
  id: "google",
  apiKeyEnv: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  keyOptional: false,
  defaultBaseUrl: "https://generativelanguage.googleapis.com",
  framing: "sse",
  buildRequest(prompt, credentials) {
    // Without `alt=sse` the answer is one JSON array.
    const url = endpointOf(baseUrlOf(google, credentials), `/v1beta/${modelPath(prompt.model)}:streamGenerateContent`, "alt=sse");
    const body = bodyOf(prompt.messages, { maxOutputTokens: prompt.maxTokens, temperature: prompt.temperature, topP: prompt.topP });
    return streamRequest({ url, framing: "sse", headers: headersFor(credentials), body }, prompt, credentials);
  },
  buildModelsRequest(credentials) {
    const url = endpointOf(baseUrlOf(google, credentials), "/v1beta/models", "pageSize=1000");
    return documentRequest(url, headersFor(credentials), credentials);
  },
  createDecoder,
  readEndpoint,
};
