import { createAnthropic } from "@ai-sdk/anthropic";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { type MeasuredStream, measureStream } from "@lens/core";
import { type Scenario, type Simulator, startSimulator } from "@lens/sim";
import { streamText } from "ai";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createChunkReader, findAdapter, readAiSdkPart } from "../src/index.ts";

const SCENARIO: Partial<Scenario> = { ttftMs: 5, gapMs: 1, outputTokens: 10, reasoningTokens: 5 };
const MESSAGES = [{ role: "user" as const, content: "Why is the sky blue?" }];
let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ scenario: SCENARIO });
});

afterAll(() => simulator.close());

const STREAMS: Readonly<Record<string, () => MeasuredStream<unknown>>> = {
  "OpenAI's chat chunks": () =>
    measureStream<unknown>(
      () =>
        new OpenAI({ apiKey: "k", baseURL: simulator.baseUrls.openai }).chat.completions.create({
          model: "m",
          messages: MESSAGES,
          stream: true,
          stream_options: { include_usage: true },
        }),
      { read: createChunkReader(findAdapter("openai")) },
    ),
  "OpenAI's response events": () =>
    measureStream<unknown>(
      () => new OpenAI({ apiKey: "k", baseURL: simulator.baseUrls.openai }).responses.create({ model: "m", input: "Hi", stream: true }),
      { read: createChunkReader(findAdapter("openai-responses")) },
    ),
  "Anthropic's events": () =>
    measureStream<unknown>(
      () =>
        new Anthropic({ apiKey: "k", baseURL: simulator.baseUrls.anthropic }).messages.stream({
          model: "m",
          max_tokens: 50,
          messages: MESSAGES,
        }),
      { read: createChunkReader(findAdapter("anthropic")) },
    ),
  "Gemini's generator": () =>
    measureStream<unknown>(
      () =>
        new GoogleGenAI({ apiKey: "k", httpOptions: { baseUrl: simulator.baseUrls.google } }).models.generateContentStream({
          model: "m",
          contents: "Hi",
        }),
      { read: createChunkReader(findAdapter("google")) },
    ),
  "the AI SDK's fullStream": () =>
    measureStream<unknown>(
      () =>
        streamText({
          model: createAnthropic({ apiKey: "k", baseURL: `${simulator.baseUrls.anthropic}/v1` })("m"),
          messages: MESSAGES,
          maxOutputTokens: 50,
        }).fullStream,
      { read: readAiSdkPart },
    ),
};

describe("the readers for measureStream", () => {
  it.each(Object.entries(STREAMS))("read %s", async (_, open) => {
    const stream = open();
    for await (const chunk of stream) expect(chunk).toBeTypeOf("object");
    const { arrivals, usage, outcome, reasoningForm } = stream.record();
    expect(outcome.kind).toBe("ok");
    expect(arrivals.kind[0]).toBe("reasoning");
    expect(arrivals.kind.at(-1)).toBe("text");
    expect(reasoningForm).not.toBe("none");
    expect(usage?.outputTokens).toBe(15);
    expect(usage?.inputTokens).toBeGreaterThan(0);
  });

  it("leave out parts that bring nothing", () => {
    expect(readAiSdkPart({ type: "start" })).toBeNull();
    expect(readAiSdkPart(null)).toBeNull();
    expect(readAiSdkPart({ type: "tool-input-delta", delta: '{"a"' })).toEqual({ kind: "tool", text: '{"a"' });
    expect(createChunkReader(findAdapter("openai"))({ choices: [{ delta: { role: "assistant", content: "" } }] })).toEqual({ text: "" });
  });
});
