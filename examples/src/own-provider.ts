/** A provider of one's own: an adapter for an invented protocol, tried on a scripted server and on a clock that jumps. */
import { createVirtualClock } from "@lens/core/testing";
import { tpotNs, ttftNs } from "@lens/metrics";
import { type ProviderAdapter, runRequest } from "@lens/providers";
import { createScriptedTransport } from "@lens/providers/testing";

/** Sends the question as text; the answer is an event for each word, and one at the end with their number. */
const parrot: ProviderAdapter = {
  id: "parrot",
  apiKeyEnv: ["PARROT_KEY"],
  keyOptional: false,
  defaultBaseUrl: "https://parrot.example",
  framing: "sse",
  buildRequest: ({ model, messages }, { apiKey, baseUrl = "https://parrot.example" }) => ({
    method: "POST",
    url: `${baseUrl}/birds/${encodeURIComponent(model)}`,
    headers: { "content-type": "text/plain", "x-parrot-key": apiKey ?? "" },
    body: messages.map(({ content }) => String(content)).join("\n"),
  }),
  buildModelsRequest: () => null,
  createDecoder() {
    return ({ name, data }) => {
      if (name === "word") return [{ type: "text", text: data }];
      if (name !== "end") return [];
      return [{ type: "usage", usage: { outputTokens: Number(data) } }, { type: "finish", reason: "stop", raw: "end" }, { type: "end" }];
    };
  },
};

const bytes = (afterNs: number, text: string) => ({ afterNs, type: "bytes" as const, bytes: text });
const answer = [bytes(200e6, "event: word\ndata: Pretty\n\n"), bytes(20e6, "event: word\ndata: Polly\n\nevent: end\ndata: 2\n\n")];
const clock = createVirtualClock();
const transport = createScriptedTransport(clock, () => ({
  steps: [{ afterNs: 0, type: "headers" }, ...answer, { afterNs: 0, type: "end" }],
}));

const prompt = { model: "grey", messages: [{ role: "user" as const, content: "Who is pretty?" }] };
const record = await runRequest(parrot, prompt, { transport, clock, credentials: { apiKey: "secret" } });
console.log(`${record.target.label} ${record.outcome.kind}, TTFT ${ttftNs(record)} ns, TPOT ${tpotNs(record)} ns`);
