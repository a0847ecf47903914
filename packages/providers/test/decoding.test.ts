import { describe, expect, it } from "vitest";
import type { Delta, StreamEvent } from "../src/adapter.ts";
import { mergePatch } from "../src/json.ts";
import { findAdapter } from "../src/registry.ts";
import { deltasOf } from "./replay.ts";

function data(value: unknown): StreamEvent {
  return { name: null, data: typeof value === "string" ? value : JSON.stringify(value) };
}

function rawUsageOf(id: string, values: readonly unknown[]): unknown {
  const usages = deltasOf(findAdapter(id).createDecoder(), values.map(data)).flatMap((delta) =>
    delta.type === "usage" ? [delta.usage] : [],
  );
  return usages.at(-1)?.raw;
}

function errorsOf(deltas: readonly Delta[]) {
  return deltas.flatMap((delta) => (delta.type === "error" ? [delta.error] : []));
}

describe("the provider's own usage", () => {
  it("is kept whole, the last one that is not null", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3, novel: { x: 1 } };
    expect(
      rawUsageOf("openai", [
        { choices: [], usage: { prompt_tokens: 9 } },
        { choices: [], usage },
        { choices: [], usage: null },
      ]),
    ).toEqual(usage);
    expect(rawUsageOf("openai-responses", [{ type: "response.completed", response: { usage } }])).toEqual(usage);
    expect(rawUsageOf("google", [{ usageMetadata: { promptTokenCount: 2 } }, { usageMetadata: { promptTokenCount: 1 } }])).toEqual({
      promptTokenCount: 1,
    });
  });

  it("is merged by Anthropic's adapter: what the end leaves out or has as null stays as it was at the start", () => {
    const start = { input_tokens: 4, output_tokens: 1, service_tier: "standard", cache_read_input_tokens: 3 };
    const end = { input_tokens: null, output_tokens: 9, cache_read_input_tokens: 0 };
    expect(
      rawUsageOf("anthropic", [
        { type: "message_start", message: { usage: start } },
        { type: "message_delta", delta: {}, usage: end },
      ]),
    ).toEqual({
      input_tokens: 4,
      output_tokens: 9,
      service_tier: "standard",
      cache_read_input_tokens: 0,
    });
  });

  it("is Cohere's of the end, whose billed output counts, and all of its input", () => {
    const usage = { tokens: { input_tokens: 20, output_tokens: 9 }, billed_units: { input_tokens: 5, output_tokens: 7 } };
    const end = { type: "message-end", delta: { finish_reason: "COMPLETE", usage } };
    expect(rawUsageOf("cohere", [end])).toEqual(usage);
  });

  it("is the counts and durations of Ollama's last line, not its text", () => {
    expect(rawUsageOf("ollama-native", [{ done: true, response: "x", context: [1], eval_count: 3, total_duration: 5 }])).toEqual({
      eval_count: 3,
      total_duration: 5,
    });
  });
});

describe("errors in the stream", () => {
  it("carry the server's words, made fit to show", () => {
    const [error] = errorsOf(findAdapter("openai").createDecoder()(data({ error: { message: "Bad\u001b[2J\nluck", code: "oops" } })));
    expect(error).toMatchObject({ code: "STREAM_ERROR", providerType: "oops", retryable: false, status: null });
    expect(error?.message).toBe("The server reported an error in the stream: Bad [2J luck");
  });

  it("say so when the server says nothing", () => {
    const [error] = errorsOf(findAdapter("openai").createDecoder()(data({ error: {} })));
    expect(error?.message).toBe("The server reported an error in the stream, without saying which.");
  });

  it("are none where the field is null or empty", () => {
    const decode = findAdapter("openai").createDecoder();
    expect([...decode(data({ error: null, choices: [] })), ...decode(data({ error: "" }))]).toEqual([]);
  });

  it("do not show the text of an event that is no JSON, which may be the prompt's echo", () => {
    const [error] = errorsOf(findAdapter("anthropic").createDecoder()(data("secret text")));
    expect(error?.code).toBe("MALFORMED_EVENT");
    expect(error?.message).not.toContain("secret");
  });
});

describe("a JSON body where a stream was asked for", () => {
  it("is understood by Google's adapter, whose chunks have the same shape", () => {
    const decode = findAdapter("google").createDecoder();
    expect(decode(data({ candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "STOP" }] }))).toEqual([
      { type: "text", text: "Hi" },
      { type: "finish", reason: "stop", raw: "STOP" },
    ]);
  });
});

describe("what a reply says of itself", () => {
  it("is passed on only when it changes, as when a router picks a model", () => {
    const decode = findAdapter("openrouter").createDecoder();
    const replies = ["auto", "auto", "maker/model", "maker/model"].flatMap((model) => decode(data({ model, choices: [] })));
    expect(replies).toEqual([
      { type: "reply", reply: { model: "auto" } },
      { type: "reply", reply: { model: "maker/model" } },
    ]);
  });
});

describe("Claude's thinking", () => {
  it.each([
    ["claude-opus-5-5", "summary"],
    ["claude-3-7-sonnet-20250219", "full"],
    ["us.anthropic.claude-sonnet-4-20250514-v1:0", "summary"],
    ["qwen.gguf", "full"],
  ])("of %s is shown as %s", (model, form) => {
    const decode = findAdapter("anthropic").createDecoder();
    decode(data({ type: "message_start", message: { model } }));
    expect(decode(data({ type: "content_block_delta", delta: { type: "thinking_delta", thinking: "x" } }))).toEqual([
      { type: "reasoning", text: "x", form },
    ]);
  });
});

describe("mergePatch", () => {
  it("merges objects, replaces lists and all else, and takes out what is null", () => {
    const target = { a: { b: 1, c: 2 }, list: [1, 2], keep: true };
    expect(mergePatch(target, { a: { b: null, d: { e: null, f: 3 } }, list: [3], keep: "x" })).toEqual({
      a: { c: 2, d: { f: 3 } },
      list: [3],
      keep: "x",
    });
    expect(target).toEqual({ a: { b: 1, c: 2 }, list: [1, 2], keep: true });
  });
});
