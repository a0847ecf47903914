/** The stream of an official SDK, timed as it passes, with the usage that it reports at its end. */
import { formatDuration, measureStream } from "@lens/core";
import { tpotNs, ttftNs } from "@lens/metrics";
import { startSimulator } from "@lens/sim";
import OpenAI from "openai";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20 } });
// An SDK that tries again in silence would be measured with its waits.
const client = new OpenAI({ apiKey: "any", baseURL: simulator.baseUrls.openai, maxRetries: 0 });

const ask = () =>
  client.chat.completions.create({
    model: "gpt-6-luna",
    messages: [{ role: "user", content: "Why is the sky blue?" }],
    stream: true,
    stream_options: { include_usage: true },
  });
const stream = measureStream(ask, {
  target: { provider: "openai", model: "gpt-6-luna" },
  read: ({ choices, usage }) => ({
    text: choices[0]?.delta.content ?? "",
    ...(usage ? { usage: { inputTokens: usage.prompt_tokens, outputTokens: usage.completion_tokens } } : {}),
  }),
});

let text = "";
for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
await simulator.close();

const record = stream.record();
console.log(`${text.split(" ").length} words, ${record.usage?.outputTokens} tokens`);
console.log(`TTFT ${formatDuration(ttftNs(record) ?? 0)}, TPOT ${formatDuration(tpotNs(record) ?? 0)}`);
