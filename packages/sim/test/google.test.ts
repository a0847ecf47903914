import { describe, expect, test } from "vitest";
import type { PlanInput } from "../src/plan.ts";
import type { Scenario } from "../src/scenario.ts";
import { contextOf, DIALECTS, type Json, planOf, sseData, writesText } from "./dialects.ts";

const { google } = DIALECTS;
const chunks = (scenario: Partial<Scenario> = {}, input: Partial<PlanInput> = {}): Json[] =>
  sseData(writesText(google, planOf(google, scenario, input)).join(""));
const parts = (list: Json[]): Json[] => list.flatMap((chunk) => chunk.candidates?.[0].content.parts ?? []);

describe("Google streamGenerateContent", () => {
  test("frames chunks by CRLF, without names and without [DONE]", () => {
    const text = writesText(google, planOf(google)).join("");
    expect(text.endsWith("\r\n\r\n")).toBe(true);
    for (const event of text.trimEnd().split("\r\n\r\n")) expect(event).toMatch(/^data: \{.*\}$/);
  });

  test("carries a running usage, and the finish reason on an empty last part", () => {
    const list = chunks();
    expect(list.map((chunk) => chunk.usageMetadata.candidatesTokenCount)).toEqual([1, 2, 3, 4, 4]);
    expect(list.at(-1)).toMatchObject({
      candidates: [{ content: { parts: [{ text: "" }] }, finishReason: "STOP", index: 0 }],
      usageMetadata: { promptTokenCount: 7, totalTokenCount: 11 },
      responseId: "id1",
    });
    expect(list[0].candidates[0]).not.toHaveProperty("finishReason");
  });

  test("marks thoughts, and counts them apart from the candidates", () => {
    const list = chunks({ reasoningTokens: 2, outputTokens: 1 });
    expect(parts(list).map((part) => part.thought)).toEqual([true, true, undefined, undefined]);
    expect(list.at(-1).usageMetadata).toMatchObject({ candidatesTokenCount: 1, thoughtsTokenCount: 2, totalTokenCount: 10 });
    expect(list[0].usageMetadata).not.toHaveProperty("candidatesTokenCount");
    expect(parts(list).at(-1)).toHaveProperty("thoughtSignature");
  });

  test("bills hidden thoughts from the first chunk on", () => {
    const list = chunks({ reasoningTokens: 5, reasoning: "hidden", outputTokens: 1 });
    expect(list).toHaveLength(2);
    expect(list[0].usageMetadata).toMatchObject({ candidatesTokenCount: 1, thoughtsTokenCount: 5 });
  });

  test("sends a function call whole", () => {
    expect(parts(chunks({ toolCalls: 1 }))).toEqual([
      { functionCall: { name: "look_up", args: { query: expect.any(String) } } },
      { text: "" },
    ]);
  });

  test("answers a blocked prompt by feedback without candidates", () => {
    expect(chunks({}, { fault: "blocked" })).toEqual([expect.objectContaining({ promptFeedback: { blockReason: "PROHIBITED_CONTENT" } })]);
    expect(google.document(planOf(google, {}, { fault: "blocked" }), contextOf())).not.toHaveProperty("candidates");
  });

  test("names limits and filters as finish reasons", () => {
    expect(chunks({}, { maxTokens: 2 }).at(-1).candidates[0].finishReason).toBe("MAX_TOKENS");
    expect(chunks({}, { fault: "filtered" }).at(-1).candidates[0].finishReason).toBe("SAFETY");
    expect(chunks({}, { fault: "refusal" })).toHaveLength(1);
  });

  test("ends with an error event half-way", () => {
    expect(chunks({}, { fault: "error" }).at(-1)).toEqual({ error: { code: 503, message: expect.any(String), status: "UNAVAILABLE" } });
  });

  test("is one JSON array without alt=sse, also where nothing but a finish comes and where it fails", () => {
    const array = (scenario: Partial<Scenario>, input: Partial<PlanInput> = {}): Json[] =>
      JSON.parse(writesText(google, planOf(google, scenario, input), { jsonArray: true }).join(""));
    expect(array({})).toHaveLength(5);
    expect(array({ outputTokens: 0 })).toHaveLength(1);
    expect(array({}, { fault: "error" }).at(-1)).toHaveProperty("error");
  });

  test("answers in one document where no stream is asked for", () => {
    expect(google.document(planOf(google, { reasoningTokens: 1 }), contextOf({ stream: false }))).toMatchObject({
      candidates: [{ content: { parts: [{ thought: true }, { text: expect.any(String) }], role: "model" }, finishReason: "STOP" }],
      usageMetadata: { candidatesTokenCount: 4, thoughtsTokenCount: 1 },
    });
  });
});
