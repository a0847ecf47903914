/** An exporter of one's own: a table in Markdown, for a pull request. */
import { formatDuration } from "@lens/core";
import type { SyncExporter } from "@lens/exporters";
import { type RunManifest, summarize } from "@lens/metrics";
import { createTransport, openaiChat, runRequest } from "@lens/providers";
import { startSimulator } from "@lens/sim";

const figure = (durationNs: number | null): string => (durationNs === null ? "n/a" : formatDuration(durationNs));

const markdownTable: SyncExporter = {
  id: "markdown-table",
  extension: "md",
  render({ groups }) {
    const rows = groups.map(({ target, requests, outcomes, ttft, e2e }) =>
      ["", target.label, `${outcomes.ok} of ${requests}`, figure(ttft.p50Ns), figure(e2e.p50Ns), ""].join(" | ").trim(),
    );
    return ["| target | ok | TTFT p50 | E2E p50 |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
  },
};

const simulator = await startSimulator({ scenario: { ttftMs: 20, gapMs: 2, outputTokens: 10 } });
const credentials = { apiKey: "any", baseUrl: simulator.baseUrls.openai };
const transport = createTransport();
const ask = (model: string) =>
  runRequest(openaiChat, { model, messages: [{ role: "user", content: "Hello" }] }, { transport, credentials });
const records = [await ask("small"), await ask("small"), await ask("sim-fault-500")];
transport.close();
await simulator.close();

const tool = { name: "my-tool", version: "1.0.0" };
const known = { startedAtMs: records[0]?.startedAtMs ?? 0, durationNs: 0, interrupted: false, shards: null, options: {}, versions: {} };
const run: RunManifest = { ...known, mode: "unknown", command: null, seed: null, machine: null };
console.log(markdownTable.render(summarize(records, { tool, run })));
