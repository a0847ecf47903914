import assert from "node:assert/strict";
import { createVirtualClock } from "@lens/core/testing";
import { openaiChat, runRequest } from "@lens/providers";
import { createScriptedTransport } from "@lens/providers/testing";

const clock = createVirtualClock();
const transport = createScriptedTransport(clock, () => ({
  steps: [
    { afterNs: 1_000, type: "headers" },
    {
      afterNs: 2_000,
      type: "bytes",
      bytes: 'data: {"choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
    },
    { afterNs: 500, type: "end" },
  ],
}));

async function main(): Promise<void> {
  const prompt = { model: "m", messages: [{ role: "user", content: "Hi" }] } as const;
  const record = await runRequest(openaiChat, prompt, { transport, clock, credentials: { apiKey: "k" } });
  assert.equal(record.outcome.kind, "ok");
  assert.deepEqual(record.arrivals, { atNs: [3_000], kind: ["text"], events: [1], chars: [5] });
}

void main();
