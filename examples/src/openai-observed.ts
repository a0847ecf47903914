/** The OpenAI SDK as it is, with its retries and all, and a record of every answer that its `fetch` brings. */
import { formatDuration } from "@lens/core";
import { createCollector, ttftNs } from "@lens/metrics";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";
import OpenAI from "openai";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, faults: [{ fault: "429", every: 3 }], retryAfterMs: 20 } });
const collector = createCollector();
const client = new OpenAI({
  apiKey: "any",
  baseURL: simulator.baseUrls.openai,
  fetch: observeFetch({
    onRecord(record) {
      collector.add(record);
      const { outcome, labels, usage } = record;
      const said =
        outcome.kind === "ok" ? `TTFT ${formatDuration(ttftNs(record) ?? 0)}, ${usage?.outputTokens} tokens` : outcome.error?.code;
      console.log(`${outcome.kind}${labels["retry"] === undefined ? "" : " when tried again"}: ${said}`);
    },
  }),
});

for (const question of ["Why is the sky blue?", "And the sea?", "And the night?"]) {
  const messages = [{ role: "user" as const, content: question }];
  const stream = await client.chat.completions.create({
    model: "gpt-6-luna",
    messages,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const chunk of stream) void chunk.choices;
}
await simulator.close();

for (const { target, outcomes, tokens } of collector.report().groups)
  console.log(`${target.label}: ${outcomes.ok} ok, ${outcomes.error} failed, ${tokens.output} tokens`);
