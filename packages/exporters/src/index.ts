export { consoleExporter } from "./console.ts";
export { renderThresholds } from "./console-thresholds.ts";
export { type Exporter, type RenderOptions } from "./exporter.ts";
export { formatCount, formatInstant, formatNumber, formatShare, formatUsd } from "./format.ts";
export { compactJsonExporter, jsonExporter } from "./json.ts";
export { EXPORTERS, findExporter } from "./registry.ts";
export { printable } from "./terminal-text.ts";
