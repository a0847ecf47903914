import { afterEach, describe, expect, test } from "vitest";
import { createPromptCache } from "../src/prompt-cache.ts";
import { type Simulator, type SimulatorOptions, startSimulator } from "../src/index.ts";

let simulator: Simulator | null = null;
afterEach(() => simulator?.close());

async function ask(options: SimulatorOptions, prompts: readonly string[]): Promise<readonly unknown[]> {
  simulator = await startSimulator({ ...options, scenario: { ttftMs: 0, gapMs: 0, outputTokens: 1, ...options.scenario } });
  const usages: unknown[] = [];
  for (const content of prompts) {
    const body = JSON.stringify({ model: "m", max_tokens: 9, messages: [{ role: "user", content }] });
    const { usage } = (await (
      await fetch(`${simulator.baseUrls.anthropic}/v1/messages`, { method: "POST", headers: { "anthropic-version": "2023-06-01" }, body })
    ).json()) as {
      usage: object;
    };
    usages.push(usage);
  }
  return usages;
}

describe("a cache of prompts", () => {
  test("knows the whole blocks that a prompt before began with", () => {
    const knownShare = createPromptCache(2);
    expect(knownShare("aaaaaaaabbbbbbbb")).toBe(0);
    expect(knownShare("aaaaaaaabbbbbbbb")).toBe(1);
    expect(knownShare("aaaaaaaabbbbbbbc")).toBe(0.5);
    expect(knownShare("xaaaaaaabbbbbbbb")).toBe(0);
    expect(knownShare("aaa")).toBe(0);
    expect(knownShare("")).toBe(0);
  });

  test("is reported as a provider reports it, where the scenario has one", async () => {
    const prompts = ["one two three four five", "one two three four six!"];
    const usages = await ask({ scenario: { cacheBlockTokens: 1, inputTokens: 23 } }, prompts);
    expect(usages).toMatchObject([
      { input_tokens: 23, cache_read_input_tokens: 0 },
      { input_tokens: 7, cache_read_input_tokens: 16 },
    ]);
    await simulator?.close();
    expect(await ask({}, ["again and again", "again and again"])).toMatchObject([{}, { cache_read_input_tokens: 0 }]);
  });
});

test("a simulator counts tokens as it is told, and hands on each body as it came", async () => {
  const bodies: string[] = [];
  const usages = await ask({ countTokens: (text) => text.split(" ").length, onBody: (body) => bodies.push(body) }, ["one two three"]);
  expect(usages).toMatchObject([{ input_tokens: 3 }]);
  expect(bodies).toEqual(['{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"one two three"}]}']);
});
