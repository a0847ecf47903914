import * as z from "zod";
import { configSchema } from "./config-schema.ts";
import { SETTING_NAMES, SETTINGS } from "./options.ts";

/** The JSON Schema of a configuration file, for editors; `schema/lens.config.schema.json` is its text. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const described = SETTING_NAMES.map((name) => [name, { description: SETTINGS[name].describe, ...properties[name] }]);
  // Editors find the schema of a JSON file named in the file itself.
  const pointer = { $schema: { type: "string" } };
  return { ...schema, title: "Configuration of LLM-Latency-Lens", properties: { ...pointer, ...Object.fromEntries(described) } };
}
