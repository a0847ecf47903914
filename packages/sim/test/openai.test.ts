import { describe, expect, test } from "vitest";
import type { PlanInput } from "../src/plan.ts";
import type { Scenario } from "../src/scenario.ts";
import { contextOf, DIALECTS, type Json, planOf, sseData, writesText } from "./dialects.ts";

const { openai } = DIALECTS;
const events = (scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Json[] =>
  sseData(writesText(openai, planOf(openai, scenario, input)).join(""));
const deltas = (list: Json[]): unknown[] => list.filter((event) => event.choices?.length > 0).map((event) => event.choices[0].delta);

describe("OpenAI chat completions", () => {
  test("begins with a role chunk, and ends with finish, usage and [DONE]", () => {
    const list = events();
    expect(deltas(list)[0]).toEqual({ role: "assistant", content: "", refusal: null });
    expect(deltas(list).slice(1, -1)).toEqual(Array.from({ length: 4 }, () => ({ content: expect.any(String) })));
    expect(list.at(-3).choices).toEqual([{ index: 0, delta: {}, logprobs: null, finish_reason: "stop" }]);
    expect(list.at(-2)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 4, total_tokens: 11, completion_tokens_details: { reasoning_tokens: 0 } },
    });
    expect(list.at(-1)).toBe("[DONE]");
    for (const event of list.slice(0, -2))
      expect(event).toMatchObject({ id: "chatcmpl-id1", object: "chat.completion.chunk", created: 1_000, model: "sim", usage: null });
  });

  test("tells no usage unless asked", () => {
    const list = sseData(writesText(openai, planOf(openai), { includeUsage: false }).join(""));
    expect(list).toHaveLength(7);
    for (const event of list.slice(0, -1)) expect(event).not.toHaveProperty("usage");
  });

  test("writes each token alone, and marks only those writes as content", () => {
    const writes = [...openai.stream(planOf(openai, { reasoningTokens: 1 }), contextOf())];
    expect(writes.map(({ tokens, reasoningTokens, dueNs }) => [tokens, reasoningTokens, dueNs / 1e6])).toEqual([
      [0, 0, 0],
      [1, 1, 10],
      [1, 0, 15],
      [1, 0, 20],
      [1, 0, 25],
      [1, 0, 30],
      [0, 0, 30],
      [0, 0, 30],
      [0, 0, 30],
    ]);
  });

  test("streams reasoning as reasoning_content, billed among the completion tokens", () => {
    const list = events({ reasoningTokens: 2 });
    expect(deltas(list).slice(1, 3)).toEqual([{ reasoning_content: expect.any(String) }, { reasoning_content: expect.any(String) }]);
    expect(list.at(-2).usage).toMatchObject({ completion_tokens: 6, completion_tokens_details: { reasoning_tokens: 2 } });
  });

  test("opens each tool call with its name, and streams arguments that join to JSON", () => {
    const list = events({ toolCalls: 2, outputTokens: 8 });
    const calls = deltas(list).flatMap((delta: Json) => delta.tool_calls ?? []);
    for (const index of [0, 1]) {
      const own = calls.filter((call) => call.index === index);
      expect(own[0]).toEqual({ index, id: `call_id1_${index}`, type: "function", function: { name: "look_up", arguments: "" } });
      expect(JSON.parse(own.map((call) => call.function.arguments).join(""))).toEqual({ query: expect.any(String) });
    }
    expect(list.at(-3).choices[0].finish_reason).toBe("tool_calls");
  });

  test("speaks a refusal in deltas of its own, and stops", () => {
    const list = events({}, { fault: "refusal" });
    expect(deltas(list).slice(1, -1)).toEqual(Array.from({ length: 4 }, () => ({ refusal: expect.any(String) })));
    expect(list.at(-3).choices[0].finish_reason).toBe("stop");
  });

  test("names a length limit and a filter as finish reasons", () => {
    expect(events({}, { maxTokens: 2 }).at(-3).choices[0].finish_reason).toBe("length");
    expect(events({}, { fault: "length" }).at(-3).choices[0].finish_reason).toBe("length");
    expect(events({}, { fault: "filtered" }).at(-3).choices[0].finish_reason).toBe("content_filter");
  });

  test("reports an error half-way as a data line, with nothing after it", () => {
    const list = events({}, { fault: "error" });
    expect(list).toHaveLength(4);
    expect(list.at(-1)).toEqual({ error: { message: expect.any(String), type: "server_error", param: null, code: null } });
  });

  test("breaks off without an end for a cut and for a stall", () => {
    for (const fault of ["cut", "stall"] as const) expect(deltas(events({}, { fault }))).toHaveLength(3);
  });

  test("answers in one document where no stream is asked for", () => {
    expect(openai.document(planOf(openai, { reasoningTokens: 1 }), contextOf({ stream: false }))).toMatchObject({
      object: "chat.completion",
      choices: [
        {
          message: { role: "assistant", content: expect.any(String), refusal: null, reasoning_content: expect.any(String) },
          finish_reason: "stop",
        },
      ],
      usage: { completion_tokens: 5 },
    });
    expect(openai.document(planOf(openai, { toolCalls: 1 }), contextOf())).toMatchObject({
      choices: [
        {
          message: { content: null, tool_calls: [{ function: { name: "look_up", arguments: expect.any(String) } }] },
          finish_reason: "tool_calls",
        },
      ],
    });
    expect(openai.document(planOf(openai, {}, { fault: "refusal" }), contextOf())).toMatchObject({
      choices: [{ message: { content: null, refusal: expect.any(String) } }],
    });
  });
});
