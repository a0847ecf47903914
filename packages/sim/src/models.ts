import type { Protocol } from "./dialect.ts";
import { FAULTS, modelOfFault } from "./faults.ts";

/** A fixed date, since the models of a simulator have no age. */
const RELEASED_AT = "2026-01-01T00:00:00Z";
const RELEASED_SECONDS = 1_767_225_600;
const DEFAULT_MODELS = ["sim", ...FAULTS.map(modelOfFault)];

function modelDocument(protocol: Protocol, id: string): object {
  switch (protocol) {
    case "anthropic":
      return { type: "model", id, display_name: id, created_at: RELEASED_AT };
    case "google":
      return {
        name: `models/${id}`,
        version: "001",
        displayName: id,
        inputTokenLimit: 1_000_000,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ["generateContent", "streamGenerateContent"],
      };
    case "openai":
    case "openai-responses":
    case "ollama":
      return { id, object: "model", created: RELEASED_SECONDS, owned_by: "sim" };
  }
}

function listDocument(protocol: Protocol, ids: readonly string[]): object {
  const data = ids.map((id) => modelDocument(protocol, id));
  switch (protocol) {
    case "anthropic":
      return { data, has_more: false, first_id: ids[0] ?? null, last_id: ids.at(-1) ?? null };
    case "google":
      return { models: data };
    case "openai":
    case "openai-responses":
    case "ollama":
      return { object: "list", data };
  }
}

/** The description of one model, or the list of all where `id` is null; null for a model that does not exist. `models` null: any does. */
export function modelsDocument(protocol: Protocol, models: readonly string[] | null, id: string | null): object | null {
  if (id === null) return listDocument(protocol, models ?? DEFAULT_MODELS);
  return models === null || models.includes(id) ? modelDocument(protocol, id) : null;
}
