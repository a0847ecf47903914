import {
  BROKEN_JSON,
  type Context,
  contentWrite,
  type Dialect,
  plainWrite,
  STREAM_ERROR_MESSAGE,
  TOOL_NAME,
  toolArguments,
  wholeText,
  type Write,
} from "./dialect.ts";
import type { Piece, PieceKind, Plan } from "./plan.ts";
import { asFields, firstCount, modelName, textOf } from "./request-body.ts";

const callOf = (json: string): object => ({ function: { name: TOOL_NAME, arguments: JSON.parse(json) as unknown } });

function messageOf(kind: PieceKind, piece: Piece): object {
  switch (kind) {
    case "text":
    case "refusal":
      return { role: "assistant", content: piece.text };
    case "reasoning":
      return { role: "assistant", content: "", thinking: piece.text };
    case "tool":
      return { role: "assistant", content: "", tool_calls: [callOf(piece.text)] };
  }
}

/** The fields of the last line. Durations are in nanoseconds, and those that are zero are left out. */
function closingFields(plan: Plan, context: Context): object {
  const durations = {
    total_duration: context.queuedNs + plan.endNs,
    prompt_eval_count: plan.inputTokens,
    prompt_eval_duration: plan.ttftNs,
    eval_count: plan.outputTokens,
    eval_duration: plan.endNs - plan.ttftNs,
  };
  return {
    done_reason: plan.ending === "length" ? "length" : "stop",
    done: true,
    ...Object.fromEntries(Object.entries(durations).filter(([, value]) => value !== 0)),
  };
}

function* stream(plan: Plan, context: Context): Generator<Write> {
  const line = (dueNs: number, fields: object): string =>
    `${JSON.stringify({ model: context.ask.model, created_at: context.timeAt(dueNs), ...fields })}\n`;
  for (const { kind, pieces } of plan.blocks) {
    for (const piece of pieces) yield contentWrite(kind, piece, line(piece.dueNs, { message: messageOf(kind, piece), done: false }));
  }
  if (plan.ending === "cut" || plan.ending === "stall") return;
  if (plan.ending === "broken-json") return yield plainWrite(plan.endNs, `${BROKEN_JSON}\n`);
  if (plan.ending === "error") return yield plainWrite(plan.endNs, `${JSON.stringify({ error: STREAM_ERROR_MESSAGE })}\n`);
  yield plainWrite(plan.endNs, line(plan.endNs, { message: { role: "assistant", content: "" }, ...closingFields(plan, context) }));
}

function document(plan: Plan, context: Context): unknown {
  const thinking = wholeText(plan, "reasoning");
  const calls = toolArguments(plan).map(callOf);
  const message = {
    role: "assistant",
    content: wholeText(plan, "text"),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return { model: context.ask.model, created_at: context.timeAt(plan.endNs), message, ...closingFields(plan, context) };
}

/** Ollama's own chat protocol: one JSON document a line. It streams unless told otherwise, and knows no refusals and no filters. */
export const ollama: Dialect = {
  protocol: "ollama",
  lacks: ["refusal", "blocked", "filtered"],
  wholeToolCalls: true,
  spokenRefusal: false,
  blockedByStatus: false,
  outcomes: { refused: "ok", filtered: "ok", blocked: "ok" },
  readAsk(body) {
    const model = modelName(body.model);
    if (model === null) return "model is required";
    if (!Array.isArray(body.messages)) return "messages is required";
    const maxTokens = firstCount(asFields(body.options)?.num_predict);
    return {
      model,
      stream: body.stream !== false,
      maxTokens,
      promptText: textOf(body.messages),
      includeUsage: true,
      jsonArray: false,
    };
  },
  headers: ({ ask }) => ({ "content-type": ask.stream ? "application/x-ndjson" : "application/json; charset=utf-8" }),
  stream,
  document,
  keepAlive: () => "\n",
  failureDocument: ({ message }) => ({ error: message }),
  failureHeaders: () => ({}),
};
