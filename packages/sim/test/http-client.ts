import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/** What came back, down to how it ended. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  readonly text: string;
  /** When each read of the body came, on the same clock as the truth. */
  readonly readNs: readonly bigint[];
  /** Whether the connection was closed before the body was whole. */
  readonly cut: boolean;
}

export interface SendOptions {
  readonly method?: string;
  /** An object is sent as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly ca?: string;
  readonly maxHeaderBytes?: number;
  /** Leaves as soon as the text so far contains this. */
  readonly leaveAt?: string;
}

/** Sends one request on a connection of its own. Rejects when no headers came. */
export function send(url: string, options: SendOptions = {}): Promise<Reply> {
  const { method = "POST", body, headers = {}, ca, maxHeaderBytes, leaveAt } = options;
  const settings = { method, headers, agent: false as const, ...(maxHeaderBytes === undefined ? {} : { maxHeaderSize: maxHeaderBytes }) };
  return new Promise((resolve, reject) => {
    const request = url.startsWith("https:")
      ? httpsRequest(url, { ...settings, ...(ca === undefined ? {} : { ca }) })
      : httpRequest(url, settings);
    request.on("error", reject);
    request.on("response", (response) => {
      const chunks: Buffer[] = [];
      const readNs: bigint[] = [];
      const settle = (cut: boolean): void => {
        const whole = Buffer.concat(chunks);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, text: whole.toString("utf8"), readNs, cut });
      };
      response.on("data", (chunk: Buffer) => {
        readNs.push(process.hrtime.bigint());
        chunks.push(chunk);
        if (leaveAt !== undefined && Buffer.concat(chunks).includes(leaveAt)) request.destroy();
      });
      response.on("end", () => settle(false));
      response.on("error", () => settle(true));
    });
    request.end(body === undefined || typeof body === "string" ? body : JSON.stringify(body));
  });
}

export const MESSAGES = [{ role: "user", content: "Say something." }];
const ANTHROPIC = { "anthropic-version": "2023-06-01" };

/** A streaming request of each protocol, as a path, a body and headers. */
export const REQUESTS = {
  openai: (model: string) => ({
    path: "/v1/chat/completions",
    body: { model, messages: MESSAGES, stream: true, stream_options: { include_usage: true } },
    headers: {},
  }),
  "openai-responses": (model: string) => ({ path: "/v1/responses", body: { model, input: "Say something.", stream: true }, headers: {} }),
  anthropic: (model: string) => ({
    path: "/v1/messages",
    body: { model, max_tokens: 1_000, messages: MESSAGES, stream: true },
    headers: ANTHROPIC,
  }),
  google: (model: string) => ({
    path: `/v1beta/models/${model}:streamGenerateContent?alt=sse`,
    body: { contents: [{ role: "user", parts: [{ text: "Say something." }] }] },
    headers: {},
  }),
  ollama: (model: string) => ({ path: "/api/chat", body: { model, messages: MESSAGES }, headers: {} }),
} as const;

/** The same without streaming. */
export const PLAIN_REQUESTS = {
  openai: (model: string) => ({ path: "/v1/chat/completions", body: { model, messages: MESSAGES }, headers: {} }),
  "openai-responses": (model: string) => ({ path: "/v1/responses", body: { model, input: "Say something." }, headers: {} }),
  anthropic: (model: string) => ({ path: "/v1/messages", body: { model, max_tokens: 1_000, messages: MESSAGES }, headers: ANTHROPIC }),
  google: (model: string) => ({
    path: `/v1beta/models/${model}:generateContent`,
    body: { contents: [{ parts: [{ text: "Say something." }] }] },
    headers: {},
  }),
  ollama: (model: string) => ({ path: "/api/chat", body: { model, messages: MESSAGES, stream: false }, headers: {} }),
} as const;
