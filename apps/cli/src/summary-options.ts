import { parseDurationNs } from "@lens/core";
import { parseSlo, type PriceBook, type SummaryOptions } from "@lens/metrics";
import type { ResolvedSettings } from "./config.ts";

/** How requests are summed up, by the settings. Throws `INVALID_ARGUMENT` for SLOs that are none. */
export function summaryOptions(
  { slo, series }: Pick<ResolvedSettings, "slo" | "series">,
  priceBook: PriceBook,
): Required<Omit<SummaryOptions, "window">> {
  return {
    priceBook,
    slo: slo === undefined ? null : parseSlo(slo),
    binNs: series === undefined ? null : parseDurationNs(series),
  };
}
