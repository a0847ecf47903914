import { formatInstant } from "@lens/exporters";
import { createPriceBook, loadPriceBook, type ModelPrice, type PriceBook } from "@lens/metrics";
import type { ResolvedSettings } from "./config.ts";
import type { Io } from "./io.ts";
import { isBuiltIn } from "./session.ts";
import type { TargetRequest } from "./targets.ts";

/** The prices that hold: the configured ones, then all that is known. A simulator alone is spared the loading of the latter. */
export async function openPriceBook(targets: readonly TargetRequest[], settings: ResolvedSettings, io: Io): Promise<PriceBook> {
  const configured = configuredPrices(settings, io);
  return targets.every(isBuiltIn) ? createPriceBook(configured) : loadPriceBook(configured);
}

function configuredPrices({ prices = {} }: ResolvedSettings, io: Io): readonly ModelPrice[] {
  const asOf = formatInstant(io.clock.epochMs()).slice(0, "2026-01-01".length);
  return Object.entries(prices).map(([modelId, price]) => ({
    modelId,
    providers: null,
    rates: {
      inputPerMillionUsd: price.inputPerMillionUsd,
      outputPerMillionUsd: price.outputPerMillionUsd,
      cacheReadPerMillionUsd: price.cacheReadPerMillionUsd ?? null,
      cacheWritePerMillionUsd: price.cacheWritePerMillionUsd ?? null,
    },
    tiers: [],
    source: "configuration",
    asOf,
  }));
}
