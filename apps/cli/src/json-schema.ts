import { z } from "zod";
import { configSchema } from "./config-schema.ts";
import { OPTION_NAMES, OPTIONS } from "./options.ts";

/** The JSON Schema of a configuration file, for editors; `schema/lens.config.schema.json` is its text. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const described = Object.fromEntries(OPTION_NAMES.map((name) => [name, { description: OPTIONS[name].describe, ...properties[name] }]));
  const targets = { description: "What to measure when the command line names nothing", ...properties.targets };
  // Editors name the schema of a JSON file in the file itself.
  const pointer = { $schema: { type: "string" } };
  return { ...schema, title: "Configuration of LLM-Latency-Lens", properties: { ...pointer, targets, ...described } };
}
