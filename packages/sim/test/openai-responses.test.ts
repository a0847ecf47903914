import { describe, expect, test } from "vitest";
import type { PlanInput } from "../src/plan.ts";
import type { Scenario } from "../src/scenario.ts";
import { contextOf, DIALECTS, type Json, planOf, sseData, writesText } from "./dialects.ts";

const dialect = DIALECTS["openai-responses"];
const events = (scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Json[] =>
  sseData(writesText(dialect, planOf(dialect, scenario, input)).join(""));
const types = (list: Json[]): string[] => list.map((event) => event.type.replace("response.", ""));

describe("OpenAI Responses", () => {
  test("goes through its life cycle in order", () => {
    const list = events({ outputTokens: 2 });
    expect(types(list)).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "completed",
    ]);
    expect(list.map((event) => event.sequence_number)).toEqual(list.map((_, index) => index));
    const text = list[4].delta + list[5].delta;
    expect(list[6].text).toBe(text);
    expect(list.at(-1).response).toMatchObject({
      status: "completed",
      output: [{ type: "message", status: "completed", content: [{ type: "output_text", text }] }],
      usage: { input_tokens: 7, output_tokens: 2, output_tokens_details: { reasoning_tokens: 0 }, total_tokens: 9 },
    });
  });

  test("names each event by its type, and sends no [DONE]", () => {
    const text = writesText(dialect, planOf(dialect)).join("");
    for (const event of text.trimEnd().split("\n\n")) {
      const [name, data] = event.split("\n");
      expect(name).toBe(`event: ${JSON.parse(String(data).slice("data: ".length)).type}`);
    }
    expect(text).not.toContain("[DONE]");
  });

  test("streams reasoning as a summary, in an item before the message", () => {
    const list = events({ reasoningTokens: 1, outputTokens: 1 });
    expect(types(list).slice(2, 9)).toEqual([
      "output_item.added",
      "reasoning_summary_part.added",
      "reasoning_summary_text.delta",
      "reasoning_summary_text.done",
      "reasoning_summary_part.done",
      "output_item.done",
      "output_item.added",
    ]);
    expect(list.at(-1).response.output.map((item: Json) => item.type)).toEqual(["reasoning", "message"]);
    expect(list.at(-1).response.usage).toMatchObject({ output_tokens: 2, output_tokens_details: { reasoning_tokens: 1 } });
  });

  test("announces hidden reasoning by an item at the start, with nothing in it", () => {
    const plan = planOf(dialect, { reasoningTokens: 3, reasoning: "hidden", outputTokens: 1 });
    const writes = [...dialect.stream(plan, contextOf())];
    expect(writes.map((write) => write.dueNs / 1e6)).toEqual([0, 0, 25, 25, 25, 25, 25]);
    const list = sseData(writes.map((write) => write.chunk).join(""));
    expect(list[2].item).toEqual({ id: "rs_id1_0", type: "reasoning", summary: [] });
    expect(list.at(-1).response.usage.output_tokens_details.reasoning_tokens).toBe(3);
  });

  test("streams the arguments of a function call", () => {
    const list = events({ toolCalls: 1, outputTokens: 3 });
    const joined = list
      .filter((event) => event.type === "response.function_call_arguments.delta")
      .map((event) => event.delta)
      .join("");
    expect(JSON.parse(joined)).toEqual({ query: expect.any(String) });
    expect(list.at(-1).response.output).toEqual([
      { id: "fc_id1_0", type: "function_call", status: "completed", arguments: joined, call_id: "call_id1_0", name: "look_up" },
    ]);
  });

  test("speaks a refusal in deltas of its own", () => {
    const list = events({ outputTokens: 1 }, { fault: "refusal" });
    expect(types(list).slice(3, 7)).toEqual(["content_part.added", "refusal.delta", "refusal.done", "content_part.done"]);
    expect(list.at(-1).response.output[0].content).toEqual([{ type: "refusal", refusal: list[4].delta }]);
  });

  test("ends incomplete, and says why, at a limit and at a filter", () => {
    expect(events({}, { maxTokens: 2 }).at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { status: "incomplete", incomplete_details: { reason: "max_output_tokens" } },
    });
    expect(events({}, { fault: "filtered" }).at(-1)).toMatchObject({
      type: "response.incomplete",
      response: { incomplete_details: { reason: "content_filter" } },
    });
  });

  test("follows an error event by response.failed, without usage", () => {
    const [error, failed] = events({}, { fault: "error" }).slice(-2);
    expect(error).toMatchObject({ type: "error", code: "server_error", param: null });
    expect(failed).toMatchObject({ type: "response.failed", response: { status: "failed", error: { code: "server_error" }, usage: null } });
  });

  test("answers in one document where no stream is asked for", () => {
    expect(dialect.document(planOf(dialect), contextOf({ stream: false }))).toMatchObject({
      object: "response",
      status: "completed",
      output: [{ type: "message" }],
      usage: { output_tokens: 4 },
    });
  });
});
