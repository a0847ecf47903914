import type { Exporter } from "./exporter.ts";

/** The report itself, indented, for people and for version control. `schema/report.schema.json` describes it. */
export const jsonExporter: Exporter = {
  id: "json",
  extension: "json",
  render: (report) => `${JSON.stringify(report, null, 2)}\n`,
};

/** The report itself on one line, for machines and for files of one report a line. */
export const compactJsonExporter: Exporter = {
  id: "json-compact",
  extension: "json",
  render: (report) => `${JSON.stringify(report)}\n`,
};
