import { describe, expect, test } from "vitest";
import { FAULTS } from "../src/faults.ts";
import { DIALECTS, planOf } from "./dialects.ts";

const { openai, anthropic, google, ollama } = DIALECTS;
const dues = (plan: ReturnType<typeof planOf>): number[][] => plan.blocks.map((block) => block.pieces.map((piece) => piece.dueNs / 1e6));

describe("drawPlan", () => {
  test("sets the first token at the TTFT and each next one a gap later", () => {
    const plan = planOf(openai);
    expect(dues(plan)).toEqual([[10, 15, 20, 25]]);
    expect(plan).toMatchObject({
      ttftNs: 10_000_000,
      endNs: 25_000_000,
      headNs: 0,
      ending: "stop",
      inputTokens: 7,
      cachedTokens: 0,
      outputTokens: 4,
      reasoningTokens: 0,
    });
  });

  test("gives the same plan for the same seed and request, and another for another", () => {
    const scenario = { ttftMs: { median: 60, sigma: 0.5 }, gapMs: { median: 5, sigma: 1 }, outputTokens: { median: 20, sigma: 0.5 } };
    const first = planOf(openai, scenario, { index: 3 });
    expect(planOf(openai, scenario, { index: 3 })).toEqual(first);
    expect(planOf(openai, scenario, { index: 4 }).ttftNs).not.toBe(first.ttftNs);
    expect(planOf(openai, { ...scenario, seed: 2 }, { index: 3 }).ttftNs).not.toBe(first.ttftNs);
  });

  test("takes lists in turn: TTFT from request to request, gaps within each request", () => {
    const scenario = { ttftMs: [10, 30], gapMs: [1, 2] };
    expect(dues(planOf(openai, scenario, { index: 0 }))).toEqual([[10, 11, 13, 14]]);
    expect(dues(planOf(openai, scenario, { index: 1 }))).toEqual([[30, 31, 33, 34]]);
    expect(dues(planOf(openai, scenario, { index: 2 }))).toEqual([[10, 11, 13, 14]]);
  });

  test("lets the time to first token rise in a straight line, and stay", () => {
    const at = (ageMs: number) => planOf(openai, { drift: { share: 0.5, overMs: 1_000 } }, { ageNs: ageMs * 1e6 });
    expect([0, 200, 1_000, 9_000].map((ageMs) => at(ageMs).ttftNs / 1e6)).toEqual([10, 11, 15, 15]);
    expect(dues(at(200))).toEqual([[11, 16, 21, 26]]);
  });

  test("puts several tokens in a chunk, the last of which may carry fewer", () => {
    const [block] = planOf(openai, { outputTokens: 5, tokensPerChunk: 2 }).blocks;
    expect(block?.pieces.map((piece) => piece.tokens)).toEqual([2, 2, 1]);
  });

  test("caps reasoning and answer together at the request's own limit", () => {
    const scenario = { reasoningTokens: 3, outputTokens: 4 };
    expect(planOf(openai, scenario, { maxTokens: 5 })).toMatchObject({ ending: "length", outputTokens: 5, reasoningTokens: 3 });
    expect(planOf(openai, scenario, { maxTokens: 2 })).toMatchObject({ ending: "length", outputTokens: 2, reasoningTokens: 2 });
    expect(planOf(openai, scenario, { maxTokens: 7 })).toMatchObject({ ending: "stop", outputTokens: 7 });
  });

  test("streams reasoning before the answer at the same pace", () => {
    const plan = planOf(openai, { reasoningTokens: 2 });
    expect(plan.blocks.map((block) => block.kind)).toEqual(["reasoning", "text"]);
    expect(dues(plan)).toEqual([
      [10, 15],
      [20, 25, 30, 35],
    ]);
  });

  test("lets hidden reasoning pass in silence, and bills it", () => {
    const plan = planOf(openai, { reasoningTokens: 2, reasoning: "hidden" });
    expect(dues(plan)).toEqual([[20, 25, 30, 35]]);
    expect(plan).toMatchObject({ outputTokens: 6, reasoningTokens: 2 });
  });

  test("splits the tokens among tool calls whose pieces together are JSON", () => {
    const { blocks, ending } = planOf(openai, { toolCalls: 2, outputTokens: 9 });
    expect(ending).toBe("tool");
    expect(blocks.map((block) => block.pieces.length)).toEqual([4, 5]);
    for (const block of blocks) expect(JSON.parse(block.pieces.map((piece) => piece.text).join(""))).toEqual({ query: expect.any(String) });
  });

  test("makes no more tool calls than there are tokens", () => {
    expect(planOf(openai, { toolCalls: 3, outputTokens: 2 }).blocks.map((block) => block.pieces[0]?.text)).toEqual(["{}", "{}"]);
  });

  test("sends a tool call in one piece, when its last token is due, where the protocol does", () => {
    expect(dues(planOf(google, { toolCalls: 2, outputTokens: 4 }))).toEqual([[15], [25]]);
  });

  test("keeps half of the pieces, rounded up, where the answer breaks half-way", () => {
    for (const fault of ["error", "cut", "stall", "broken-json", "filtered"] as const) {
      const plan = planOf(openai, { outputTokens: 5 }, { fault });
      expect(plan).toMatchObject({ fault, ending: fault, outputTokens: 3, endNs: 20_000_000 });
    }
    expect(dues(planOf(openai, { outputTokens: 3, reasoningTokens: 5 }, { fault: "cut" }))).toEqual([[10, 15, 20, 25]]);
  });

  test("speaks a refusal only where the protocol has words for it", () => {
    expect(planOf(openai, {}, { fault: "refusal" }).blocks.map((block) => block.kind)).toEqual(["refusal"]);
    expect(planOf(anthropic, {}, { fault: "refusal" })).toMatchObject({ ending: "refused", blocks: [], outputTokens: 0 });
  });

  test("answers nothing to a blocked prompt, not even in thought", () => {
    expect(planOf(google, { reasoningTokens: 3 }, { fault: "blocked" })).toMatchObject({ ending: "blocked", blocks: [], outputTokens: 0 });
  });

  test("ignores a fault that the protocol has no shape for", () => {
    expect(planOf(ollama, {}, { fault: "refusal" })).toMatchObject({ fault: null, ending: "stop", outputTokens: 4 });
  });

  test("shifts everything behind slow headers", () => {
    const plan = planOf(openai, { slowHeadersMs: 100 }, { fault: "slow-headers" });
    expect(plan.headNs).toBe(100_000_000);
    expect(dues(plan)).toEqual([[110, 115, 120, 125]]);
  });

  test("swells the piece in the middle to a huge event", () => {
    const [block] = planOf(openai, { hugeEventBytes: 1_000 }, { fault: "huge-event" }).blocks;
    expect(block?.pieces.map((piece) => piece.text.length > 900)).toEqual([false, false, true, false]);
  });

  test("meets a fault by rule on every nth request, and the first rule wins", () => {
    const faults = [
      { fault: "429", every: 3 },
      { fault: "500", every: 2 },
    ] as const;
    const met = Array.from({ length: 6 }, (_, index) => planOf(openai, { faults }, { index }).fault);
    expect(met).toEqual([null, "500", "429", "500", null, "429"]);
  });

  test("meets a fault by share, as often as it says", () => {
    const met = Array.from({ length: 2_000 }, (_, index) => planOf(openai, { faults: [{ fault: "cut", share: 0.25 }] }, { index }).fault);
    const count = met.filter((fault) => fault === "cut").length;
    expect(count).toBeGreaterThan(420);
    expect(count).toBeLessThan(580);
  });

  test("draws a lognormal TTFT with the given median", () => {
    const drawn = Array.from(
      { length: 2_001 },
      (_, index) => planOf(openai, { ttftMs: { median: 100, sigma: 0.5 } }, { index }).ttftNs / 1e6,
    ).toSorted((a, b) => a - b);
    expect(drawn[1_000]).toBeGreaterThan(95);
    expect(drawn[1_000]).toBeLessThan(105);
    // One standard deviation up: 100 · e^0.5 = 164.9.
    expect(drawn[Math.round(2_000 * 0.8413)]).toBeGreaterThan(155);
    expect(drawn[Math.round(2_000 * 0.8413)]).toBeLessThan(175);
  });

  test("has a plan for every fault", () => {
    for (const fault of FAULTS) expect(planOf(openai, { hugeEventBytes: 10 }, { fault }).fault).toBe(fault);
  });
});
