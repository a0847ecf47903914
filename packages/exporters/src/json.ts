import type { SyncExporter } from "./exporter.ts";

/**
 * The document itself, indented, for people and for version control. `schema/report.schema.json` describes a report, and
 * `schema/comparison.schema.json` a comparison.
 */
export const jsonExporter: SyncExporter<object> = {
  id: "json",
  extension: "json",
  render: (document) => `${JSON.stringify(document, null, 2)}\n`,
};

/** The document itself on one line, for machines and for files of one document a line. */
export const compactJsonExporter: SyncExporter<object> = {
  id: "json-compact",
  extension: "json",
  render: (document) => `${JSON.stringify(document)}\n`,
};
