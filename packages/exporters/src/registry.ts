import { LensError } from "@lens/core";
import type { ComparisonReport } from "@lens/metrics";
import { consoleComparisonExporter } from "./console-compare.ts";
import { consoleExporter } from "./console.ts";
import type { Exporter } from "./exporter.ts";
import { compactJsonExporter, jsonExporter } from "./json.ts";

/** Every exporter there is, in the order in which help lists them. */
export const EXPORTERS: readonly Exporter[] = [consoleExporter, jsonExporter, compactJsonExporter];

/** Every exporter of comparisons, likewise. */
export const COMPARISON_EXPORTERS: readonly Exporter<ComparisonReport>[] = [consoleComparisonExporter, jsonExporter, compactJsonExporter];

/** The exporter of that id. Throws `INVALID_ARGUMENT`, naming those that there are, for any other word. */
export function findExporter(id: string): Exporter {
  const found = EXPORTERS.find((exporter) => exporter.id === id);
  if (found !== undefined) return found;
  const known = EXPORTERS.map((exporter) => exporter.id).join(", ");
  throw new LensError("INVALID_ARGUMENT", `Expected the format to be one of ${known}, got \`${id.slice(0, 60)}\`.`);
}
