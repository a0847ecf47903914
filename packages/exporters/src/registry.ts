import { LensError } from "@lens/core";
import type { ComparisonReport } from "@lens/metrics";
import { consoleComparisonExporter } from "./console-compare.ts";
import { consoleExporter } from "./console.ts";
import { csvComparisonExporter } from "./csv-comparison.ts";
import { csvRequestsExporter } from "./csv-requests.ts";
import { csvExporter } from "./csv.ts";
import type { Exporter, RecordExporter } from "./exporter.ts";
import { hgrmExporter } from "./hgrm.ts";
import { hlogExporter } from "./hlog.ts";
import { htmlComparisonExporter, htmlExporter } from "./html.ts";
import { compactJsonExporter, jsonExporter } from "./json.ts";
import { jsonlExporter } from "./jsonl.ts";
import { junitExporter } from "./junit.ts";
import { markdownComparisonExporter } from "./markdown-comparison.ts";
import { markdownExporter } from "./markdown.ts";
import { otlpExporter } from "./otlp.ts";
import { prometheusExporter } from "./prometheus.ts";
import { vllmExporter } from "./vllm.ts";

/** Every exporter there is, in the order in which help lists them. */
export const EXPORTERS: readonly Exporter[] = [
  consoleExporter,
  jsonExporter,
  compactJsonExporter,
  csvExporter,
  markdownExporter,
  htmlExporter,
  junitExporter,
  vllmExporter,
  prometheusExporter,
  hgrmExporter,
  hlogExporter,
  otlpExporter,
];

/** Every exporter of comparisons, likewise. */
export const COMPARISON_EXPORTERS: readonly Exporter<ComparisonReport>[] = [
  consoleComparisonExporter,
  jsonExporter,
  compactJsonExporter,
  csvComparisonExporter,
  markdownComparisonExporter,
  htmlComparisonExporter,
];

/** Every exporter of records, likewise. */
export const RECORD_EXPORTERS: readonly RecordExporter[] = [jsonlExporter, csvRequestsExporter];

/** The exporter of that id. Throws `INVALID_ARGUMENT`, naming those that there are, for any other word. */
export function findExporter(id: string): Exporter {
  const found = EXPORTERS.find((exporter) => exporter.id === id);
  if (found !== undefined) return found;
  const known = EXPORTERS.map((exporter) => exporter.id).join(", ");
  throw new LensError("INVALID_ARGUMENT", `Expected the format to be one of ${known}, got \`${id.slice(0, 60)}\`.`);
}
