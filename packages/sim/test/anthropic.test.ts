import { describe, expect, test } from "vitest";
import type { PlanInput } from "../src/plan.ts";
import type { Scenario } from "../src/scenario.ts";
import { contextOf, DIALECTS, type Json, planOf, sseData, writesText } from "./dialects.ts";

const { anthropic } = DIALECTS;
const events = (scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Json[] =>
  sseData(writesText(anthropic, planOf(anthropic, scenario, input)).join(""));
const types = (list: Json[]): string[] => list.map((event) => event.delta?.type ?? event.type);

describe("Anthropic Messages", () => {
  test("sends start, block and ping at once, then deltas, and the usage with the stop reason", () => {
    const list = events({ outputTokens: 2 });
    expect(types(list)).toEqual([
      "message_start",
      "content_block_start",
      "ping",
      "text_delta",
      "text_delta",
      "content_block_stop",
      "message_delta",
      "message_stop",
    ]);
    expect(list[0].message).toMatchObject({
      id: "msg_id1",
      model: "sim",
      content: [],
      stop_reason: null,
      usage: { input_tokens: 7, output_tokens: 1 },
    });
    expect(list.at(-2)).toMatchObject({ delta: { stop_reason: "end_turn" }, usage: { input_tokens: 7, output_tokens: 2 } });
  });

  test("names each event by its type, and sends no [DONE]", () => {
    const text = writesText(anthropic, planOf(anthropic)).join("");
    for (const event of text.trimEnd().split("\n\n")) {
      const [name, data] = event.split("\n");
      expect(name).toBe(`event: ${JSON.parse(String(data).slice("data: ".length)).type}`);
    }
    expect(text).not.toContain("[DONE]");
  });

  test("streams thinking in a block of its own, which a signature closes", () => {
    const list = events({ reasoningTokens: 1, outputTokens: 1 });
    expect(types(list).slice(3, -2)).toEqual([
      "thinking_delta",
      "signature_delta",
      "content_block_stop",
      "content_block_start",
      "text_delta",
      "content_block_stop",
    ]);
    expect(list.map((event) => event.index)).toEqual([undefined, 0, undefined, 0, 0, 0, 1, 1, 1, undefined, undefined]);
    expect(list.at(-2).usage).toMatchObject({ output_tokens: 2, output_tokens_details: { thinking_tokens: 1 } });
  });

  test("shows hidden thinking as a block with nothing but a signature", () => {
    const list = events({ reasoningTokens: 3, reasoning: "hidden", outputTokens: 1 });
    expect(types(list).slice(3, 6)).toEqual(["signature_delta", "content_block_stop", "content_block_start"]);
    expect(list[1].content_block).toEqual({ type: "thinking", thinking: "", signature: "" });
    expect(list.at(-2).usage).toMatchObject({ output_tokens: 4, output_tokens_details: { thinking_tokens: 3 } });
  });

  test("streams the input of a tool call as partial JSON", () => {
    const list = events({ toolCalls: 1, outputTokens: 4 });
    expect(list[1].content_block).toEqual({ type: "tool_use", id: "toolu_id1_0", name: "look_up", input: {} });
    expect(JSON.parse(list.flatMap((event) => event.delta?.partial_json ?? []).join(""))).toEqual({ query: expect.any(String) });
    expect(list.at(-2).delta.stop_reason).toBe("tool_use");
  });

  test("refuses without a word, and says so in the stop reason", () => {
    for (const fault of ["refusal", "blocked"] as const) {
      const list = events({}, { fault });
      expect(types(list)).toEqual(["message_start", "ping", "message_delta", "message_stop"]);
      expect(list[2].delta).toMatchObject({ stop_reason: "refusal", stop_details: { type: "refusal" } });
    }
    expect(types(events({}, { fault: "filtered" })).filter((type) => type === "text_delta")).toHaveLength(2);
  });

  test("names a length limit as stop reason", () => {
    expect(events({}, { maxTokens: 2 }).at(-2).delta.stop_reason).toBe("max_tokens");
  });

  test("ends with an error event half-way, its block still open", () => {
    const list = events({}, { fault: "error" });
    expect(types(list).slice(3)).toEqual(["text_delta", "text_delta", "error"]);
    expect(list.at(-1).error).toEqual({ type: "overloaded_error", message: expect.any(String) });
  });

  test("answers in one document where no stream is asked for", () => {
    expect(anthropic.document(planOf(anthropic, { reasoningTokens: 1 }), contextOf({ stream: false }))).toMatchObject({
      type: "message",
      content: [{ type: "thinking" }, { type: "text" }],
      stop_reason: "end_turn",
      usage: { output_tokens: 5 },
    });
    expect(anthropic.document(planOf(anthropic, { toolCalls: 1 }), contextOf())).toMatchObject({
      content: [{ type: "tool_use", input: { query: expect.any(String) } }],
    });
  });
});
