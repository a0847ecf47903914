import { asList, asObject, asText } from "./json.ts";

/**
 * The model ids in the answer to a models request: `{data: [{id}]}` (OpenAI, Anthropic), a bare list of the same (Together),
 * `{models: [{name}]}` (Google, whose names begin with `models/`, and Ollama). Empty when it is none of these.
 */
export function readModelIds(document: unknown): readonly string[] {
  const fields = asObject(document);
  const items = fields === null ? asList(document) : [...asList(fields.data), ...asList(fields.models)];
  return items.flatMap((item) => {
    const id = asText(asObject(item)?.id) ?? asText(asObject(item)?.name);
    return id === null ? [] : [id.replace(/^models\//, "")];
  });
}
