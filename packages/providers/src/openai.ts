import type { ProviderAdapter } from "./adapter.ts";
import { createCompatibleAdapter } from "./compatible.ts";

/** OpenAI's chat completions. */
export const openaiChat: ProviderAdapter = createCompatibleAdapter({
  id: "openai",
  defaultBaseUrl: "https://api.openai.com/v1",
  apiKeyEnv: ["OPENAI_API_KEY"],
  // `max_tokens` is refused by the models that reason.
  maxTokensField: "max_completion_tokens",
});
