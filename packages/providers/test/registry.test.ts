import { describe, expect, it } from "vitest";
import { adapters, findAdapter } from "../src/registry.ts";

describe("findAdapter", () => {
  it("finds every adapter by its id, and the ids are unique", () => {
    expect(adapters.map(({ id }) => findAdapter(id))).toEqual(adapters);
    expect(new Set(adapters.map(({ id }) => id)).size).toBe(adapters.length);
  });

  it("knows the providers that the README names", () => {
    expect(adapters.map(({ id }) => id)).toEqual([
      "openai",
      "openai-responses",
      "anthropic",
      "google",
      "cohere",
      "ollama-native",
      "openai-compatible",
      "azure",
      "groq",
      "openrouter",
      "deepseek",
      "mistral",
      "xai",
      "together",
      "fireworks",
      "cerebras",
      "vllm",
      "sglang",
      "llamacpp",
      "ollama",
      "lmstudio",
    ]);
  });

  it("does not mind case, and takes gemini for google", () => {
    expect(findAdapter("Gemini").id).toBe("google");
    expect(findAdapter("OpenAI").id).toBe("openai");
  });

  it("names the known providers, and the one that was likely meant", () => {
    expect(() => findAdapter("antropic")).toThrow(expect.objectContaining({ code: "UNKNOWN_PROVIDER" }));
    expect(() => findAdapter("antropic")).toThrow("Expected the provider to be one of openai, openai-responses, anthropic,");
    expect(() => findAdapter("antropic")).toThrow("got `antropic`. Did you mean `anthropic`?");
    expect(() => findAdapter("llama.cpp")).toThrow("Did you mean `llamacpp`?");
  });

  it("does not guess when nothing is near", () => {
    expect(() => findAdapter("constructor")).toThrow(/got `constructor`\.$/);
    expect(() => findAdapter("")).toThrow(/got ``\.$/);
  });
});

describe("keys", () => {
  it("are optional only where a server may want none", () => {
    const optional = adapters.filter(({ keyOptional }) => keyOptional).map(({ id }) => id);
    expect(optional).toEqual(["ollama-native", "openai-compatible", "vllm", "sglang", "llamacpp", "ollama", "lmstudio"]);
  });

  it("of two providers are never the same variable, but for two protocols of one provider", () => {
    const names = [...new Set(adapters.flatMap(({ apiKeyEnv }) => apiKeyEnv))];
    const owners = names.map((name) => [name, adapters.filter(({ apiKeyEnv }) => apiKeyEnv.includes(name)).map(({ id }) => id)] as const);
    const shared = owners.filter(([, ids]) => ids.length > 1);
    expect(shared).toEqual([
      ["OPENAI_API_KEY", ["openai", "openai-responses"]],
      ["OLLAMA_API_KEY", ["ollama-native", "ollama"]],
    ]);
  });
});
