import type { RecordExporter } from "./exporter.ts";

/** The records as they are, one a line: what `--records` writes, and what makes a report again. */
export const jsonlExporter: RecordExporter = {
  id: "jsonl",
  extension: "jsonl",
  open: () => ({ head: "", line: (record) => `${JSON.stringify(record)}\n` }),
};
