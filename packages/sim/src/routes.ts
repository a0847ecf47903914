import type { Dialect, PathHints, RequestHeaders } from "./dialect.ts";
import { anthropic } from "./anthropic.ts";
import { google } from "./google.ts";
import { ollama } from "./ollama.ts";
import { openaiResponses } from "./openai-responses.ts";
import { openai } from "./openai.ts";
import { modelName } from "./request-body.ts";

/** What a request wants. `id` is null for the list of models. */
export type Route =
  | { readonly kind: "generate"; readonly dialect: Dialect; readonly path: PathHints }
  | { readonly kind: "models"; readonly dialect: Dialect; readonly id: string | null }
  | { readonly kind: "unknown" };

const UNKNOWN: Route = { kind: "unknown" };
const ENDPOINTS: readonly (readonly [ending: string, dialect: Dialect])[] = [
  ["/chat/completions", openai],
  ["/responses", openaiResponses],
  ["/messages", anthropic],
  ["/api/chat", ollama],
];

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Which provider's list of models is meant: the path and the headers tell. */
function modelsDialect(path: string, headers: RequestHeaders): Dialect {
  if (path.includes("/v1beta") || headers["x-goog-api-key"] !== undefined) return google;
  return headers["anthropic-version"] !== undefined || headers["x-api-key"] !== undefined ? anthropic : openai;
}

/** Finds what a request wants by how its path ends, so that any prefix (`/v1`, `/openai/deployments/x`, a proxy's own) will do. */
export function findRoute(method: string, url: string, headers: RequestHeaders): Route {
  const [rawPath = "", query = ""] = url.split("?", 2);
  const path = decode(rawPath.replace(/\/+$/, ""));
  if (path === null) return UNKNOWN;
  if (method === "GET") {
    const at = path.lastIndexOf("/models");
    const rest = path.slice(at + "/models".length);
    if (at < 0 || (rest !== "" && !rest.startsWith("/"))) return UNKNOWN;
    return { kind: "models", dialect: modelsDialect(path, headers), id: rest === "" ? null : rest.slice(1) };
  }
  if (method !== "POST") return UNKNOWN;
  const generate = /\/models\/([^:]+):(streamGenerateContent|generateContent)$/.exec(path);
  if (generate !== null) {
    const stream = generate[2] === "streamGenerateContent";
    const jsonArray = stream && new URLSearchParams(query).get("alt") !== "sse";
    return { kind: "generate", dialect: google, path: { model: modelName(generate[1]), stream, jsonArray } };
  }
  const dialect = ENDPOINTS.find(([ending]) => path.endsWith(ending))?.[1];
  if (dialect === undefined) return UNKNOWN;
  const deployment = /\/deployments\/([^/]+)\//.exec(path)?.[1];
  return { kind: "generate", dialect, path: { model: modelName(deployment), stream: false, jsonArray: false } };
}

/** Whether a request brings a key, in any of the ways in which providers want it. */
export function hasKey(url: string, headers: RequestHeaders): boolean {
  if (/^Bearer\s+\S/i.test(String(headers.authorization ?? ""))) return true;
  if (["x-api-key", "api-key", "x-goog-api-key"].some((name) => (headers[name] ?? "") !== "")) return true;
  return (new URLSearchParams(url.split("?", 2)[1] ?? "").get("key") ?? "") !== "";
}
