/** Rates in USD per million tokens. A null rate is not known: a request that has such tokens cannot be priced. */
export interface PriceRates {
  readonly inputPerMillionUsd: number;
  readonly cacheReadPerMillionUsd: number | null;
  readonly cacheWritePerMillionUsd: number | null;
  readonly outputPerMillionUsd: number;
}

/** Rates for requests whose input, cached part included, is larger than a bound. The whole request moves to them, its output too. */
export interface PriceTier {
  readonly aboveInputTokens: number;
  /** Null where it is known that other rates hold, but not which. */
  readonly rates: PriceRates | null;
}

/** The standard-tier price of one model. */
export interface ModelPrice {
  /** The exact id. */
  readonly modelId: string;
  /** The adapters that it holds for; null for every one. */
  readonly providers: readonly string[] | null;
  /** Rates of a request that no tier applies to. */
  readonly rates: PriceRates;
  /** In rising order of their bounds. */
  readonly tiers: readonly PriceTier[];
  readonly source: string;
  /** The date for which the price was read. */
  readonly asOf: string;
}

/** Which price is looked for. */
export interface PriceQuery {
  /** Adapter id. */
  readonly provider: string;
  readonly modelId: string;
  /** When the request was sent: prices change. */
  readonly atMs: number;
}

/** Finds a price; null where there is none for exactly this model. */
export type PriceLookup = (query: PriceQuery) => ModelPrice | null;

/** `-20250929`, `-2026-09-22`, `-latest`, `@20250929`: other names of the same model. Any other suffix may be another model. */
const VERSION_SUFFIX = /(?:-\d{8}|-\d{4}-\d{2}-\d{2}|-latest|@\w+)$/;

/** A model id without its date or `latest`, lower case. */
export function plainModelId(modelId: string): string {
  return modelId.trim().toLowerCase().replace(VERSION_SUFFIX, "");
}

/** Looks in a list: by exact id first, then without the version suffix. Never by prefix: `claude-sonnet-5-5` is not `claude-sonnet-5`. */
export function lookupIn(prices: readonly ModelPrice[]): PriceLookup {
  return ({ provider, modelId }) => {
    const named = (id: string): ModelPrice | undefined =>
      prices.find((price) => price.modelId.toLowerCase() === id && (price.providers === null || price.providers.includes(provider)));
    return named(modelId.trim().toLowerCase()) ?? named(plainModelId(modelId)) ?? null;
  };
}

const AS_OF = "2026-11-23";
const OPENAI = ["openai", "openai-responses"];
const ANTHROPIC = ["anthropic"];

function rates(input: number, cacheRead: number | null, cacheWrite: number | null, output: number): PriceRates {
  return { inputPerMillionUsd: input, cacheReadPerMillionUsd: cacheRead, cacheWritePerMillionUsd: cacheWrite, outputPerMillionUsd: output };
}

/** Models that the price data of `@pydantic/genai-prices` lacks, or would take for another. */
export const OWN_PRICES: readonly ModelPrice[] = [
  {
    modelId: "gpt-6.1-sol",
    providers: OPENAI,
    rates: rates(2, 0.1, 2.5, 10),
    // Dearer above, by rates that are not public.
    tiers: [{ aboveInputTokens: 272_000, rates: null }],
    source: "trackers of OpenAI's list prices",
    asOf: AS_OF,
  },
  {
    modelId: "gpt-6.1-terra",
    providers: OPENAI,
    rates: rates(1, 0.05, 1.25, 5),
    tiers: [{ aboveInputTokens: 272_000, rates: rates(2, 0.1, null, 7.5) }],
    source: "trackers of OpenAI's list prices",
    asOf: AS_OF,
  },
  {
    modelId: "claude-fable-5-2",
    providers: ANTHROPIC,
    rates: rates(8, 0.2, 10, 40),
    tiers: [],
    source: "trackers of Anthropic's list prices",
    asOf: AS_OF,
  },
  {
    modelId: "claude-sonnet-5-5",
    providers: ANTHROPIC,
    rates: rates(2, 0.1, 2.5, 10),
    tiers: [],
    source: "Anthropic's documentation; cache price from trackers",
    asOf: AS_OF,
  },
  {
    modelId: "claude-haiku-5-5",
    providers: ANTHROPIC,
    rates: rates(0.1, 0.01, 0.125, 0.5),
    tiers: [{ aboveInputTokens: 100_000, rates: rates(0.5, null, 0.625, 2.5) }],
    source: "Anthropic's documentation; cache price from trackers",
    asOf: AS_OF,
  },
];
