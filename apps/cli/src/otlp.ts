import { createOtlpPush, type OtlpPush } from "@lens/exporters";
import type { ResolvedSettings } from "./config.ts";

/**
 * What sends a report to the collector that the settings name; null where they name none. Made before anything is measured, so that a package that is not
 * installed costs no run: for that it throws `INVALID_ARGUMENT`.
 */
export async function openOtlpPush({
  otlpEndpoint,
  semconv,
}: Pick<ResolvedSettings, "otlpEndpoint" | "semconv">): Promise<OtlpPush | null> {
  if (otlpEndpoint === undefined) return null;
  return createOtlpPush({ endpoint: otlpEndpoint, ...(semconv === undefined ? {} : { semconv }) });
}
