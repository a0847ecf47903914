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
import { firstCount, modelName, textOf } from "./request-body.ts";

type BlockKind = "text" | "thinking" | "tool_use";

const ERROR_TYPES = {
  400: "invalid_request_error",
  401: "authentication_error",
  404: "not_found_error",
  413: "request_too_large",
  429: "rate_limit_error",
  500: "api_error",
  529: "overloaded_error",
} as const satisfies Record<Failure["status"], string>;

const REFUSAL = { type: "refusal", category: null, explanation: "The simulator was asked to refuse." };

function stopReason(ending: Ending): string {
  switch (ending) {
    case "length":
      return "max_tokens";
    case "tool":
      return "tool_use";
    case "refused":
    case "filtered":
    case "blocked":
      return "refusal";
    default:
      return "end_turn";
  }
}

/** Here `input_tokens` leaves out what was read from a cache. */
const inputUsage = (plan: Plan): object => ({
  input_tokens: plan.inputTokens - plan.cachedTokens,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: plan.cachedTokens,
});

function finalUsage(plan: Plan): object {
  const split = plan.reasoningTokens > 0 ? { output_tokens_details: { thinking_tokens: plan.reasoningTokens } } : {};
  return { ...inputUsage(plan), output_tokens: plan.outputTokens, ...split };
}

function blockKind(kind: PieceKind): BlockKind {
  return kind === "reasoning" ? "thinking" : kind === "tool" ? "tool_use" : "text";
}

function deltaOf(kind: BlockKind, piece: Piece): object {
  switch (kind) {
    case "text":
      return { type: "text_delta", text: piece.text };
    case "thinking":
      return { type: "thinking_delta", thinking: piece.text };
    case "tool_use":
      return { type: "input_json_delta", partial_json: piece.text };
  }
}

/** The real service pads its data lines with spaces; so does this. */
const event = (type: string, fields: object, padding = 0): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}${" ".repeat(padding)}\n\n`;

const signatureOf = (id: string): string => Buffer.from(`signature ${id}`).toString("base64");

/** The blocks as they show: reasoning that is hidden is a thinking block without text. */
function shownBlocks(plan: Plan): { kind: BlockKind; pieces: readonly Piece[]; dueNs: number }[] {
  const shown = plan.blocks.map(({ kind, pieces }) => ({ kind: blockKind(kind), pieces, dueNs: pieces[0]?.dueNs ?? plan.endNs }));
  const silent = plan.reasoningHidden && plan.reasoningTokens > 0;
  return silent ? [{ kind: "thinking", pieces: [], dueNs: plan.ttftNs }, ...shown] : shown;
}

function* stream(plan: Plan, context: Context): Generator<Write> {
  const { id, ask } = context;
  const start = (index: number, kind: BlockKind): string => {
    const empty = {
      text: { text: "" },
      thinking: { thinking: "", signature: "" },
      tool_use: { id: `toolu_${id}_${index}`, name: TOOL_NAME, input: {} },
    };
    return event("content_block_start", { index, content_block: { type: kind, ...empty[kind] } });
  };
  const usage = {
    ...inputUsage(plan),
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: 1,
    service_tier: "standard",
  };
  const message = {
    id: `msg_${id}`,
    type: "message",
    role: "assistant",
    model: ask.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
  const blocks = shownBlocks(plan);
  const broken = plan.ending === "error" || plan.ending === "cut" || plan.ending === "stall" || plan.ending === "broken-json";

  yield plainWrite(plan.headNs, event("message_start", { message }));
  if (blocks[0] !== undefined) yield plainWrite(plan.headNs, start(0, blocks[0].kind));
  yield plainWrite(plan.headNs, event("ping", {}));
  for (const [index, { kind, pieces, dueNs }] of blocks.entries()) {
    if (index > 0) yield plainWrite(dueNs, start(index, kind));
    let padding = index;
    for (const piece of pieces) {
      const pieceKind: PieceKind = kind === "thinking" ? "reasoning" : "text";
      yield contentWrite(pieceKind, piece, event("content_block_delta", { index, delta: deltaOf(kind, piece) }, padding++ % 7));
    }
    if (broken && index === blocks.length - 1) break;
    const closedNs = blocks[index + 1]?.dueNs ?? plan.endNs;
    if (kind === "thinking")
      yield plainWrite(closedNs, event("content_block_delta", { index, delta: { type: "signature_delta", signature: signatureOf(id) } }));
    yield plainWrite(closedNs, event("content_block_stop", { index }));
  }
  if (plan.ending === "cut" || plan.ending === "stall") return;
  if (plan.ending === "broken-json") return yield plainWrite(plan.endNs, `event: content_block_delta\ndata: ${BROKEN_JSON}\n\n`);
  if (plan.ending === "error") {
    return yield plainWrite(
      plan.endNs,
      event("error", { error: { type: "overloaded_error", message: STREAM_ERROR_MESSAGE }, request_id: id }),
    );
  }
  const reason = stopReason(plan.ending);
  const delta = { stop_reason: reason, stop_sequence: null, stop_details: reason === "refusal" ? REFUSAL : null };
  yield plainWrite(plan.endNs, event("message_delta", { delta, usage: finalUsage(plan) }));
  yield plainWrite(plan.endNs, event("message_stop", {}));
}

function document(plan: Plan, context: Context): unknown {
  const text = wholeText(plan, "text");
  const reason = stopReason(plan.ending);
  const thinking =
    plan.reasoningTokens > 0 ? [{ type: "thinking", thinking: wholeText(plan, "reasoning"), signature: signatureOf(context.id) }] : [];
  const calls = toolArguments(plan).map((json, call) => ({
    type: "tool_use",
    id: `toolu_${context.id}_${thinking.length + call}`,
    name: TOOL_NAME,
    input: JSON.parse(json) as unknown,
  }));
  return {
    id: `msg_${context.id}`,
    type: "message",
    role: "assistant",
    model: context.ask.model,
    content: [...thinking, ...(text === "" ? [] : [{ type: "text", text }]), ...calls],
    stop_reason: reason,
    stop_sequence: null,
    stop_details: reason === "refusal" ? REFUSAL : null,
    usage: { ...finalUsage(plan), service_tier: "standard" },
  };
}

/** Anthropic Messages. It knows one way to decline, `stop_reason: "refusal"`, and says it for a filter as well. */
export const anthropic: Dialect = {
  protocol: "anthropic",
  lacks: [],
  wholeToolCalls: false,
  spokenRefusal: false,
  blockedByStatus: false,
  outcomes: { refused: "refused", filtered: "refused", blocked: "refused" },
  readAsk(body, headers) {
    const model = modelName(body.model);
    const maxTokens = firstCount(body.max_tokens);
    if (headers["anthropic-version"] === undefined) return "anthropic-version: header is required";
    if (model === null) return "model: Field required";
    if (maxTokens === null) return "max_tokens: Field required";
    if (!Array.isArray(body.messages) || body.messages.length === 0) return "messages: at least one message is required";
    return {
      model,
      stream: body.stream === true,
      maxTokens,
      promptText: textOf(body.system, body.messages),
      includeUsage: true,
      jsonArray: false,
    };
  },
  headers: (context) => ({
    "content-type": context.ask.stream ? "text/event-stream; charset=utf-8" : "application/json",
    "cache-control": "no-cache",
    "request-id": context.id,
    "anthropic-organization-id": "sim",
    "anthropic-ratelimit-requests-limit": "4000",
    "anthropic-ratelimit-requests-remaining": "3999",
    "anthropic-ratelimit-requests-reset": context.timeAt(0),
    "anthropic-ratelimit-tokens-limit": "480000",
    "anthropic-ratelimit-tokens-remaining": "479000",
    "anthropic-ratelimit-tokens-reset": context.timeAt(0),
  }),
  stream,
  document,
  keepAlive: () => event("ping", {}),
  failureDocument: (failure, { id }) => ({
    type: "error",
    error: { type: ERROR_TYPES[failure.status], message: failure.message },
    request_id: id,
  }),
  failureHeaders: ({ retryAfterMs }, { id }) => ({
    "request-id": id,
    ...(retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1000)) }),
  }),
};
