import { createAnthropic } from "@ai-sdk/anthropic";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import type { Simulator } from "@lens/sim";
import { generateText, type LanguageModel, streamText } from "ai";
import OpenAI from "openai";

/** Where and how a client of an SDK asks. */
export interface AskOptions {
  readonly simulator: Simulator;
  /** The SDK's own choice where it is undefined. */
  readonly fetch: typeof fetch | undefined;
  readonly model: string;
  readonly retries: number;
  readonly signal?: AbortSignal;
  /** Called with each piece of a stream; true leaves the loop. */
  readonly onPiece?: () => boolean | void;
}

/** One way in which people use an SDK: sends a prompt and gives back all that the SDK does. */
export interface SdkClient {
  readonly name: string;
  readonly provider: string;
  /** Whether its requests say the how-manieth try they are. */
  readonly countsRetries: boolean;
  stream(options: AskOptions): Promise<unknown>;
  whole(options: AskOptions): Promise<unknown>;
}

const PROMPT = "Why is the sky blue?";
const MESSAGES = [{ role: "user" as const, content: PROMPT }];

async function collect<T>(pieces: AsyncIterable<T>, onPiece: AskOptions["onPiece"]): Promise<T[]> {
  const all: T[] = [];
  for await (const piece of pieces) {
    all.push(piece);
    if (onPiece?.() === true) break;
  }
  return all;
}

/** The option, where it is given: SDKs take undefined for a value. */
const given = <const K extends string, V>(name: K, value: V | undefined): { [key in K]?: V } =>
  value === undefined ? {} : ({ [name]: value } as { [key in K]: V });

const openaiOf = ({ simulator, fetch, retries }: AskOptions): OpenAI =>
  new OpenAI({ apiKey: "sk-very-secret", baseURL: simulator.baseUrls.openai, maxRetries: retries, ...given("fetch", fetch) });

const anthropicOf = ({ simulator, fetch, retries }: AskOptions): Anthropic =>
  new Anthropic({ apiKey: "sk-very-secret", baseURL: simulator.baseUrls.anthropic, maxRetries: retries, ...given("fetch", fetch) });

const googleOf = ({ simulator, fetch, retries }: AskOptions): GoogleGenAI =>
  new GoogleGenAI({
    apiKey: "sk-very-secret",
    httpOptions: { baseUrl: simulator.baseUrls.google, retryOptions: { attempts: retries + 1 }, ...given("fetch", fetch) },
  });

/** The AI SDK with one of its providers. */
function aiSdkClient(name: string, provider: string, modelOf: (options: AskOptions) => LanguageModel): SdkClient {
  const settings = (options: AskOptions) => ({
    model: modelOf(options),
    prompt: PROMPT,
    maxOutputTokens: 100,
    maxRetries: options.retries,
    ...given("abortSignal", options.signal),
  });
  return {
    name: `the AI SDK with ${name}`,
    provider,
    countsRetries: false,
    async stream(options) {
      const errors: unknown[] = [];
      const { fullStream } = streamText({ ...settings(options), onError: ({ error }) => void errors.push(error) });
      const pieces = await collect(fullStream, options.onPiece);
      if (errors.length > 0) throw errors[0];
      return pieces.map((piece) => [piece.type, "text" in piece ? piece.text : null, "totalUsage" in piece ? piece.totalUsage : null]);
    },
    async whole(options) {
      const { text, usage, finishReason, toolCalls } = await generateText(settings(options));
      return { text, usage, finishReason, toolCalls: toolCalls.map(({ toolName }) => toolName) };
    },
  };
}

export const sdkClients: readonly SdkClient[] = [
  {
    name: "openai, chat completions",
    provider: "openai-compatible",
    countsRetries: true,
    stream: async (options) =>
      collect(
        await openaiOf(options).chat.completions.create(
          { model: options.model, messages: MESSAGES, stream: true, stream_options: { include_usage: true } },
          given("signal", options.signal),
        ),
        options.onPiece,
      ),
    whole: (options) =>
      openaiOf(options).chat.completions.create({ model: options.model, messages: MESSAGES }, given("signal", options.signal)),
  },
  {
    name: "openai, responses",
    provider: "openai-responses",
    countsRetries: true,
    stream: async (options) =>
      collect(
        await openaiOf(options).responses.create({ model: options.model, input: PROMPT, stream: true }, given("signal", options.signal)),
        options.onPiece,
      ),
    whole: (options) => openaiOf(options).responses.create({ model: options.model, input: PROMPT }, given("signal", options.signal)),
  },
  {
    name: "@anthropic-ai/sdk",
    provider: "anthropic",
    countsRetries: true,
    stream: async (options) =>
      collect(
        await anthropicOf(options).messages.create(
          { model: options.model, max_tokens: 100, messages: MESSAGES, stream: true },
          given("signal", options.signal),
        ),
        options.onPiece,
      ),
    whole: (options) =>
      anthropicOf(options).messages.create({ model: options.model, max_tokens: 100, messages: MESSAGES }, given("signal", options.signal)),
  },
  {
    name: "@google/genai",
    provider: "google",
    countsRetries: false,
    stream: async (options) =>
      collect(
        await googleOf(options).models.generateContentStream({
          model: options.model,
          contents: PROMPT,
          ...given("config", options.signal && { abortSignal: options.signal }),
        }),
        options.onPiece,
      ),
    whole: (options) =>
      googleOf(options).models.generateContent({
        model: options.model,
        contents: PROMPT,
        ...given("config", options.signal && { abortSignal: options.signal }),
      }),
  },
  aiSdkClient("@ai-sdk/openai", "openai-responses", ({ simulator, fetch, model }) =>
    createOpenAI({ apiKey: "sk-very-secret", baseURL: simulator.baseUrls.openai, ...given("fetch", fetch) })(model),
  ),
  aiSdkClient("@ai-sdk/anthropic", "anthropic", ({ simulator, fetch, model }) =>
    createAnthropic({ apiKey: "sk-very-secret", baseURL: `${simulator.baseUrls.anthropic}/v1`, ...given("fetch", fetch) })(model),
  ),
  aiSdkClient("@ai-sdk/google", "google", ({ simulator, fetch, model }) =>
    createGoogleGenerativeAI({ apiKey: "sk-very-secret", baseURL: `${simulator.baseUrls.google}/v1beta`, ...given("fetch", fetch) })(model),
  ),
];
