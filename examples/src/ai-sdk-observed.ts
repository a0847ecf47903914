/** The AI SDK, observed through the `fetch` of its provider. */
import { createOpenAI } from "@ai-sdk/openai";
import { formatDuration } from "@lens/core";
import { ttftNs } from "@lens/metrics";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";
import { streamText } from "ai";

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20 } });
const openai = createOpenAI({
  apiKey: "any",
  baseURL: simulator.baseUrls.openai,
  fetch: observeFetch({
    onRecord: (record) =>
      console.log(
        `${record.target.label} ${record.outcome.kind}, TTFT ${formatDuration(ttftNs(record) ?? 0)}, ${record.usage?.outputTokens} tokens`,
      ),
  }),
});

const { textStream } = streamText({ model: openai("gpt-6-luna"), prompt: "Why is the sky blue?" });
let text = "";
for await (const piece of textStream) text += piece;
await simulator.close();

console.log(`${text.split(" ").length} words`);
