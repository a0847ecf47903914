/** A load of prompts of a wanted length, which begin alike: what was asked, what was sent, and what the provider says of it. */
import { runLoad } from "@lens/load";
import { createSummary } from "@lens/metrics";
import { startSimulator } from "@lens/sim";
import { parseLength, type WorkloadSpec } from "@lens/workloads";

// For a real model: its provider's id and key, and no `baseUrl`.
const simulator = await startSimulator({ scenario: { cacheBlockTokens: 16 } });
const workload: WorkloadSpec = {
  kind: "synthetic",
  inputTokens: parseLength(400),
  outputTokens: parseLength("uniform:5,20"),
  cache: { kind: "shared", prefixTokens: 300 },
};

const summary = createSummary();
await runLoad({
  plan: { load: { mode: "closed", concurrency: 1 }, requests: 20, warmup: null, seed: 7 },
  job: { target: { adapter: "openai", model: "sim", baseUrl: simulator.baseUrls.openai, apiKey: "any" }, workload },
  workers: 0,
  onRecord: summary.add,
});
await simulator.close();

const run = { startedAtMs: 0, durationNs: 0 };
for (const { requests, workload: asked, tokens, cache } of summary.report({ tool: { name: "example", version: "1" }, run }).groups) {
  const [wanted, sent, reported] = [asked?.askedInput, asked?.sentInput, tokens.inputPerRequest].map((length) => length?.meanTokens);
  console.log(`${requests} prompts: asked ${wanted} tokens, sent ${sent} by estimate, reported ${Math.round(reported ?? 0)}`);
  console.log(`cached: ${cache?.cached.requests} of ${requests}`);
}
