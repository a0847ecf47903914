import { describe, expect, test } from "vitest";
import type { PlanInput } from "../src/plan.ts";
import type { Scenario } from "../src/scenario.ts";
import { contextOf, DIALECTS, type Json, planOf, writesText } from "./dialects.ts";

const { ollama } = DIALECTS;
const lines = (scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Json[] =>
  writesText(ollama, planOf(ollama, scenario, input))
    .join("")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("Ollama chat", () => {
  test("sends a document a line, and its own durations in the last", () => {
    const list = lines();
    expect(list.slice(0, -1).map(({ created_at, done }) => [created_at, done])).toEqual([
      ["+10ms", false],
      ["+15ms", false],
      ["+20ms", false],
      ["+25ms", false],
    ]);
    expect(list.at(-1)).toEqual({
      model: "sim",
      created_at: "+25ms",
      message: { role: "assistant", content: "" },
      done_reason: "stop",
      done: true,
      total_duration: 28_000_000,
      prompt_eval_count: 7,
      prompt_eval_duration: 10_000_000,
      eval_count: 4,
      eval_duration: 15_000_000,
    });
  });

  test("leaves out a duration that is zero", () => {
    expect(lines({ outputTokens: 1 }).at(-1)).not.toHaveProperty("eval_duration");
  });

  test("streams thinking beside empty content, and sends tool calls whole", () => {
    expect(lines({ reasoningTokens: 1 })[0].message).toEqual({ role: "assistant", content: "", thinking: expect.any(String) });
    expect(lines({ toolCalls: 1 })[0].message.tool_calls).toEqual([
      { function: { name: "look_up", arguments: { query: expect.any(String) } } },
    ]);
  });

  test("names a length limit, and reports an error as a line", () => {
    expect(lines({}, { maxTokens: 2 }).at(-1)).toMatchObject({ done_reason: "length", eval_count: 2 });
    expect(lines({}, { fault: "error" }).at(-1)).toEqual({ error: expect.any(String) });
  });

  test("answers in one document where no stream is asked for", () => {
    expect(ollama.document(planOf(ollama, { reasoningTokens: 1, toolCalls: 1 }), contextOf({ stream: false }))).toMatchObject({
      message: { content: "", thinking: expect.any(String), tool_calls: [{}] },
      done: true,
      eval_count: 5,
    });
  });
});
