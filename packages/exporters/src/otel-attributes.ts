import type { Target } from "@lens/core";

/** Attributes by name. */
export type OtelAttributes = Readonly<Record<string, string | number | boolean>>;

/** What the conventions call providers for which we have another word; all others are called as we call them. */
const PROVIDER_NAMES: ReadonlyMap<string, string> = new Map([
  ["openai-responses", "openai"],
  ["ollama-native", "ollama"],
  ["azure", "azure.ai.openai"],
  ["google", "gcp.gemini"],
  ["mistral", "mistral_ai"],
  ["xai", "x_ai"],
]);

function serverOf(origin: string | null): OtelAttributes {
  if (origin === null || !URL.canParse(origin)) return {};
  const { hostname, port, protocol } = new URL(origin);
  return { "server.address": hostname, "server.port": port === "" ? (protocol === "https:" ? 443 : 80) : Number(port) };
}

/**
 * What the GenAI conventions want to know of a target, and `lens.target`, its label, by which two groups of one model are told apart. `responseModel`
 * is the model that answered; null where several did, or none.
 */
export function genAiAttributes({ provider, model, label, origin }: Target, responseModel: string | null): OtelAttributes {
  return {
    "gen_ai.operation.name": provider === "google" ? "generate_content" : "chat",
    "gen_ai.provider.name": PROVIDER_NAMES.get(provider) ?? provider,
    "gen_ai.request.model": model,
    ...(responseModel === null ? {} : { "gen_ai.response.model": responseModel }),
    ...serverOf(origin),
    "lens.target": label,
  };
}
