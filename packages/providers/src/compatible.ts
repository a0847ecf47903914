import type { Credentials, Endpoint, PromptRequest, ProviderAdapter, StreamEvent } from "./adapter.ts";
import { createChatDecoder } from "./chat-decoder.ts";
import { baseUrlOf, bearer, documentRequest, streamRequest } from "./http-request.ts";
import { endpointOf } from "./read-url.ts";
import { asList, asObject, type JsonObject } from "./json.ts";
import { jsonEvent } from "./json-decoder.ts";

/** What sets one server of the chat-completions protocol apart from the others. */
export interface CompatibleProfile {
  readonly id: string;
  /** Null where the user must say where the server is. */
  readonly defaultBaseUrl: string | null;
  readonly apiKeyEnv: readonly string[];
  /** Whether the server may want no key; false unless given. */
  readonly keyOptional?: boolean;
  /** What it calls the limit on output tokens; `max_tokens` unless given, which nearly all know. */
  readonly maxTokensField?: "max_tokens" | "max_completion_tokens";
  /** Whether usage has to be asked for by `stream_options.include_usage`; true unless given. */
  readonly asksForUsage?: boolean;
  /** The headers that say who asks; `Authorization: Bearer …` unless given. */
  readonly authHeaders?: (apiKey: string | null) => Readonly<Record<string, string>>;
  /** Adds what the server wants in its path for a model; nothing unless given. */
  readonly pathFor?: (base: URL, model: string) => string;
  /** Whether a host is one of its own; only that of its default base URL unless given. */
  readonly ownsHost?: (host: string) => boolean;
}

/** An adapter for a server that speaks OpenAI's chat completions. */
export function createCompatibleAdapter(profile: CompatibleProfile): ProviderAdapter {
  const {
    id,
    defaultBaseUrl,
    apiKeyEnv,
    keyOptional = false,
    maxTokensField = "max_tokens",
    asksForUsage = true,
    authHeaders = bearer,
    pathFor = () => "",
    ownsHost = (host) => defaultBaseUrl !== null && defaultBaseUrl.split("/", 3)[2] === host,
  } = profile;

  const body = (prompt: PromptRequest) => ({
    model: prompt.model,
    messages: prompt.messages,
    stream: true,
    ...(asksForUsage ? { stream_options: { include_usage: true } } : {}),
    [maxTokensField]: prompt.maxTokens,
    temperature: prompt.temperature,
    top_p: prompt.topP,
  });

  const buildRequest = (prompt: PromptRequest, credentials: Credentials) => {
    const base = baseUrlOf({ id, defaultBaseUrl }, credentials);
    const url = endpointOf(base, `${pathFor(base, prompt.model)}/chat/completions`);
    return streamRequest({ url, framing: "sse", headers: authHeaders(credentials.apiKey), body: body(prompt) }, prompt, credentials);
  };

  const buildModelsRequest = (credentials: Credentials) => {
    const base = new URL(baseUrlOf({ id, defaultBaseUrl }, credentials));
    // Azure's list is that of the resource, not of one deployment.
    base.pathname = base.pathname.replace(/\/deployments\/.*$/, "");
    return documentRequest(endpointOf(base, "/models"), authHeaders(credentials.apiKey), credentials);
  };

  const readEndpoint = ({ host, pathname }: URL): Endpoint | null =>
    pathname.endsWith("/chat/completions")
      ? { model: /\/deployments\/([^/]+)\//.exec(pathname)?.[1] ?? null, certain: ownsHost(host) }
      : null;

  return {
    id,
    apiKeyEnv,
    keyOptional,
    defaultBaseUrl,
    framing: "sse",
    buildRequest,
    buildModelsRequest,
    createDecoder: createChatDecoder,
    readEndpoint,
    toEvents,
  };
}

/** A completion in one piece has as `message` what its chunks have as `delta`. */
function toEvents(completion: JsonObject): readonly StreamEvent[] {
  const choices = asList(completion.choices).map((choice) => ({ ...asObject(choice), delta: asObject(choice)?.message }));
  return [jsonEvent({ ...completion, choices })];
}

/**
 * Azure's older API has the deployment in the path and the version in the query. A base URL with an `api-version` that is
 * neither a deployment's nor that of the newer `/openai/v1` is a resource's, as Azure's SDK has it.
 */
function azureDeploymentPath(base: URL, model: string): string {
  const path = base.pathname.replace(/\/+$/, "");
  const isResource = base.searchParams.has("api-version") && !path.includes("/deployments/") && !path.endsWith("/v1");
  return isResource ? `/deployments/${encodeURIComponent(model)}` : "";
}

const PROFILES: readonly CompatibleProfile[] = [
  { id: "openai-compatible", defaultBaseUrl: null, apiKeyEnv: ["OPENAI_COMPATIBLE_API_KEY"], keyOptional: true },
  {
    id: "azure",
    defaultBaseUrl: null,
    apiKeyEnv: ["AZURE_OPENAI_API_KEY"],
    maxTokensField: "max_completion_tokens",
    authHeaders: (apiKey) => (apiKey === null ? {} : { "api-key": apiKey }),
    pathFor: azureDeploymentPath,
    ownsHost: (host) => host.endsWith(".azure.com"),
  },
  { id: "groq", defaultBaseUrl: "https://api.groq.com/openai/v1", apiKeyEnv: ["GROQ_API_KEY"] },
  { id: "openrouter", defaultBaseUrl: "https://openrouter.ai/api/v1", apiKeyEnv: ["OPENROUTER_API_KEY"] },
  { id: "deepseek", defaultBaseUrl: "https://api.deepseek.com", apiKeyEnv: ["DEEPSEEK_API_KEY"] },
  // Mistral answers 422 to `stream_options` and sends usage unasked.
  { id: "mistral", defaultBaseUrl: "https://api.mistral.ai/v1", apiKeyEnv: ["MISTRAL_API_KEY"], asksForUsage: false },
  { id: "xai", defaultBaseUrl: "https://api.x.ai/v1", apiKeyEnv: ["XAI_API_KEY"] },
  { id: "together", defaultBaseUrl: "https://api.together.xyz/v1", apiKeyEnv: ["TOGETHER_API_KEY"] },
  { id: "fireworks", defaultBaseUrl: "https://api.fireworks.ai/inference/v1", apiKeyEnv: ["FIREWORKS_API_KEY"] },
  { id: "cerebras", defaultBaseUrl: "https://api.cerebras.ai/v1", apiKeyEnv: ["CEREBRAS_API_KEY"] },
  // Servers on one's own machine, at the address where each listens unless told otherwise; by number, so that no name is looked up.
  { id: "vllm", defaultBaseUrl: "http://127.0.0.1:8000/v1", apiKeyEnv: ["VLLM_API_KEY"], keyOptional: true },
  { id: "sglang", defaultBaseUrl: "http://127.0.0.1:30000/v1", apiKeyEnv: ["SGLANG_API_KEY"], keyOptional: true },
  { id: "llamacpp", defaultBaseUrl: "http://127.0.0.1:8080/v1", apiKeyEnv: ["LLAMA_API_KEY"], keyOptional: true },
  { id: "ollama", defaultBaseUrl: "http://127.0.0.1:11434/v1", apiKeyEnv: ["OLLAMA_API_KEY"], keyOptional: true },
  { id: "lmstudio", defaultBaseUrl: "http://127.0.0.1:1234/v1", apiKeyEnv: ["LM_API_TOKEN"], keyOptional: true },
];

/** Adapters for the well-known servers that speak chat completions, and a general one for all others. */
export const compatibleAdapters: readonly ProviderAdapter[] = PROFILES.map(createCompatibleAdapter);
