import { LensError } from "@lens/core";
import type { Delta, ProviderAdapter } from "../src/index.ts";

/** A protocol whose events are deltas written as JSON: it shows what the loop makes of each, apart from any provider. */
export const scriptAdapter: ProviderAdapter = {
  id: "script",
  apiKeyEnv: ["SCRIPT_KEY"],
  keyOptional: false,
  defaultBaseUrl: null,
  framing: "sse",
  buildRequest: (prompt, credentials) => ({
    method: "POST",
    url: credentials.baseUrl ?? "http://script.example",
    headers: { "content-type": "application/json", authorization: `Bearer ${credentials.apiKey ?? ""}` },
    body: JSON.stringify(prompt),
  }),
  buildModelsRequest: () => null,
  createDecoder: () => (event) => {
    if (event.data.startsWith("!"))
      return [{ type: "error", error: new LensError("STREAM_ERROR", event.data.slice(1), { retryable: true }) }];
    try {
      const found: unknown = JSON.parse(event.data);
      return Array.isArray(found) ? (found as Delta[]) : [];
    } catch {
      return [{ type: "error", error: new LensError("MALFORMED_EVENT", "not JSON") }];
    }
  },
};

/** One SSE event with these deltas. */
export const event = (...deltas: readonly Delta[]): string => `data: ${JSON.stringify(deltas)}\n\n`;
export const text = (words: string): Delta => ({ type: "text", text: words });
export const stop: Delta = { type: "finish", reason: "stop", raw: "stop" };
export const end: Delta = { type: "end" };
