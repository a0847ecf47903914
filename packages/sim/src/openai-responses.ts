import {
  BROKEN_JSON,
  type Context,
  contentWrite,
  type Dialect,
  plainWrite,
  STREAM_ERROR_MESSAGE,
  TOOL_NAME,
  type Write,
} from "./dialect.ts";
import { openaiFailureDocument, openaiFailureHeaders, openaiHeaders } from "./openai.ts";
import type { Block, Ending, Plan } from "./plan.ts";
import { firstCount, modelName, textOf } from "./request-body.ts";

type Event = readonly [type: string, fields: object];

/** One entry of the response's `output`, with the events that open it, carry it and close it. */
interface Item {
  readonly done: object;
  readonly opening: readonly Event[];
  readonly closing: readonly Event[];
  delta(text: string): Event;
}

const ID_PREFIX = { reasoning: "rs", text: "msg", refusal: "msg", tool: "fc" } as const;

function isBroken(ending: Ending): boolean {
  return ending === "error" || ending === "cut" || ending === "stall" || ending === "broken-json";
}

/** `text` is null for reasoning that does not show. */
function createItem(kind: Block["kind"], text: string | null, index: number, context: Context, status: string): Item {
  const itemId = `${ID_PREFIX[kind]}_${context.id}_${index}`;
  const at = { item_id: itemId, output_index: index };
  const envelope = (started: object, done: object, opening: readonly Event[], closing: readonly Event[]): Omit<Item, "delta"> => ({
    done,
    opening: [["response.output_item.added", { output_index: index, item: started }], ...opening],
    closing: [...closing, ["response.output_item.done", { output_index: index, item: done }]],
  });

  switch (kind) {
    case "reasoning": {
      const item = { id: itemId, type: "reasoning", summary: [] };
      const part = { type: "summary_text", text };
      const place = { ...at, summary_index: 0 };
      const delta = (piece: string): Event => ["response.reasoning_summary_text.delta", { ...place, delta: piece }];
      if (text === null) return { ...envelope(item, item, [], []), delta };
      return {
        ...envelope(
          item,
          { ...item, summary: [part] },
          [["response.reasoning_summary_part.added", { ...place, part: { ...part, text: "" } }]],
          [
            ["response.reasoning_summary_text.done", { ...place, text }],
            ["response.reasoning_summary_part.done", { ...place, part }],
          ],
        ),
        delta,
      };
    }
    case "tool": {
      const item = { id: itemId, type: "function_call", status, arguments: text, call_id: `call_${context.id}_${index}`, name: TOOL_NAME };
      return {
        ...envelope(
          { ...item, status: "in_progress", arguments: "" },
          item,
          [],
          [["response.function_call_arguments.done", { ...at, arguments: text }]],
        ),
        delta: (piece) => ["response.function_call_arguments.delta", { ...at, delta: piece }],
      };
    }
    case "text":
    case "refusal": {
      const refusal = kind === "refusal";
      const name = refusal ? "refusal" : "output_text";
      const place = { ...at, content_index: 0 };
      const partOf = (whole: string | null): object =>
        refusal ? { type: name, refusal: whole } : { type: name, annotations: [], logprobs: [], text: whole };
      const item = { id: itemId, type: "message", role: "assistant" };
      const last = refusal ? { refusal: text } : { text, logprobs: [] };
      return {
        ...envelope(
          { ...item, status: "in_progress", content: [] },
          { ...item, status, content: [partOf(text)] },
          [["response.content_part.added", { ...place, part: partOf("") }]],
          [
            [`response.${name}.done`, { ...place, ...last }],
            ["response.content_part.done", { ...place, part: partOf(text) }],
          ],
        ),
        delta: (piece) => [`response.${name}.delta`, { ...place, delta: piece, ...(refusal ? {} : { logprobs: [] }) }],
      };
    }
  }
}

function responseOf(plan: Plan, context: Context, status: string, output: readonly object[]): object {
  const ended = status === "completed" || status === "incomplete";
  return {
    id: `resp_${context.id}`,
    object: "response",
    created_at: context.createdSeconds,
    status,
    background: false,
    error: status === "failed" ? { code: "server_error", message: STREAM_ERROR_MESSAGE } : null,
    incomplete_details: status === "incomplete" ? { reason: plan.ending === "filtered" ? "content_filter" : "max_output_tokens" } : null,
    instructions: null,
    max_output_tokens: context.ask.maxTokens,
    model: context.ask.model,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    reasoning: { effort: null, summary: null },
    service_tier: "default",
    store: false,
    temperature: 1,
    text: { format: { type: "text" }, verbosity: "medium" },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    usage: ended ? usageOf(plan) : null,
    user: null,
    metadata: {},
  };
}

function usageOf(plan: Plan): object {
  return {
    input_tokens: plan.inputTokens,
    input_tokens_details: { cached_tokens: plan.cachedTokens },
    output_tokens: plan.outputTokens,
    output_tokens_details: { reasoning_tokens: plan.reasoningTokens },
    total_tokens: plan.inputTokens + plan.outputTokens,
  };
}

const finalStatus = (ending: Ending): string => (ending === "length" || ending === "filtered" ? "incomplete" : "completed");

/** The items of an answer beside their blocks; reasoning that is hidden is an item with an empty block. */
function itemsOf(plan: Plan, context: Context): { item: Item; block: Block }[] {
  const silent = plan.reasoningHidden && plan.reasoningTokens > 0;
  const blocks: readonly Block[] = silent ? [{ kind: "reasoning", pieces: [] }, ...plan.blocks] : plan.blocks;
  return blocks.map((block, index) => {
    const text = block.pieces.length === 0 ? null : block.pieces.map((piece) => piece.text).join("");
    const status = index === blocks.length - 1 ? finalStatus(plan.ending) : "completed";
    return { item: createItem(block.kind, text, index, context, status), block };
  });
}

function* stream(plan: Plan, context: Context): Generator<Write> {
  let sequence = 0;
  const frame = ([type, fields]: Event): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const frames = (events: readonly Event[]): string => events.map(frame).join("");
  const items = itemsOf(plan, context);
  const begun = responseOf(plan, context, "in_progress", []);

  yield plainWrite(
    plan.headNs,
    frames([
      ["response.created", { response: begun }],
      ["response.in_progress", { response: begun }],
    ]),
  );
  for (const [index, { item, block }] of items.entries()) {
    yield plainWrite(index === 0 ? plan.headNs : (block.pieces[0]?.dueNs ?? plan.endNs), frames(item.opening));
    for (const piece of block.pieces) yield contentWrite(block.kind, piece, frame(item.delta(piece.text)));
    if (isBroken(plan.ending) && index === items.length - 1) break;
    yield plainWrite(items[index + 1]?.block.pieces[0]?.dueNs ?? plan.endNs, frames(item.closing));
  }
  if (plan.ending === "cut" || plan.ending === "stall") return;
  if (plan.ending === "broken-json") return yield plainWrite(plan.endNs, `event: response.output_text.delta\ndata: ${BROKEN_JSON}\n\n`);
  if (plan.ending === "error") {
    const failed = responseOf(plan, context, "failed", []);
    return yield plainWrite(
      plan.endNs,
      frames([
        ["error", { code: "server_error", message: STREAM_ERROR_MESSAGE, param: null }],
        ["response.failed", { response: failed }],
      ]),
    );
  }
  const status = finalStatus(plan.ending);
  const output = items.map(({ item }) => item.done);
  yield plainWrite(plan.endNs, frame([`response.${status}`, { response: responseOf(plan, context, status, output) }]));
}

/** OpenAI Responses. Reasoning that streams is a summary, as it is there. */
export const openaiResponses: Dialect = {
  protocol: "openai-responses",
  lacks: [],
  wholeToolCalls: false,
  spokenRefusal: true,
  blockedByStatus: true,
  outcomes: { refused: "refused", filtered: "filtered", blocked: "filtered" },
  readAsk(body, _headers, path) {
    const model = modelName(body.model) ?? path.model;
    if (model === null) return "Missing required parameter: 'model'.";
    if (typeof body.input !== "string" && !Array.isArray(body.input)) return "Missing required parameter: 'input'.";
    const maxTokens = firstCount(body.max_output_tokens);
    return {
      model,
      stream: body.stream === true,
      maxTokens,
      promptText: textOf(body.instructions, body.input),
      includeUsage: true,
      jsonArray: false,
    };
  },
  headers: openaiHeaders,
  stream,
  document: (plan, context) =>
    responseOf(
      plan,
      context,
      finalStatus(plan.ending),
      itemsOf(plan, context).map(({ item }) => item.done),
    ),
  keepAlive: () => ": keep-alive\n\n",
  failureDocument: openaiFailureDocument,
  failureHeaders: openaiFailureHeaders,
};
