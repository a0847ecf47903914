import type { MatchLogic, ModelPrice as GenaiPrice } from "@pydantic/genai-prices";
import { plainModelId, type PriceLookup, type PriceRates, type PriceTier } from "./prices.ts";

/** The pinned version, and the day of its data. They change together. */
export const GENAI_PRICES_VERSION = "0.1.8";
const AS_OF = "2026-09-23";

/** Our adapters' names there. Whoever is not listed is not priced: its own matching would take any name with "openai" in it for OpenAI. */
const PROVIDER_IDS: ReadonlyMap<string, string> = new Map([
  ["openai", "openai"],
  ["openai-responses", "openai"],
  ["anthropic", "anthropic"],
  ["google", "google"],
  ["azure", "azure"],
  ["groq", "groq"],
  ["openrouter", "openrouter"],
  ["deepseek", "deepseek"],
  ["mistral", "mistral"],
  ["xai", "x-ai"],
  ["together", "together"],
  ["fireworks", "fireworks"],
  ["cerebras", "cerebras"],
]);

/** Whether the price data lists this very id, and does not merely accept it by its beginning. */
function listsExactly(match: MatchLogic, modelId: string): boolean {
  if ("or" in match) return match.or.some((part) => listsExactly(part, modelId));
  return "equals" in match && match.equals.toLowerCase() === modelId;
}

type Rate = GenaiPrice[string];

/** A rate for an input of `inputTokens`; null where there is none. */
function rateAt(rate: Rate, inputTokens: number): number | null {
  if (rate === undefined) return null;
  if (typeof rate === "number") return rate;
  return rate.tiers.findLast((tier) => inputTokens > tier.start)?.price ?? rate.base;
}

function ratesAt(price: GenaiPrice, inputTokens: number): PriceRates | null {
  const input = rateAt(price["input_mtok"], inputTokens);
  const output = rateAt(price["output_mtok"], inputTokens);
  // Reasoning at a rate of its own is not in our formula.
  if (input === null || output === null || price["output_reasoning_mtok"] !== undefined) return null;
  return {
    inputPerMillionUsd: input,
    // No rate of their own means that cached tokens are billed as any input.
    cacheReadPerMillionUsd: rateAt(price["cache_read_mtok"], inputTokens) ?? input,
    cacheWritePerMillionUsd: rateAt(price["cache_write_mtok"], inputTokens) ?? input,
    outputPerMillionUsd: output,
  };
}

function tiersOf(price: GenaiPrice): readonly PriceTier[] {
  const bounds = Object.values(price).flatMap((rate) => (typeof rate === "object" ? rate.tiers.map((tier) => tier.start) : []));
  return [...new Set(bounds)].toSorted((a, b) => a - b).map((bound) => ({ aboveInputTokens: bound, rates: ratesAt(price, bound + 1) }));
}

/**
 * The bundled price data. It matches models by prefix and would take `claude-sonnet-5-5` for `claude-sonnet-5`, so a match counts only if the
 * data lists the very id, or has it under the same name but for a date.
 */
export async function loadGenaiPrices(): Promise<PriceLookup> {
  // Imported here, and by the package's name so that a bundler leaves it here: 0.8 MB, which only those who price need.
  const { calcPrice } = await import("@pydantic/genai-prices");
  return ({ provider, modelId, atMs }) => {
    const providerId = PROVIDER_IDS.get(provider);
    if (providerId === undefined) return null;
    // oxlint-disable-next-line no-restricted-globals -- a conversion, not a reading of the clock: the library wants the time as a Date.
    const found = calcPrice({}, modelId, { providerId, timestamp: new Date(atMs) });
    if (found === null) return null;
    const exact = listsExactly(found.model.match, modelId.trim().toLowerCase()) || plainModelId(found.model.id) === plainModelId(modelId);
    const rates = exact ? ratesAt(found.model_price, 0) : null;
    if (rates === null) return null;
    return {
      modelId: found.model.id,
      providers: [provider],
      rates,
      tiers: tiersOf(found.model_price),
      source: `genai-prices ${GENAI_PRICES_VERSION}`,
      asOf: AS_OF,
    };
  };
}
