import { expect, test } from "vitest";
import { findRoute, hasKey } from "../src/routes.ts";

const post = (url: string) => {
  const route = findRoute("POST", url, {});
  return route.kind === "generate" ? [route.dialect.protocol, route.path.model, route.path.stream, route.path.jsonArray] : route.kind;
};

test.each([
  ["/v1/chat/completions", ["openai", null, false, false]],
  ["/chat/completions/", ["openai", null, false, false]],
  ["/openai/v1/chat/completions", ["openai", null, false, false]],
  ["/openai/deployments/my-gpt/chat/completions?api-version=2026-01-01", ["openai", "my-gpt", false, false]],
  ["/v1/responses", ["openai-responses", null, false, false]],
  ["/v1/messages", ["anthropic", null, false, false]],
  ["/api/chat", ["ollama", null, false, false]],
  ["/v1beta/models/gemini-x:streamGenerateContent?alt=sse", ["google", "gemini-x", true, false]],
  ["/v1beta/models/gemini-x:streamGenerateContent", ["google", "gemini-x", true, true]],
  ["/v1beta/models/gemini-x:generateContent?key=k", ["google", "gemini-x", false, false]],
  ["/v1beta1/projects/p/locations/l/publishers/google/models/g%2F1:generateContent", ["google", "g/1", false, false]],
  ["/v1/embeddings", "unknown"],
  ["/v1beta/models/x:countTokens", "unknown"],
  ["/%E0%A4%A", "unknown"],
])("POST %s is found by how it ends", (url, expected) => {
  expect(post(url)).toEqual(expected);
});

test("a list of models has the shape that path and headers ask for", () => {
  const models = (url: string, headers = {}) => {
    const route = findRoute("GET", url, headers);
    return route.kind === "models" ? [route.dialect.protocol, route.id] : route.kind;
  };
  expect(models("/v1/models")).toEqual(["openai", null]);
  expect(models("/v1/models/meta/llama-4")).toEqual(["openai", "meta/llama-4"]);
  expect(models("/v1/models?limit=5", { "anthropic-version": "2023-06-01" })).toEqual(["anthropic", null]);
  expect(models("/v1beta/models/gemini-x")).toEqual(["google", "gemini-x"]);
  expect(models("/v1/modelsque")).toBe("unknown");
  expect(models("/")).toBe("unknown");
  expect(findRoute("DELETE", "/v1/models/x", {}).kind).toBe("unknown");
});

test("a key is seen wherever a provider wants it, and an empty one is none", () => {
  expect(hasKey("/v1/x", { authorization: "Bearer k" })).toBe(true);
  expect(hasKey("/v1/x", { "x-api-key": "k" })).toBe(true);
  expect(hasKey("/v1/x", { "api-key": "k" })).toBe(true);
  expect(hasKey("/v1/x", { "x-goog-api-key": "k" })).toBe(true);
  expect(hasKey("/v1/x?key=k", {})).toBe(true);
  expect(hasKey("/v1/x?key=", { authorization: "Bearer ", "x-api-key": "" })).toBe(false);
});
