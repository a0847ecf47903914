import type { Decoder, Delta, FinishReason } from "./adapter.ts";
import { readChatCostUsd, readChatTimings, readChatUsage } from "./chat-accounts.ts";
import { asList, asObject, asText, type JsonObject } from "./json.ts";
import { createJsonDecoder, NO_DELTAS, streamError } from "./json-decoder.ts";
import { createRepeatingDecoder } from "./repeating-decoder.ts";
import { createReplyReader } from "./reply.ts";

/** OpenAI's own words and those of the servers that follow it. */
function finishReason(raw: string): FinishReason {
  switch (raw) {
    case "stop":
    case "eos": // Together
    case "end_turn":
      return "stop";
    case "length":
    case "max_tokens":
    case "model_length": // Mistral: the context is full
      return "length";
    case "tool_calls":
    case "function_call":
      return "tool";
    case "content_filter":
      return "filtered";
    case "error": // OpenRouter, Mistral
    case "abort": // SGLang
    case "insufficient_system_resource": // DeepSeek
      return "error";
    default:
      return "other";
  }
}

interface Reasoning {
  readonly text: string;
  readonly form: "full" | "summary";
}

/** OpenRouter's list of reasoning: text, a summary of it, or something encrypted that shows nothing. */
function readReasoningDetails(details: readonly unknown[]): Reasoning | null {
  let text = "";
  let form: Reasoning["form"] = "full";
  for (const item of details) {
    const detail = asObject(item);
    if (detail?.type === "reasoning.summary") form = "summary";
    text += asText(detail?.text) ?? asText(detail?.summary) ?? "";
  }
  return text === "" ? null : { text, form };
}

/** Reasoning goes by several names, and some servers send the same text under two of them: the first that has any counts. */
function readReasoning(delta: JsonObject): Reasoning | null {
  const plain = asText(delta.reasoning_content) ?? asText(delta.reasoning);
  if (plain === null && delta.reasoning_details === undefined) return null;
  const detailed = readReasoningDetails(asList(delta.reasoning_details));
  return plain === null ? detailed : { text: plain, form: detailed?.form ?? "full" };
}

/** Mistral sends content as parts, among them `{type: "thinking", thinking: [{text}]}`. */
function readParts(parts: readonly unknown[], hasReasoning: boolean, deltas: Delta[]): void {
  for (const item of parts) {
    const part = asObject(item);
    if (part?.type === "thinking") {
      const text =
        asText(part.thinking) ?? asList(part.thinking).reduce<string>((all, piece) => all + (asText(asObject(piece)?.text) ?? ""), "");
      if (text !== "" && !hasReasoning) deltas.push({ type: "reasoning", text, form: "full" });
      continue;
    }
    const text = asText(part?.text);
    if (text !== null) deltas.push({ type: "text", text });
  }
}

/** A call's name is output of the model like its arguments, and comes first. */
function pushCall(call: JsonObject | null, deltas: Delta[]): void {
  const text = (asText(call?.name) ?? "") + (asText(call?.arguments) ?? asText(call?.input) ?? "");
  if (text !== "") deltas.push({ type: "tool", text });
}

function readDelta(delta: JsonObject, deltas: Delta[]): void {
  const reasoning = readReasoning(delta);
  if (reasoning !== null) deltas.push({ type: "reasoning", ...reasoning });
  const { content } = delta;
  if (typeof content === "string") {
    if (content !== "") deltas.push({ type: "text", text: content });
  } else if (Array.isArray(content)) {
    readParts(content, reasoning !== null, deltas);
  }
  const refusal = asText(delta.refusal);
  if (refusal !== null) deltas.push({ type: "refusal", text: refusal });
  for (const item of asList(delta.tool_calls)) {
    const call = asObject(item);
    pushCall(asObject(call?.function) ?? asObject(call?.custom), deltas);
  }
  pushCall(asObject(delta.function_call), deltas);
}

/** Decodes chat-completion chunks: OpenAI's and those of the servers that follow it, with what they do differently. */
export function createChatDecoder(): Decoder {
  const readReply = createReplyReader();
  let refused = false;

  const decode = createJsonDecoder((chunk) => {
    const deltas: Delta[] = [];
    const reply = readReply({ model: chunk.model, serviceTier: chunk.service_tier });
    if (reply !== null) deltas.push(reply);
    for (const item of asList(chunk.choices)) {
      const choice = asObject(item);
      const delta = asObject(choice?.delta);
      if (delta !== null) readDelta(delta, deltas);
      refused ||= asText(delta?.refusal) !== null;
      const raw = asText(choice?.finish_reason);
      if (raw === null) continue;
      const reason = finishReason(raw);
      // OpenAI ends a refusal with `stop`.
      deltas.push({ type: "finish", reason: reason === "stop" && refused ? "refused" : reason, raw });
    }
    readAccounts(chunk, deltas);
    return deltas.length === 0 ? NO_DELTAS : deltas;
  });
  return createRepeatingDecoder(decode);
}

function readAccounts(chunk: JsonObject, deltas: Delta[]): void {
  const groq = asObject(chunk.x_groq);
  const usage = asObject(chunk.usage) ?? asObject(groq?.usage);
  if (usage !== null) {
    deltas.push({ type: "usage", usage: readChatUsage(usage) });
    const costUsd = readChatCostUsd(usage);
    if (costUsd !== null) deltas.push({ type: "reply", reply: { costUsd } });
  }
  const timings = readChatTimings(chunk);
  if (timings !== null) deltas.push({ type: "server", timings });
  const failure = asText(groq?.error);
  if (failure !== null) deltas.push(streamError({ message: failure }));
}
