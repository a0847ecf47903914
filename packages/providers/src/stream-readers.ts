import { ARRIVAL_KINDS, type ArrivalKind, type ChunkContent, type TokenUsage } from "@lens/core";
import type { ProviderAdapter } from "./adapter.ts";
import { asAmount, asObject, asText, type JsonObject } from "./json.ts";

/**
 * What `measureStream` reads the chunks of an SDK's stream with: the objects that the SDKs of OpenAI, Anthropic and Google hand out are what the events
 * of their protocols say, so the adapter of that protocol reads them. Make one for each stream.
 */
export function createChunkReader(adapter: ProviderAdapter): (chunk: unknown) => ChunkContent {
  const decode = adapter.createDecoder();
  return (chunk) => {
    let kind: ArrivalKind | null = null;
    let text = "";
    let usage: Partial<TokenUsage> | null = null;
    for (const delta of decode({ name: null, data: JSON.stringify(chunk) })) {
      if (delta.type === "usage") usage = delta.usage;
      else if (delta.type === "text" || delta.type === "reasoning" || delta.type === "tool" || delta.type === "refusal") {
        if (kind === null || ARRIVAL_KINDS.indexOf(delta.type) < ARRIVAL_KINDS.indexOf(kind)) kind = delta.type;
        text += delta.text;
      }
    }
    return { text, ...(kind === null ? {} : { kind }), ...(usage === null ? {} : { usage }) };
  };
}

function aiSdkUsage(usage: JsonObject): Partial<TokenUsage> {
  const input = asObject(usage.inputTokenDetails);
  return {
    inputTokens: asAmount(usage.inputTokens),
    cacheReadTokens: asAmount(input?.cacheReadTokens) ?? asAmount(usage.cachedInputTokens),
    cacheWriteTokens: asAmount(input?.cacheWriteTokens),
    outputTokens: asAmount(usage.outputTokens),
    reasoningTokens: asAmount(asObject(usage.outputTokenDetails)?.reasoningTokens) ?? asAmount(usage.reasoningTokens),
    raw: usage,
  };
}

/** What `measureStream` reads the parts of the AI SDK's `fullStream` with, of version 5 up; its `textStream` needs nothing. Null for parts without content or usage. */
export function readAiSdkPart(part: unknown): ChunkContent | null {
  const fields = asObject(part) ?? {};
  switch (fields.type) {
    case "text-delta":
      return { kind: "text", text: asText(fields.text) ?? "" };
    case "reasoning-delta":
      return { kind: "reasoning", text: asText(fields.text) ?? "" };
    case "tool-input-delta":
      return { kind: "tool", text: asText(fields.delta) ?? "" };
    case "finish": {
      const usage = asObject(fields.totalUsage);
      return usage === null ? null : { text: "", usage: aiSdkUsage(usage) };
    }
    default:
      return null;
  }
}
