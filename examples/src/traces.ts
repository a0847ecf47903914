/** A slow answer found in a trace: the span of each request to a model stands under the span of what it was made for. */
import { createOtelSpans } from "@lens/exporters";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";
import { context, type Span } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import OpenAI from "openai";

// What a program that is traced has already; with an exporter for OTLP, all of it is seen in Jaeger or Tempo.
const exporter = new InMemorySpanExporter();
const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());

const simulator = await startSimulator({ scenario: { ttftMs: 50, gapMs: 5, outputTokens: 20 } });
const { add } = createOtelSpans(provider);
const openai = new OpenAI({ apiKey: "any", baseURL: simulator.baseUrls.openai, fetch: observeFetch({ onRecord: add }) });

async function answer(span: Span): Promise<void> {
  const messages = [{ role: "user" as const, content: "Why is the sky blue?" }];
  const stream = await openai.chat.completions.create({ model: "gpt-6-luna", messages, stream: true });
  for await (const chunk of stream) span.addEvent("chunk", { finished: chunk.choices[0]?.finish_reason ?? "no" });
  span.end();
}

await provider.getTracer("shop").startActiveSpan("GET /answer", answer);
await simulator.close();

for (const { name, parentSpanContext, attributes } of exporter.getFinishedSpans()) {
  const seconds = attributes["gen_ai.response.time_to_first_chunk"];
  if (typeof seconds === "number") console.log(`${name}: first chunk after ${(seconds * 1000).toFixed(0)} ms`);
  else console.log(`${name}: ${parentSpanContext === undefined ? "begins the trace" : "a part of another"}`);
}
