import {
  BROKEN_JSON,
  type Context,
  contentWrite,
  type Dialect,
  type Failure,
  plainWrite,
  STREAM_ERROR_MESSAGE,
  TOOL_NAME,
  toolArguments,
  wholeText,
  type Write,
} from "./dialect.ts";
import type { Ending, Piece, PieceKind, Plan } from "./plan.ts";
import { asFields, firstCount, modelName, textOf } from "./request-body.ts";

/** The documents of OpenAI's errors, which Chat Completions and Responses share. */
export function openaiFailureDocument(failure: Failure): unknown {
  const [type, code] = failureWords(failure);
  const inner = failure.filtered ? { innererror: { code: "ResponsibleAIPolicyViolation" }, status: 400 } : {};
  return { error: { message: failure.message, type, param: null, code, ...inner } };
}

function failureWords(failure: Failure): [type: string, code: string | null] {
  switch (failure.status) {
    case 400:
    case 413:
      return ["invalid_request_error", failure.filtered ? "content_filter" : null];
    case 401:
      return ["invalid_request_error", "invalid_api_key"];
    case 404:
      return ["invalid_request_error", "model_not_found"];
    case 429:
      return ["requests", "rate_limit_exceeded"];
    case 500:
      return ["server_error", null];
    case 529:
      return ["server_error", "overloaded"];
  }
}

/** The headers with which OpenAI asks for patience: whole seconds, and milliseconds beside them. */
export function openaiFailureHeaders(failure: Failure): Readonly<Record<string, string>> {
  if (failure.retryAfterMs === null) return {};
  return { "retry-after": String(Math.ceil(failure.retryAfterMs / 1000)), "retry-after-ms": String(failure.retryAfterMs) };
}

/** The headers of OpenAI's streams and documents. `openai-processing-ms` is the time until the headers left, not until the end. */
export function openaiHeaders(context: Context, headNs: number): Readonly<Record<string, string>> {
  return {
    "content-type": context.ask.stream ? "text/event-stream; charset=utf-8" : "application/json",
    "cache-control": "no-cache",
    "openai-version": "2020-10-01",
    "openai-organization": "sim",
    "openai-processing-ms": String(Math.round(headNs / 1e6)),
    "x-ratelimit-limit-requests": "10000",
    "x-ratelimit-limit-tokens": "2000000",
    "x-ratelimit-remaining-requests": "9999",
    "x-ratelimit-remaining-tokens": "1999000",
    "x-ratelimit-reset-requests": "6ms",
    "x-ratelimit-reset-tokens": "30ms",
  };
}

function usageOf(plan: Plan): unknown {
  return {
    prompt_tokens: plan.inputTokens,
    completion_tokens: plan.outputTokens,
    total_tokens: plan.inputTokens + plan.outputTokens,
    prompt_tokens_details: { cached_tokens: plan.cachedTokens, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: plan.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function finishReason(ending: Ending): string {
  switch (ending) {
    case "length":
      return "length";
    case "tool":
      return "tool_calls";
    case "filtered":
      return "content_filter";
    default:
      return "stop";
  }
}

function deltaOf(kind: PieceKind, piece: Piece, call: number): unknown {
  switch (kind) {
    case "text":
      return { content: piece.text };
    case "reasoning":
      return { reasoning_content: piece.text };
    case "refusal":
      return { refusal: piece.text };
    case "tool":
      return { tool_calls: [{ index: call, function: { arguments: piece.text } }] };
  }
}

function* stream(plan: Plan, context: Context): Generator<Write> {
  const { ask, id, createdSeconds } = context;
  // What all chunks share is put into JSON once: this is done for every token of every stream.
  const shared = { id: `chatcmpl-${id}`, object: "chat.completion.chunk", created: createdSeconds, model: ask.model };
  const opening = `data: ${JSON.stringify({ ...shared, service_tier: "default", system_fingerprint: null }).slice(0, -1)},"choices":`;
  const ending = `${ask.includeUsage ? ',"usage":null' : ""}}\n\n`;
  const chunk = (delta: unknown, finish: string | null = null): string =>
    `${opening}[{"index":0,"delta":${JSON.stringify(delta)},"logprobs":null,"finish_reason":${JSON.stringify(finish)}}]${ending}`;

  yield plainWrite(plan.headNs, chunk({ role: "assistant", content: "", refusal: null }));
  let call = -1;
  for (const { kind, pieces } of plan.blocks) {
    if (kind === "tool") {
      call++;
      const named = { index: call, id: `call_${id}_${call}`, type: "function", function: { name: TOOL_NAME, arguments: "" } };
      yield plainWrite(pieces[0]?.dueNs ?? plan.endNs, chunk({ tool_calls: [named] }));
    }
    for (const piece of pieces) yield contentWrite(kind, piece, chunk(deltaOf(kind, piece, call)));
  }
  if (plan.ending === "cut" || plan.ending === "stall") return;
  if (plan.ending === "broken-json") return yield plainWrite(plan.endNs, `data: ${BROKEN_JSON}\n\n`);
  if (plan.ending === "error") {
    return yield plainWrite(
      plan.endNs,
      `data: ${JSON.stringify({ error: { message: STREAM_ERROR_MESSAGE, type: "server_error", param: null, code: null } })}\n\n`,
    );
  }
  yield plainWrite(plan.endNs, chunk({}, finishReason(plan.ending)));
  if (ask.includeUsage) yield plainWrite(plan.endNs, `${opening}[],"usage":${JSON.stringify(usageOf(plan))}}\n\n`);
  yield plainWrite(plan.endNs, "data: [DONE]\n\n");
}

function document(plan: Plan, context: Context): unknown {
  const reasoning = wholeText(plan, "reasoning");
  const refusal = wholeText(plan, "refusal");
  const calls = toolArguments(plan).map((text, call) => ({
    id: `call_${context.id}_${call}`,
    type: "function",
    function: { name: TOOL_NAME, arguments: text },
  }));
  const message = {
    role: "assistant",
    content: calls.length > 0 || refusal !== "" ? null : wholeText(plan, "text"),
    refusal: refusal === "" ? null : refusal,
    ...(reasoning === "" ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return {
    id: `chatcmpl-${context.id}`,
    object: "chat.completion",
    created: context.createdSeconds,
    model: context.ask.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason(plan.ending) }],
    usage: usageOf(plan),
    service_tier: "default",
    system_fingerprint: null,
  };
}

/** OpenAI Chat Completions, and all that is compatible with it. Reasoning streams as `reasoning_content`, as DeepSeek does. */
export const openai: Dialect = {
  protocol: "openai",
  lacks: [],
  wholeToolCalls: false,
  spokenRefusal: true,
  blockedByStatus: true,
  outcomes: { refused: "refused", filtered: "filtered", blocked: "filtered" },
  readAsk(body, _headers, path) {
    const model = modelName(body.model) ?? path.model;
    if (model === null) return "you must provide a model parameter";
    if (!Array.isArray(body.messages) || body.messages.length === 0) return "Expected `messages` to be a list of at least one message.";
    return {
      model,
      stream: body.stream === true,
      maxTokens: firstCount(body.max_completion_tokens, body.max_tokens),
      promptText: textOf(body.messages),
      includeUsage: asFields(body.stream_options)?.include_usage === true,
      jsonArray: false,
    };
  },
  headers: openaiHeaders,
  stream,
  document,
  keepAlive: () => ": keep-alive\n\n",
  failureDocument: openaiFailureDocument,
  failureHeaders: openaiFailureHeaders,
};
