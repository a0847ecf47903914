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
import { asFields, firstCount, textOf } from "./request-body.ts";

const STATUS_WORDS = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  404: "NOT_FOUND",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  529: "UNAVAILABLE",
} as const satisfies Record<Failure["status"], string>;

/** The running total that goes with every chunk; `answered` and `thought` are the tokens so far, thoughts not among the answered. */
function usageOf({ inputTokens, cachedTokens }: Plan, answered: number, thought: number): object {
  return {
    promptTokenCount: inputTokens,
    ...(answered > 0 ? { candidatesTokenCount: answered } : {}),
    totalTokenCount: inputTokens + answered + thought,
    ...(cachedTokens > 0 ? { cachedContentTokenCount: cachedTokens } : {}),
    promptTokensDetails: [{ modality: "TEXT", tokenCount: inputTokens }],
    ...(thought > 0 ? { thoughtsTokenCount: thought } : {}),
  };
}

function finishReason(ending: Ending): string {
  switch (ending) {
    case "length":
      return "MAX_TOKENS";
    case "refused":
    case "filtered":
      return "SAFETY";
    default:
      return "STOP";
  }
}

const functionCall = (json: string): object => ({ functionCall: { name: TOOL_NAME, args: JSON.parse(json) as unknown } });

function partOf(kind: PieceKind, piece: Piece): object {
  switch (kind) {
    case "text":
    case "refusal":
      return { text: piece.text };
    case "reasoning":
      return { text: piece.text, thought: true };
    case "tool":
      return functionCall(piece.text);
  }
}

const errorOf = (code: number, status: string, message: string, details: readonly object[] = []): object => ({
  error: { code, message, status, ...(details.length === 0 ? {} : { details }) },
});

/** Frames chunks as CRLF events, or as the elements of one JSON array. */
function createFraming(jsonArray: boolean): { next(chunk: object): string; raw(text: string): string; close: string | null } {
  if (!jsonArray) return { next: (chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`, raw: (text) => `data: ${text}\r\n\r\n`, close: null };
  let first = true;
  const raw = (text: string): string => {
    const lead = first ? "[" : ",\r\n";
    first = false;
    return lead + text;
  };
  return { next: (chunk) => raw(JSON.stringify(chunk)), raw, close: "]" };
}

function* stream(plan: Plan, context: Context): Generator<Write> {
  const framing = createFraming(context.ask.jsonArray);
  const about = { modelVersion: context.ask.model, responseId: context.id };
  let thought = plan.reasoningHidden ? plan.reasoningTokens : 0;
  let answered = 0;
  const chunk = (fields: object): string => framing.next({ ...fields, usageMetadata: usageOf(plan, answered, thought), ...about });
  const candidate = (part: object, finish: object = {}): object => ({
    candidates: [{ content: { parts: [part], role: "model" }, ...finish, index: 0 }],
  });

  for (const { kind, pieces } of plan.blocks) {
    for (const piece of pieces) {
      if (kind === "reasoning") thought += piece.tokens;
      else answered += piece.tokens;
      yield contentWrite(kind, piece, chunk(candidate(partOf(kind, piece))));
    }
  }
  if (plan.ending === "cut" || plan.ending === "stall") return;
  if (plan.ending === "broken-json") yield plainWrite(plan.endNs, framing.raw(BROKEN_JSON));
  else if (plan.ending === "error") yield plainWrite(plan.endNs, framing.next(errorOf(503, "UNAVAILABLE", STREAM_ERROR_MESSAGE)));
  else if (plan.ending === "blocked") yield plainWrite(plan.endNs, chunk({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } }));
  else yield plainWrite(plan.endNs, chunk(candidate({ text: "", ...signatureOf(plan) }, { finishReason: finishReason(plan.ending) })));
  if (framing.close !== null) yield plainWrite(plan.endNs, framing.close);
}

/** The signature of thoughts rides on the empty text part of the last chunk. */
function signatureOf(plan: Plan): object {
  return plan.reasoningTokens > 0 ? { thoughtSignature: Buffer.from(`thoughts ${plan.reasoningTokens}`).toString("base64") } : {};
}

function document(plan: Plan, context: Context): unknown {
  const usageMetadata = usageOf(plan, plan.outputTokens - plan.reasoningTokens, plan.reasoningTokens);
  const about = { usageMetadata, modelVersion: context.ask.model, responseId: context.id };
  if (plan.ending === "blocked") return { promptFeedback: { blockReason: "PROHIBITED_CONTENT" }, ...about };
  const thoughts = wholeText(plan, "reasoning");
  const text = wholeText(plan, "text");
  const parts = [
    ...(thoughts === "" ? [] : [{ text: thoughts, thought: true }]),
    ...(text === "" ? [] : [{ text }]),
    ...toolArguments(plan).map(functionCall),
  ];
  const content = parts.length === 0 ? {} : { parts, role: "model" };
  return { candidates: [{ content, finishReason: finishReason(plan.ending), index: 0 }], ...about };
}

function failureDetails(failure: Failure): object[] {
  if (failure.retryAfterMs === null) return [];
  return [
    { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [{ quotaId: "SimulatedRequestsPerMinute" }] },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: `${failure.retryAfterMs / 1000}s` },
  ];
}

/** Google's generateContent and streamGenerateContent. A refusal has no shape of its own there: it is a candidate stopped by SAFETY. */
export const google: Dialect = {
  protocol: "google",
  lacks: [],
  wholeToolCalls: true,
  spokenRefusal: false,
  blockedByStatus: false,
  outcomes: { refused: "filtered", filtered: "filtered", blocked: "filtered" },
  readAsk(body, _headers, path) {
    if (path.model === null) return "Expected the path to name a model.";
    if (!Array.isArray(body.contents) || body.contents.length === 0) return "contents is not specified";
    const maxTokens = firstCount(asFields(body.generationConfig)?.maxOutputTokens);
    return { ...path, model: path.model, maxTokens, promptText: textOf(body.systemInstruction, body.contents), includeUsage: true };
  },
  headers: ({ ask }, headNs) => ({
    "content-type": ask.stream && !ask.jsonArray ? "text/event-stream" : "application/json; charset=UTF-8",
    "content-disposition": "attachment",
    "server-timing": `gfet4t7; dur=${Math.round(headNs / 1e6)}`,
  }),
  stream,
  document,
  keepAlive: (ask) => (ask.jsonArray ? "\r\n" : ": keep-alive\r\n\r\n"),
  failureDocument: (failure, { ask }) => {
    const found = errorOf(failure.status, STATUS_WORDS[failure.status], failure.message, failureDetails(failure));
    return ask?.jsonArray === true ? [found] : found;
  },
  // Google labels even this plain document as an event stream where a stream was asked for.
  failureHeaders: (failure, { ask }): Readonly<Record<string, string>> =>
    failure.status === 404 && ask?.stream === true && !ask.jsonArray ? { "content-type": "text/event-stream" } : {},
};
