/** A benchmark in a script of one's own: four requests at once, twenty in all, and the report that the command line prints. */
import { consoleExporter } from "@lens/exporters";
import { runLoad } from "@lens/load";
import { createSummary } from "@lens/metrics";
import { createTransport, openaiChat, runRequest } from "@lens/providers";
import { startSimulator } from "@lens/sim";

const simulator = await startSimulator({ scenario: { ttftMs: 20, gapMs: 2, outputTokens: 10 } });
const credentials = { apiKey: "any", baseUrl: simulator.baseUrls.openai };
const prompt = { model: "sim", messages: [{ role: "user" as const, content: "Hello" }] };
const transport = createTransport();
const summary = createSummary();

const { startedAtMs, durationNs, interrupted } = await runLoad({
  plan: { load: { mode: "closed", concurrency: 4 }, requests: 20 },
  send: ({ id, phase, signal }) => runRequest(openaiChat, prompt, { transport, credentials, id, phase, signal }),
  onRecord: (record) => summary.add(record),
});
transport.close();
await simulator.close();

const run = { startedAtMs, durationNs, interrupted, mode: "closed" } as const;
console.log(consoleExporter.render(summary.report({ tool: { name: "my-benchmark", version: "1.0.0" }, run })));
