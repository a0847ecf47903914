/** Anthropic's SDK, observed: what it streams is its own, and the record says when it came. */
import Anthropic from "@anthropic-ai/sdk";
import { formatDuration, type RequestRecord } from "@lens/core";
import { tpotNs, ttftNs } from "@lens/metrics";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20, reasoningTokens: 10 } });
const records: RequestRecord[] = [];
const client = new Anthropic({
  apiKey: "any",
  baseURL: simulator.baseUrls.anthropic,
  fetch: observeFetch({ onRecord: (record) => records.push(record) }),
});

const message = await client.messages
  .stream({ model: "claude-haiku-5-5", max_tokens: 100, messages: [{ role: "user", content: "Why is the sky blue?" }] })
  .finalMessage();
await simulator.close();

console.log(`${message.stop_reason}: ${message.usage.output_tokens} tokens`);
for (const record of records) {
  const { target, usage } = record;
  console.log(`${target.label}: TTFT ${formatDuration(ttftNs(record) ?? 0)}, TPOT ${formatDuration(tpotNs(record) ?? 0)}`);
  console.log(`${usage?.outputTokens} tokens, ${usage?.reasoningTokens} of them reasoning`);
}
