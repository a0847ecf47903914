/** A server that asks a model, and tells Prometheus at /metrics how that goes, beside its own metrics. Express or any other server does as well. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { createPrometheusExporter } from "@lens/exporters";
import { observeFetch } from "@lens/providers";
import { startSimulator } from "@lens/sim";
import { Hono } from "hono";
import OpenAI from "openai";
import { Registry } from "prom-client";

const simulator = await startSimulator({ scenario: { ttftMs: 20, gapMs: 1, outputTokens: 10 } });
const register = new Registry();
const { add } = createPrometheusExporter({ register });
const openai = new OpenAI({ apiKey: "any", baseURL: simulator.baseUrls.openai, fetch: observeFetch({ onRecord: add }) });

const app = new Hono();
app.get("/ask", async (context) => {
  const messages = [{ role: "user" as const, content: context.req.query("question") ?? "" }];
  const { choices } = await openai.chat.completions.create({ model: "gpt-6-luna", messages });
  return context.text(choices[0]?.message.content ?? "");
});
app.get("/metrics", async (context) => context.body(await register.metrics(), 200, { "content-type": register.contentType }));

const server = serve({ fetch: app.fetch, port: 0 });
await once(server, "listening");
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

// What users do, and then Prometheus.
for (const question of ["the sky", "the sea"]) await fetch(`${origin}/ask?question=${encodeURIComponent(question)}`);
const metrics = await (await fetch(`${origin}/metrics`)).text();
server.close();
await simulator.close();

for (const line of metrics.split("\n")) if (/^llm_(requests_total.*"ok"|ttft_seconds_count)/.test(line)) console.log(line);
