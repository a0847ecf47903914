import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { createPriceBook, loadPriceBook, type ModelPrice } from "../src/index.ts";
import { GENAI_PRICES_VERSION } from "../src/genai-prices.ts";
import { record, STARTED_AT_MS, usage } from "./records.ts";

const book = await loadPriceBook();

const million = usage({ inputTokens: 1_000_000, outputTokens: 1_000_000 });
const small = usage({ inputTokens: 1000, outputTokens: 1000 });

function asked(provider: string, model: string, changes: Parameters<typeof record>[0] = {}): ReturnType<typeof record> {
  return record({ target: { provider, model, label: `${provider}:${model}`, origin: null }, usage: small, ...changes });
}

describe("which price", () => {
  test.each([
    ["openai", "gpt-6-sol", "gpt-6-sol", 0.012],
    ["openai", "gpt-6-sol-2026-09-22", "gpt-6-sol", 0.012],
    ["openai-responses", "gpt-4o-mini-2024-07-18", "gpt-4o-mini", 0.00075],
    ["openai", "gpt-6.1-sol", "gpt-6.1-sol", 0.012],
    ["openai", "gpt-6.1-terra-2026-10-26", "gpt-6.1-terra", 0.006],
    ["anthropic", "claude-opus-5-5", "claude-opus-5-5", 0.024],
    ["anthropic", "claude-haiku-4-5-20251001", "claude-haiku-4-5", 0.006],
    ["anthropic", "claude-sonnet-5-5", "claude-sonnet-5-5", 0.012],
    ["anthropic", "claude-fable-5-2", "claude-fable-5-2", 0.048],
    ["anthropic", "claude-haiku-5-5", "claude-haiku-5-5", 0.0006],
    ["google", "gemini-3.8-flash", "gemini-3.8-flash", 0.0045],
    ["openrouter", "openai/gpt-4o-mini", "openai/gpt-4o-mini", 0.00075],
    ["mistral", "mistral-large-latest", "mistral-large", 0.008],
    ["xai", "grok-4", "grok-4-0709", 0.018],
    ["azure", "gpt-4o", "gpt-4o", 0.0125],
  ])("%s:%s is priced as %s", (provider, model, matched, totalUsd) => {
    const cost = book.price(asked(provider, model));
    expect(cost?.price.modelId).toBe(matched);
    expect(cost?.totalUsd).toBeCloseTo(totalUsd, 12);
  });

  test.each([
    ["openai", "gpt-7"],
    ["anthropic", "claude-sonnet-5-7"],
    ["anthropic", "claude-opus-5-5-turbo"],
    ["google", "gemini-3.8-flash-thinking"],
    ["sim", "gpt-6-sol"],
    ["vllm", "gpt-4o-mini"],
    ["ollama", "gpt-4o-mini"],
    ["openai-lookalike", "gpt-4o-mini"],
  ])("%s:%s is unpriced: a prefix is not a match, and a server of one's own has no list price", (provider, model) => {
    expect(book.price(asked(provider, model))).toBeNull();
  });

  test("the model that answered is priced, not the one that was asked for", () => {
    const reply = { ...record().reply, model: "gpt-6-luna" };
    expect(book.price(asked("openai", "gpt-6-sol", { reply }))?.price.modelId).toBe("gpt-6-luna");
    expect(book.price(asked("openai", "gpt-6-sol", { reply: { ...reply, model: "gpt-9" } }))).toBeNull();
  });

  test("a price with a date holds from that date on", () => {
    const later = asked("google", "gemini-3.8-flash", { startedAtMs: STARTED_AT_MS + 90 * 86_400_000 });
    expect(book.price(later)?.totalUsd).toBeCloseTo(0.009, 12);
  });

  test("its source and date go with it", () => {
    expect(book.price(asked("openai", "gpt-6-sol"))?.price).toEqual({
      modelId: "gpt-6-sol",
      source: "genai-prices 0.1.8",
      asOf: "2026-09-23",
    });
    expect(book.price(asked("anthropic", "claude-sonnet-5-5"))?.price.asOf).toBe("2026-11-23");
  });

  test("the version that is named as the source is the one that is installed", () => {
    const entry = createRequire(import.meta.url).resolve("@pydantic/genai-prices");
    const manifest = JSON.parse(readFileSync(join(dirname(entry), "..", "package.json"), "utf8")) as { version: string };
    expect(manifest.version).toBe(GENAI_PRICES_VERSION);
  });
});

describe("the user's prices", () => {
  const mine: ModelPrice = {
    modelId: "my-deployment",
    providers: null,
    rates: { inputPerMillionUsd: 1, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null, outputPerMillionUsd: 3 },
    tiers: [],
    source: "contract",
    asOf: "2026-11-01",
  };

  test("come before all others, and may name the deployment that was asked for", () => {
    const own = createPriceBook([mine, { ...mine, modelId: "gpt-6.1-sol" }]);
    const deployed = asked("azure", "my-deployment", { usage: million, reply: { ...record().reply, model: "gpt-4o" } });
    expect(own.price(deployed)?.totalUsd).toBe(4);
    expect(own.price(asked("openai", "gpt-6.1-sol", { usage: million }))?.price.source).toBe("contract");
  });

  test("price a server of one's own", () => {
    expect(createPriceBook([mine]).price(asked("vllm", "my-deployment", { usage: million }))?.totalUsd).toBe(4);
  });

  test("do not price tokens of a rate that they leave out", () => {
    const cached = usage({ inputTokens: 100, cacheReadTokens: 10, outputTokens: 1 });
    expect(createPriceBook([mine]).price(asked("vllm", "my-deployment", { usage: cached }))).toBeNull();
  });
});

describe("what a request would cost", () => {
  const foreseen = usage({ inputTokens: 1_000_000, outputTokens: 1_000_000 });
  const query = { provider: "openai", modelId: "gpt-6-sol", atMs: STARTED_AT_MS };

  test("is known by the list before anything is sent", () => {
    expect(book.estimate(query, foreseen)).toEqual(book.price(asked("openai", "gpt-6-sol", { usage: foreseen })));
  });

  test("is known by the user's price first, and by nobody for an unheard-of model", () => {
    const mine: ModelPrice = {
      modelId: "gpt-6-sol",
      providers: null,
      rates: { inputPerMillionUsd: 1, cacheReadPerMillionUsd: null, cacheWritePerMillionUsd: null, outputPerMillionUsd: 3 },
      tiers: [],
      source: "contract",
      asOf: "2026-11-01",
    };
    expect(createPriceBook([mine]).estimate(query, foreseen)?.totalUsd).toBe(4);
    expect(book.estimate({ ...query, modelId: "gpt-unheard-of" }, foreseen)).toBeNull();
  });
});

describe("what a request costs", () => {
  test("cached tokens are a part of the input, at their own rates", () => {
    const counts = usage({ inputTokens: 1_000_000, cacheReadTokens: 400_000, cacheWriteTokens: 100_000, outputTokens: 200_000 });
    const cost = book.price(asked("anthropic", "claude-opus-5-5", { usage: counts }));
    expect(cost?.inputUsd).toBeCloseTo(0.5 * 4 + 0.1 * 5, 12);
    expect(cost?.cachedInputUsd).toBeCloseTo(0.4 * 0.2, 12);
    expect(cost?.outputUsd).toBeCloseTo(0.2 * 20, 12);
    expect(cost?.totalUsd).toBeCloseTo(6.58, 12);
  });

  test("a long prompt moves the whole request to the higher rates", () => {
    const at = (inputTokens: number): number | undefined =>
      book.price(asked("openai", "gpt-6-sol", { usage: usage({ inputTokens, outputTokens: 100_000 }) }))?.totalUsd;
    expect(at(272_000)).toBeCloseTo(0.272 * 2 + 0.1 * 10, 12);
    expect(at(272_001)).toBeCloseTo(0.272001 * 4 + 0.1 * 15, 12);
  });

  test("above a bound whose rates nobody knows a request is unpriced", () => {
    const at = (inputTokens: number) => book.price(asked("openai", "gpt-6.1-sol", { usage: usage({ inputTokens, outputTokens: 1 }) }));
    expect(at(272_000)).not.toBeNull();
    expect(at(272_001)).toBeNull();
  });

  test.each([
    ["no usage", { usage: null, usageSource: "none" as const }],
    ["a partial usage", { usageSource: "partial" as const }],
    ["no input count", { usage: usage({ outputTokens: 5 }) }],
    ["more cached than sent", { usage: usage({ inputTokens: 5, cacheReadTokens: 6, outputTokens: 5 }) }],
    ["writes to a cache of an hour", { usage: { ...small, raw: { cache_creation: { ephemeral_1h_input_tokens: 10 } } } }],
    ["another service tier", { reply: { ...record().reply, serviceTier: "priority" } }],
  ])("a request with %s is unpriced", (_what, changes) => {
    expect(book.price(asked("openai", "gpt-6-sol", changes))).toBeNull();
  });

  test("the standard tier by its several names is priced", () => {
    for (const serviceTier of ["default", "standard", "auto", "on_demand"]) {
      expect(book.price(asked("openai", "gpt-6-sol", { reply: { ...record().reply, serviceTier } }))).not.toBeNull();
    }
  });
});
