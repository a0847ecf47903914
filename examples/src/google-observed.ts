/** Google's SDK, observed. From 2.32 on it takes a `fetch`; for an older one set `globalThis.fetch = observeFetch({ onRecord })`. */
import { GoogleGenAI } from "@google/genai";
import { formatDuration } from "@lens/core";
import { createCollector } from "@lens/metrics";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20 } });
const collector = createCollector();
const client = new GoogleGenAI({
  apiKey: "any",
  httpOptions: { baseUrl: simulator.baseUrls.google, fetch: observeFetch({ onRecord: collector.add, label: "questions" }) },
});

let text = "";
const ask = { model: "gemini-4-flash", contents: "Why is the sky blue?" };
for await (const chunk of await client.models.generateContentStream(ask)) text += chunk.text ?? "";
await client.models.generateContent(ask);
await simulator.close();

console.log(`${text.split(" ").length} words`);
for (const { target, requests, ttft, tokens } of collector.report().groups)
  console.log(`${target.label}: ${requests} answers, ${tokens.output} tokens, the quickest after ${formatDuration(ttft.minNs ?? 0)}`);
