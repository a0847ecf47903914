import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that speaks OpenAI's chat completions, and remembers what it was asked. */
export interface ModelServer {
  readonly baseUrl: string;
  /** The text of the last message of each request, in the order in which they came. */
  readonly prompts: readonly string[];
  close(): Promise<void>;
}

export interface ModelServerOptions {
  readonly delayMs?: number;
  /** Called with the number of each request, from 1, before it is answered. */
  readonly onRequest?: (count: number) => void;
  /** The status of each request's answer, by its number; 200 unless given. */
  readonly statusOf?: (count: number) => number;
}

const ANSWER = [
  { choices: [{ index: 0, delta: { content: "one" } }] },
  { choices: [{ index: 0, delta: { content: " two" }, finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 } },
]
  .map((event) => `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", model: "m", ...event })}\n\n`)
  .concat("data: [DONE]\n\n")
  .join("");

/** Starts one on a free port. */
export async function startModelServer({ delayMs = 0, onRequest, statusOf }: ModelServerOptions = {}): Promise<ModelServer> {
  const prompts: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (piece: string) => (body += piece));
    request.on("end", () => {
      const { messages } = JSON.parse(body) as { readonly messages: readonly { readonly content: string }[] };
      prompts.push(messages.at(-1)?.content ?? "");
      const count = prompts.length;
      onRequest?.(count);
      setTimeout(() => {
        const status = statusOf?.(count) ?? 200;
        response.writeHead(status, { "content-type": status === 200 ? "text/event-stream" : "application/json" });
        response.end(status === 200 ? ANSWER : JSON.stringify({ error: { message: "no", type: "server_error" } }));
      }, delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    prompts,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
