import { type ArrivalKind, LensError, type Recorder, type TokenUsage } from "@lens/core";
import type { FinishReason } from "./adapter.ts";
import type { Finish } from "./answer.ts";
import { readErrorDocument } from "./error-document.ts";
import { asAmount, asList, asObject, asText, type JsonObject, parseJson } from "./json.ts";
import { abortError, causeOf, connectionError, streamError } from "./network-error.ts";
import { errorFromResponse } from "./status.ts";
import type { ResponseHeaders } from "./transport.ts";

/** Reads what a language model of the AI SDK gives, part by part, into a record. */
export interface AiSdkPartReader {
  part(part: unknown, atNs: bigint): void;
  /** All of an answer that was not streamed. */
  answer(result: unknown, atNs: bigint): void;
  finish(): Finish | null;
  /** What the stream reported as wrong; null while there is nothing. */
  failure(): LensError | null;
}

/** The AI SDK's words for why a model stopped. */
const REASONS: ReadonlyMap<unknown, FinishReason> = new Map([
  ["stop", "stop"],
  ["length", "length"],
  ["content-filter", "filtered"],
  ["tool-calls", "tool"],
  ["error", "error"],
]);

function finishOf(reason: unknown): Finish {
  const fields = asObject(reason);
  const unified = asText(fields?.unified) ?? asText(reason) ?? "unknown";
  const raw = asText(fields?.raw) ?? unified;
  return { reason: raw === "refusal" ? "refused" : (REASONS.get(unified) ?? "other"), raw };
}

function usageOf(usage: unknown): Partial<TokenUsage> {
  const fields = asObject(usage);
  const input = asObject(fields?.inputTokens);
  const output = asObject(fields?.outputTokens);
  return {
    inputTokens: asAmount(input?.total),
    cacheReadTokens: asAmount(input?.cacheRead),
    cacheWriteTokens: asAmount(input?.cacheWrite),
    outputTokens: asAmount(output?.total),
    reasoningTokens: asAmount(output?.reasoning),
    raw: fields?.raw ?? usage,
  };
}

function headersOf(headers: unknown): ResponseHeaders {
  const entries = Object.entries(asObject(headers) ?? {}).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

const nameOf = (reason: unknown): string => (reason instanceof Error ? reason.name : typeof reason);

/** What a server said, without its words: they may repeat the key that it was sent, which is not known here. */
function withoutWords(body: unknown): string {
  const type = readErrorDocument(parseJson(asText(body) ?? ""))?.type ?? null;
  return type === null ? "" : JSON.stringify({ error: { type } });
}

/** The error for a model that gave no answer. The AI SDK's own words are left out: they may hold the answer that it could not read. */
export function aiSdkError(reason: unknown, aborted: boolean, nowMs: number): LensError {
  const ended = abortError(reason, aborted);
  if (ended !== null) return ended;
  const { statusCode, responseHeaders, responseBody, url } = asObject(reason) ?? {};
  const status = asAmount(statusCode);
  if (status !== null && (status < 200 || status > 299))
    return errorFromResponse(status, headersOf(responseHeaders), withoutWords(responseBody), nowMs);
  const address = asText(url);
  if (status === null && address !== null && URL.canParse(address)) return connectionError(causeOf(reason), new URL(address), false);
  return new LensError("INTERNAL", `The AI SDK gave no answer: ${nameOf(reason)}.`);
}

/** The error for what a stream brought in place of an answer, in words that are not the provider's. */
function reportedError(error: unknown): LensError {
  const type = readErrorDocument({ error })?.type ?? null;
  return new LensError("STREAM_ERROR", "The provider reported an error in mid-stream.", type === null ? {} : { providerType: type });
}

/** The error for a stream that broke off. */
export function aiSdkStreamError(reason: unknown, aborted: boolean): LensError {
  return abortError(reason, aborted) ?? streamError(causeOf(reason));
}

/** Starts reading an answer. `reasoningForm` is what the provider streams of its reasoning. */
export function createAiSdkPartReader(recorder: Recorder, reasoningForm: "full" | "summary"): AiSdkPartReader {
  /** Calls whose input came bit by bit, and comes whole again at the end. */
  const streamedCalls = new Set<unknown>();
  let finish: Finish | null = null;
  let failure: LensError | null = null;

  function content(kind: ArrivalKind, text: unknown, atNs: bigint): void {
    if (typeof text !== "string" || text === "") return;
    if (kind === "reasoning") recorder.reasoning(reasoningForm);
    recorder.arrival(atNs, { kind, events: 1, chars: text.length });
  }

  function end(fields: JsonObject): void {
    recorder.usage(usageOf(fields.usage));
    finish = finishOf(fields.finishReason);
  }

  /** Of a part of a stream, the text is its `delta`; of one of a whole answer, its `text`. */
  function part(given: unknown, atNs: bigint): void {
    const fields = asObject(given) ?? {};
    switch (fields.type) {
      case "text":
      case "text-delta":
        return content("text", fields.delta ?? fields.text, atNs);
      case "reasoning":
      case "reasoning-delta":
        return content("reasoning", fields.delta ?? fields.text, atNs);
      case "tool-input-delta":
        streamedCalls.add(fields.id);
        return content("tool", fields.delta, atNs);
      case "tool-call":
        if (!streamedCalls.has(fields.toolCallId)) content("tool", fields.input, atNs);
        return;
      case "response-metadata":
        return recorder.reply({ model: asText(fields.modelId) });
      case "finish":
        return end(fields);
      case "error":
        failure ??= reportedError(fields.error);
        return;
      default:
    }
  }

  return {
    part,
    answer(result, atNs) {
      const fields = asObject(result) ?? {};
      for (const item of asList(fields.content)) part(item, atNs);
      recorder.reply({ model: asText(asObject(fields.response)?.modelId) });
      end(fields);
    },
    finish: () => finish,
    failure: () => failure,
  };
}

/** The headers of the response to a call, where the provider hands them on. */
export function aiSdkHeaders(result: unknown): ResponseHeaders {
  return headersOf(asObject(asObject(result)?.response)?.headers);
}
