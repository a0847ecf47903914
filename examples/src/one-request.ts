/** One request in depth: every phase of it, what it used, and how it ended. */
import { formatDuration } from "@lens/core";
import { chunkGapsNs, e2eNs, tpotNs, ttfbNs, ttftNs } from "@lens/metrics";
import { createTransport, findAdapter, runRequest } from "@lens/providers";
import { startSimulator } from "@lens/sim";

// For a real model: its provider's id and key, and no `baseUrl`.
const simulator = await startSimulator();
const adapter = findAdapter("anthropic");
const credentials = { apiKey: "any", baseUrl: simulator.baseUrls.anthropic };
const transport = createTransport();

const prompt = { model: "claude-haiku-5-5", messages: [{ role: "user" as const, content: "Why is the sky blue?" }] };
const record = await runRequest(adapter, prompt, { transport, credentials });
transport.close();
await simulator.close();

const show = (name: string, durationNs: number | null): void =>
  console.log(name.padEnd(8), durationNs === null ? "none" : formatDuration(durationNs));
console.log(`${record.target.label}: ${record.outcome.kind} (${record.outcome.finishReason})`);
show("connect", record.attempts[0]?.connectNs ?? null);
show("TTFB", ttfbNs(record));
show("TTFT", ttftNs(record));
show("longest", Math.max(...chunkGapsNs(record)));
show("TPOT", tpotNs(record));
show("E2E", e2eNs(record));
console.log(`tokens   ${record.usage?.inputTokens} in, ${record.usage?.outputTokens} out, ${record.usageSource}`);
