export type {
  Credentials,
  Decoder,
  Delta,
  Endpoint,
  FinishReason,
  HttpRequest,
  PromptMessage,
  PromptRequest,
  ProviderAdapter,
  StreamEvent,
} from "./adapter.ts";
export { type AiSdkCall, type AiSdkMiddleware, type AiSdkMiddlewareOptions, createAiSdkMiddleware } from "./ai-sdk-middleware.ts";
export { ANTHROPIC_DEFAULT_MAX_TOKENS, anthropic } from "./anthropic.ts";
export { cohere } from "./cohere.ts";
export { type CompatibleProfile, compatibleAdapters, createCompatibleAdapter } from "./compatible.ts";
export { createTransport } from "./create-transport.ts";
export { createFramer, DEFAULT_FRAMING_LIMITS, type Framer, type FramingLimits } from "./framing.ts";
export { google } from "./google.ts";
export { createHttpTransport, type HttpTransportOptions } from "./http-transport.ts";
export { createLeanTransport, type LeanTransportOptions } from "./lean-transport.ts";
export { readModelIds } from "./model-list.ts";
export { observeFetch, type ObserveFetchOptions } from "./observe-fetch.ts";
export { ollamaNative } from "./ollama.ts";
export { openaiChat } from "./openai.ts";
export { openaiResponses } from "./openai-responses.ts";
export { isSecretName, secretsIn, withoutKeys, withoutSecrets } from "./redact.ts";
export { adapters, findAdapter } from "./registry.ts";
export { type RehearsalOptions, rehearseTransport } from "./rehearse-transport.ts";
export { requestText, type RequestTextOptions, type TextResponse } from "./request-text.ts";
export { DEFAULT_RETRY_POLICY, type RetryPolicy } from "./retry.ts";
export { runRequest, type RunOptions } from "./run.ts";
export { errorFromResponse } from "./status.ts";
export { createChunkReader, readAiSdkPart } from "./stream-readers.ts";
export type { ResponseHeaders, Transport, TransportObserver } from "./transport.ts";
export { DEFAULT_TIMEOUTS, type Timeouts } from "./watchdog.ts";
