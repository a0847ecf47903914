import { describe, expect, it } from "vitest";
import { calibrate, type LengthSpec, needsCalibration, type SyntheticSpec, type WorkloadSpec } from "../src/index.ts";
import { openTokenizer } from "../src/tokenizer.ts";
import { openExchange, promptsOf, textOf } from "./asking.ts";

const THOUSAND: LengthSpec = { distribution: "fixed", tokens: 1_000 };
const synthetic = (more: Partial<SyntheticSpec> = {}): SyntheticSpec => ({
  kind: "synthetic",
  inputTokens: THOUSAND,
  outputTokens: { distribution: "fixed", tokens: 16 },
  ...more,
});

const meanOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A model whose tokenizer is none that we know: it halves long words, and its chat template has 12 tokens. */
const foreignTokens = (text: string): number => 12 + [...text.matchAll(/\p{L}{1,5}|\p{N}/gu)].length;

describe("synthetic prompts", () => {
  it("meet their length by the tokenizer, as a server that counts by it reports", async () => {
    const count = await openTokenizer("gpt");
    const exchange = await openExchange({ countTokens: count });
    const reported: number[] = [];
    for (const prepared of await promptsOf(synthetic({ tokenizer: "gpt" }), 1_000)) {
      const record = await exchange.send(prepared);
      expect(record.workload).toMatchObject({ askedInputTokens: 1_000, sentInputTokens: 1_000, countedBy: "gpt", askedOutputTokens: 16 });
      reported.push(record.usage?.inputTokens ?? 0);
    }
    await exchange.close();
    expect(Math.abs(meanOf(reported) - 1_000)).toBeLessThan(20);
  }, 60_000);

  it("meet it by estimate, once one request has told how another tokenizer counts", async () => {
    const exchange = await openExchange({ countTokens: foreignTokens });
    const lengthsOf = async (workload: WorkloadSpec): Promise<readonly number[]> => {
      const records = await Promise.all((await promptsOf(workload, 1_000)).map(exchange.send));
      return records.map(({ usage }) => usage?.inputTokens ?? 0);
    };
    const spec = synthetic({ inputTokens: { distribution: "normal", meanTokens: 1_000, stdDevTokens: 200 } });
    expect(Math.abs(meanOf(await lengthsOf(spec)) - 1_000)).toBeGreaterThan(100);
    expect(needsCalibration(spec)).toBe(true);
    const { workload, record } = await calibrate(spec, { seed: 1 }, exchange.send);
    expect(needsCalibration(workload)).toBe(false);
    expect(record.workload).toMatchObject({ sentInputTokens: 1_000, countedBy: "estimate" });
    expect(Math.abs(meanOf(await lengthsOf(workload)) - 1_000)).toBeLessThan(50);
    await exchange.close();
  }, 60_000);

  it("stay an estimate where the first answer reports no usage", async () => {
    const exchange = await openExchange({ scenario: { inputTokens: 0 } });
    const { workload } = await calibrate(synthetic(), { seed: 1 }, exchange.send);
    expect(workload).toEqual(synthetic());
    await exchange.close();
  });

  it("are the same bytes for one seed, and others for another", async () => {
    const spec = synthetic({ inputTokens: { distribution: "lognormal", meanTokens: 80, stdDevTokens: 40 } });
    const prompts = await promptsOf(spec, 50, 7);
    expect(JSON.stringify(await promptsOf(spec, 50, 7))).toBe(JSON.stringify(prompts));
    expect(JSON.stringify(await promptsOf(spec, 50, 8))).not.toBe(JSON.stringify(prompts));
    expect(prompts.map(textOf)[0]).toMatch(/^\d{16}( [a-z]+)+$/);
  });

  it("share no beginning with one another unless that is wanted", async () => {
    const all = [
      ...(await promptsOf(synthetic(), 1_000)),
      ...(await promptsOf(synthetic(), 1_000, 1, { phase: "warmup" })),
      ...(await promptsOf(synthetic(), 1_000, 1, { target: 1 })),
      ...(await promptsOf(synthetic({ defaults: { system: "You are a lamp." } }), 1_000, 2)),
    ];
    expect(new Set(all.map((prompt) => textOf(prompt).slice(0, 16))).size).toBe(4_000);
  });

  it("count a system prompt and what is put before it as a part of their length", async () => {
    const [prepared] = await promptsOf(synthetic({ tokenizer: "gpt", defaults: { system: "You are a lamp." } }), 1);
    const count = await openTokenizer("gpt");
    expect(prepared?.prompt.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(prepared?.prompt.messages.reduce((sum, { content }) => sum + count(String(content)), 0)).toBeGreaterThan(990);
    expect(prepared?.prompt.messages.reduce((sum, { content }) => sum + count(String(content)), 0)).toBeLessThan(1_003);
  });

  it("have a beginning in common where that is wanted, and read it from the server's cache", async () => {
    const exchange = await openExchange({ scenario: { cacheBlockTokens: 16 } });
    const cache = { kind: "shared", prefixTokens: 500, share: 0.5 } as const;
    const prompts = await promptsOf(synthetic({ cache }), 60);
    const records = [];
    for (const prepared of prompts) records.push(await exchange.send(prepared));
    await exchange.close();
    const shared = records.filter(({ workload }) => workload?.sharedPrefixTokens === 500);
    const others = records.filter(({ workload }) => workload?.sharedPrefixTokens === null);
    expect(shared.length).toBeGreaterThan(15);
    expect(others.length).toBeGreaterThan(15);
    for (const { usage } of shared.slice(1)) expect((usage?.cacheReadTokens ?? 0) / (usage?.inputTokens ?? 0)).toBeCloseTo(0.5, 1);
    for (const { usage } of [...shared.slice(0, 1), ...others]) expect(usage?.cacheReadTokens).toBe(0);
    expect(new Set(prompts.map(textOf)).size).toBe(60);
  });

  it("cannot be shorter than what they have in common", async () => {
    const cache = { kind: "shared", prefixTokens: 1_000 } as const;
    await expect(promptsOf(synthetic({ cache }), 1)).rejects.toThrow("Expected a shared prefix shorter than the prompts");
  });

  it("say how long they may get, for those who reckon what they cost", async () => {
    const [uniform, text] = [{ distribution: "uniform", minTokens: 5, maxTokens: 50 } as const, / [a-z]+/g];
    const { openPromptSource } = await import("../src/index.ts");
    const source = await openPromptSource(synthetic({ inputTokens: uniform, outputTokens: uniform }), { seed: 1 });
    expect(source.longest?.maxTokens).toBe(50);
    expect(String(source.longest?.messages[0]?.content).match(text)).toHaveLength(50);
    await source.close();
  });
});
