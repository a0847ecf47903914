/** An exporter of one's own: `lens benchmark sim: --format ./own-exporter.js` prints a table for a chat. */
import { formatDuration } from "@lens/core";
import type { Exporter, SyncExporter } from "@lens/exporters";
import type { ComparisonReport } from "@lens/metrics";

const figure = (durationNs: number | null): string => (durationNs === null ? "n/a" : formatDuration(durationNs));

/** Of reports. What cannot be known is null in them, never 0. */
export const exporter: SyncExporter = {
  id: "chat",
  extension: "txt",
  render({ groups }) {
    const rows = groups.map(({ target, requests, outcomes, ttft, e2e }) =>
      [target.label, `${outcomes.ok} of ${requests} ok`, `TTFT ${figure(ttft.p50Ns)}`, `E2E ${figure(e2e.p50Ns)}`].join(" · "),
    );
    return `${rows.join("\n")}\n`;
  },
};

/** Of comparisons, for `lens compare` and saved ones. A module may leave it out. */
export const comparisonExporter: Exporter<ComparisonReport> = {
  id: "chat",
  extension: "txt",
  // It may be asynchronous, and load what it needs only when it is asked.
  async render({ comparisons }) {
    const slower = comparisons.filter(({ metrics }) => metrics.some(({ verdict }) => verdict === "slower"));
    return slower.length === 0 ? "Nobody is slower.\n" : `${slower.map(({ candidate }) => candidate.label).join(", ")} slower!\n`;
  },
};
