import { describe, expect, it } from "vitest";
import type { Credentials, HttpRequest, PromptRequest, ProviderAdapter } from "../src/adapter.ts";
import { ANTHROPIC_DEFAULT_MAX_TOKENS } from "../src/anthropic.ts";
import { adapters, findAdapter } from "../src/registry.ts";

const KEYED: Credentials = { apiKey: "test-key", baseUrl: "https://host.test/root" };
const BARE: PromptRequest = { model: "some-model", messages: [{ role: "user", content: "Hi" }] };
const FULL: PromptRequest = {
  model: "some-model",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: [{ type: "part", part: 1 }] },
  ],
  maxTokens: 7,
  temperature: 0,
  topP: 0.5,
};

function bodyOf(request: HttpRequest): unknown {
  return JSON.parse(request.body ?? "null");
}

function build(id: string, prompt: PromptRequest, credentials: Credentials = KEYED): HttpRequest {
  return findAdapter(id).buildRequest(prompt, credentials);
}

describe.each(adapters)("requests of $id", (adapter: ProviderAdapter) => {
  it("have lower-case headers, ask for an uncompressed stream and say who asks", () => {
    const { method, headers } = adapter.buildRequest(BARE, KEYED);
    expect(method).toBe("POST");
    expect(Object.keys(headers).filter((name) => name !== name.toLowerCase())).toEqual([]);
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "accept-encoding": "identity",
      "user-agent": "llm-latency-lens",
      accept: adapter.framing === "sse" ? "text/event-stream" : "application/x-ndjson",
    });
  });

  it("carry the key in a header and nowhere else, and none where there is none", () => {
    const { url, headers, body } = adapter.buildRequest(BARE, KEYED);
    expect(Object.values(headers).filter((value) => value.includes("test-key"))).toHaveLength(1);
    expect(url + (body ?? "")).not.toContain("test-key");
    expect(JSON.stringify(adapter.buildRequest(BARE, { ...KEYED, apiKey: null }))).not.toMatch(/null|undefined/);
  });

  it("let the user's headers win, whatever their case", () => {
    const { headers } = adapter.buildRequest(BARE, { ...KEYED, headers: { "User-Agent": "mine", "X-Trace": "1" } });
    expect(headers).toMatchObject({ "user-agent": "mine", "x-trace": "1" });
  });

  it("keep the base URL's path and query, and do not mind its trailing slash", () => {
    const url = new URL(adapter.buildRequest(BARE, { ...KEYED, baseUrl: "https://host.test/root/?tenant=a%20b#x" }).url);
    expect(url.origin).toBe("https://host.test");
    expect(url.pathname).toMatch(/^\/root\/[^/]/);
    expect(url.searchParams.get("tenant")).toBe("a b");
    expect(url.hash).toBe("");
  });

  it("refuse a base URL that is none, without showing what may be secret in it", () => {
    const attempt = () => adapter.buildRequest(BARE, { ...KEYED, baseUrl: "localhost:8000/v1?key=secret" });
    expect(attempt).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(attempt).toThrow("got `localhost:8000/v1`");
  });

  it("list the models without a body", () => {
    const request = adapter.buildModelsRequest(KEYED);
    expect(request).toMatchObject({ method: "GET", body: null, headers: { accept: "application/json" } });
    expect(request?.headers).not.toHaveProperty("content-type");
    expect(Object.values(request?.headers ?? {}).filter((value) => value.includes("test-key"))).toHaveLength(1);
  });

  it("merge the user's own fields last, and take out those that are null", () => {
    const body = bodyOf(adapter.buildRequest(BARE, { ...KEYED, apiKey: null }));
    const patched = bodyOf(adapter.buildRequest({ ...BARE, body: { custom: { deep: [1] }, stream: null } }, { ...KEYED, apiKey: null }));
    const { stream: _, ...rest } = body as Record<string, unknown>;
    expect(patched).toEqual({ ...rest, custom: { deep: [1] } });
  });

  it("have either a base URL of their own or an error that asks for one", () => {
    if (adapter.defaultBaseUrl === null) {
      expect(() => adapter.buildRequest(BARE, { apiKey: null })).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
      return;
    }
    expect(adapter.buildRequest(BARE, { apiKey: null }).url.startsWith(`${adapter.defaultBaseUrl}/`)).toBe(true);
  });
});

describe("chat completions", () => {
  it("send nothing that was not asked for, except the wish for usage", () => {
    const request = build("openai", BARE);
    expect(request.url).toBe("https://host.test/root/chat/completions");
    expect(request.headers.authorization).toBe("Bearer test-key");
    expect(bodyOf(request)).toEqual({
      model: "some-model",
      messages: BARE.messages,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it("call the limit max_completion_tokens at OpenAI and Azure, and max_tokens elsewhere", () => {
    const expected = {
      model: "some-model",
      messages: FULL.messages,
      stream: true,
      stream_options: { include_usage: true },
      temperature: 0,
      top_p: 0.5,
    };
    expect(bodyOf(build("openai", FULL))).toEqual({ ...expected, max_completion_tokens: 7 });
    expect(bodyOf(build("azure", FULL))).toEqual({ ...expected, max_completion_tokens: 7 });
    expect(bodyOf(build("vllm", FULL))).toEqual({ ...expected, max_tokens: 7 });
  });

  it("do not ask Mistral for usage, which would refuse the request", () => {
    expect(bodyOf(build("mistral", BARE))).toEqual({ model: "some-model", messages: BARE.messages, stream: true });
  });

  it("merge further stream options with their own", () => {
    const body = bodyOf(build("openai", { ...BARE, body: { stream_options: { include_obfuscation: false } } }));
    expect(body).toMatchObject({ stream_options: { include_usage: true, include_obfuscation: false } });
  });
});

describe("Azure", () => {
  const urlFor = (baseUrl: string) => build("azure", BARE, { apiKey: "test-key", baseUrl }).url;
  const modelsFor = (baseUrl: string) => findAdapter("azure").buildModelsRequest({ apiKey: "test-key", baseUrl })?.url;

  it("sends the key as api-key", () => {
    expect(build("azure", BARE).headers).toMatchObject({ "api-key": "test-key" });
    expect(build("azure", BARE).headers).not.toHaveProperty("authorization");
  });

  it("takes the base URL of the newer API, with or without a version", () => {
    expect(urlFor("https://r.test/openai/v1")).toBe("https://r.test/openai/v1/chat/completions");
    expect(urlFor("https://r.test/openai/v1/?api-version=preview")).toBe("https://r.test/openai/v1/chat/completions?api-version=preview");
    expect(modelsFor("https://r.test/openai/v1")).toBe("https://r.test/openai/v1/models");
  });

  it("takes that of a deployment", () => {
    const baseUrl = "https://r.test/openai/deployments/d1?api-version=2024-10-21";
    expect(urlFor(baseUrl)).toBe("https://r.test/openai/deployments/d1/chat/completions?api-version=2024-10-21");
    expect(modelsFor(baseUrl)).toBe("https://r.test/openai/models?api-version=2024-10-21");
  });

  it("takes that of a resource, and puts the model in the path as the deployment", () => {
    expect(urlFor("https://r.test/openai?api-version=2024-10-21")).toBe(
      "https://r.test/openai/deployments/some-model/chat/completions?api-version=2024-10-21",
    );
  });
});

describe("Responses", () => {
  it("takes system messages where they stand and calls the limit max_output_tokens", () => {
    const request = build("openai-responses", FULL);
    expect(request.url).toBe("https://host.test/root/responses");
    expect(bodyOf(request)).toEqual({
      model: "some-model",
      input: FULL.messages,
      stream: true,
      max_output_tokens: 7,
      temperature: 0,
      top_p: 0.5,
    });
    expect(bodyOf(build("openai-responses", BARE))).toEqual({ model: "some-model", input: BARE.messages, stream: true });
  });
});

describe("Anthropic", () => {
  it("puts system messages apart, and always sends a limit", () => {
    const request = build("anthropic", FULL);
    expect(request.url).toBe("https://host.test/root/v1/messages");
    expect(request.headers).toMatchObject({ "x-api-key": "test-key", "anthropic-version": "2023-06-01" });
    expect(bodyOf(request)).toEqual({
      model: "some-model",
      max_tokens: 7,
      system: [{ type: "text", text: "Be brief." }],
      messages: FULL.messages.slice(1),
      stream: true,
      temperature: 0,
      top_p: 0.5,
    });
    expect(bodyOf(build("anthropic", BARE))).toEqual({
      model: "some-model",
      max_tokens: ANTHROPIC_DEFAULT_MAX_TOKENS,
      messages: BARE.messages,
      stream: true,
    });
  });

  it("passes system parts through, and lets the user choose another version", () => {
    const parts = [{ type: "text", text: "Long.", cache_control: { type: "ephemeral" } }];
    expect(bodyOf(build("anthropic", { ...BARE, messages: [{ role: "system", content: parts }, ...BARE.messages] }))).toMatchObject({
      system: parts,
    });
    expect(build("anthropic", BARE, { ...KEYED, headers: { "Anthropic-Version": "2026-10-21" } }).headers["anthropic-version"]).toBe(
      "2026-10-21",
    );
  });

  it("lists the models in one page", () => {
    expect(findAdapter("anthropic").buildModelsRequest({ apiKey: null })?.url).toBe("https://api.anthropic.com/v1/models?limit=1000");
  });
});

describe("Google", () => {
  it("puts the model in the path and asks for server-sent events", () => {
    const request = build("google", FULL);
    expect(request.url).toBe("https://host.test/root/v1beta/models/some-model:streamGenerateContent?alt=sse");
    expect(request.headers["x-goog-api-key"]).toBe("test-key");
    expect(bodyOf(request)).toEqual({
      contents: [
        { role: "user", parts: [{ text: "Hi" }] },
        { role: "model", parts: [{ text: "Hello" }] },
        { role: "user", parts: [{ type: "part", part: 1 }] },
      ],
      systemInstruction: { parts: [{ text: "Be brief." }] },
      generationConfig: { maxOutputTokens: 7, temperature: 0, topP: 0.5 },
    });
    expect(bodyOf(build("google", BARE))).toEqual({ contents: [{ role: "user", parts: [{ text: "Hi" }] }] });
  });

  it("merges the user's generation config with its own", () => {
    const body = bodyOf(build("google", { ...BARE, maxTokens: 9, body: { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } } }));
    expect(body).toMatchObject({ generationConfig: { maxOutputTokens: 9, thinkingConfig: { thinkingBudget: 0 } } });
  });

  it("takes a model's full name as it is, and escapes what a path cannot hold", () => {
    expect(build("google", { ...BARE, model: "tunedModels/my model" }).url).toBe(
      "https://host.test/root/v1beta/tunedModels/my%20model:streamGenerateContent?alt=sse",
    );
    expect(build("google", { ...BARE, model: "models/a?b" }).url).toBe(
      "https://host.test/root/v1beta/models/a%3Fb:streamGenerateContent?alt=sse",
    );
  });

  it("keeps the base URL's query beside its own", () => {
    expect(build("google", BARE, { ...KEYED, baseUrl: "https://host.test?a=1" }).url).toBe(
      "https://host.test/v1beta/models/some-model:streamGenerateContent?a=1&alt=sse",
    );
  });
});

describe("Cohere", () => {
  it("calls top_p p, and takes messages as they are", () => {
    const request = build("cohere", FULL);
    expect(request.url).toBe("https://host.test/root/v2/chat");
    expect(request.headers.authorization).toBe("Bearer test-key");
    expect(bodyOf(request)).toEqual({
      model: "some-model",
      messages: FULL.messages,
      stream: true,
      max_tokens: 7,
      temperature: 0,
      p: 0.5,
    });
    expect(bodyOf(build("cohere", BARE))).toEqual({ model: "some-model", messages: BARE.messages, stream: true });
  });

  it("lists the models that chat, in one page", () => {
    const url = findAdapter("cohere").buildModelsRequest({ apiKey: null })?.url;
    expect(url).toBe("https://api.cohere.com/v1/models?endpoint=chat&page_size=1000");
  });
});

describe("Ollama's own protocol", () => {
  it("puts limits and sampling into options, where any are given", () => {
    const request = build("ollama-native", FULL);
    expect(request.url).toBe("https://host.test/root/api/chat");
    expect(bodyOf(request)).toEqual({
      model: "some-model",
      messages: FULL.messages,
      stream: true,
      options: { num_predict: 7, temperature: 0, top_p: 0.5 },
    });
    expect(bodyOf(build("ollama-native", BARE))).toEqual({ model: "some-model", messages: BARE.messages, stream: true });
  });
});
