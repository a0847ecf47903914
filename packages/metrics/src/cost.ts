import type { RequestRecord, TokenUsage } from "@lens/core";
import { tokenCount } from "./derive.ts";
import { loadGenaiPrices } from "./genai-prices.ts";
import { lookupIn, type ModelPrice, OWN_PRICES, type PriceLookup, type PriceQuery, type PriceRates } from "./prices.ts";
import type { PriceReference } from "./report.ts";

/** What one request cost at list prices, in USD, and by which price. */
export interface RequestCost {
  readonly totalUsd: number;
  /** Input that was not read from a cache; writing to a cache is part of it. */
  readonly inputUsd: number;
  readonly cachedInputUsd: number;
  readonly outputUsd: number;
  /** The part of the output that is reasoning; null where its tokens are not reported. */
  readonly reasoningUsd: number | null;
  readonly price: PriceReference;
}

/** Prices requests. */
export interface PriceBook {
  /** Null means unpriced: an unknown model, no reported usage, another than the standard service tier, or tokens of unknown rate. */
  price(record: RequestRecord): RequestCost | null;
  /** What a request would cost by a usage that is foreseen, on the standard tier; null where that is not known. */
  estimate(query: PriceQuery, usage: TokenUsage): RequestCost | null;
}

const MILLION = 1e6;
/** Other rates than the list's hold for these. The provider says in the response which tier was really used. */
const OTHER_TIER = /batch|fast|flex|off_?peak|priority|provisioned|scale/i;

/** Tokens written to a cache for longer than the standard time, which costs more; as Anthropic and OpenAI report them. */
function longWrites(usage: TokenUsage): number {
  const raw = usage.raw as {
    cache_creation?: { ephemeral_1h_input_tokens?: unknown } | null;
    input_tokens_details?: { cache_write_tokens_details?: { ttl_12h_tokens?: unknown } | null } | null;
  } | null;
  const oneHour = raw?.cache_creation?.ephemeral_1h_input_tokens;
  const twelveHours = raw?.input_tokens_details?.cache_write_tokens_details?.ttl_12h_tokens;
  return (typeof oneHour === "number" ? oneHour : 0) + (typeof twelveHours === "number" ? twelveHours : 0);
}

function ratesFor(price: ModelPrice, inputTokens: number): PriceRates | null {
  const tier = price.tiers.findLast((candidate) => inputTokens > candidate.aboveInputTokens);
  return tier === undefined ? price.rates : tier.rates;
}

/** The cost of `tokens`, 0 for none; null where there are some and their rate is not known. */
const at = (ratePerMillionUsd: number | null, tokens: number): number | null =>
  tokens === 0 ? 0 : ratePerMillionUsd === null ? null : (tokens * ratePerMillionUsd) / MILLION;

/**
 * What a usage costs: `(input − read − written) · input rate + read · read rate + written · write rate + output · output rate`, since
 * a usage's input includes its cached part and its output the reasoning. Null where a count or a rate is not known.
 */
export function costOf(usage: TokenUsage, price: ModelPrice): RequestCost | null {
  const input = tokenCount(usage.inputTokens);
  const output = tokenCount(usage.outputTokens);
  const read = tokenCount(usage.cacheReadTokens) ?? 0;
  const written = tokenCount(usage.cacheWriteTokens) ?? 0;
  if (input === null || output === null || read + written > input || longWrites(usage) > 0) return null;
  const rates = ratesFor(price, input);
  if (rates === null) return null;
  const readUsd = at(rates.cacheReadPerMillionUsd, read);
  const writtenUsd = at(rates.cacheWritePerMillionUsd, written);
  if (readUsd === null || writtenUsd === null) return null;
  const inputUsd = ((input - read - written) * rates.inputPerMillionUsd) / MILLION + writtenUsd;
  const outputUsd = (output * rates.outputPerMillionUsd) / MILLION;
  const reasoning = tokenCount(usage.reasoningTokens);
  return {
    totalUsd: inputUsd + readUsd + outputUsd,
    inputUsd,
    cachedInputUsd: readUsd,
    outputUsd,
    reasoningUsd: reasoning === null ? null : at(rates.outputPerMillionUsd, Math.min(reasoning, output)),
    price: { modelId: price.modelId, source: price.source, asOf: price.asOf },
  };
}

/**
 * A book of the user's own prices, then ours, then `further` ones: the first that knows the model decides. The model that answered is
 * priced; the user's prices may also name the one that was asked for, as where a deployment has a name of its own.
 */
export function createPriceBook(overrides: readonly ModelPrice[] = [], ...further: readonly PriceLookup[]): PriceBook {
  const own = lookupIn(overrides);
  const lookups = [lookupIn(OWN_PRICES), ...further];

  function listed(query: PriceQuery, usage: TokenUsage): RequestCost | null {
    for (const lookup of lookups) {
      const price = lookup(query);
      if (price !== null) return costOf(usage, price);
    }
    return null;
  }

  return {
    price(record) {
      const { usage, usageSource, target, reply, startedAtMs } = record;
      if (usage === null || usageSource !== "reported") return null;
      const query = { provider: target.provider, modelId: reply.model ?? target.model, atMs: startedAtMs };
      const chosen = own(query) ?? own({ ...query, modelId: target.model });
      if (chosen !== null) return costOf(usage, chosen);
      return reply.serviceTier !== null && OTHER_TIER.test(reply.serviceTier) ? null : listed(query, usage);
    },
    estimate(query, usage) {
      const chosen = own(query);
      return chosen === null ? listed(query, usage) : costOf(usage, chosen);
    },
  };
}

/**
 * The book with all price data there is, the bundled data of `@pydantic/genai-prices` included. Asynchronous only because that data takes 40 ms
 * to load, which those who price nothing are spared. Touches no network.
 */
export async function loadPriceBook(overrides: readonly ModelPrice[] = []): Promise<PriceBook> {
  return createPriceBook(overrides, await loadGenaiPrices());
}
