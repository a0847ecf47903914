import * as z from "zod";
import { configSchema } from "./config-schema.ts";
import { SETTING_NAMES, SETTINGS } from "./options.ts";
import { isOfScenarios } from "./scenario-settings.ts";

/** The JSON Schema of a configuration file, for editors; `schema/lens.config.schema.json` is its text. */
export function configJsonSchema(): Readonly<Record<string, unknown>> {
  const schema = z.toJSONSchema(configSchema, { io: "input" });
  const properties = (schema.properties ?? {}) as Record<string, Record<string, unknown>>;
  const described = SETTING_NAMES.map((name) => [name, { description: SETTINGS[name].describe, ...properties[name] }] as const);
  const ofScenarios = Object.fromEntries(described.filter(([name]) => isOfScenarios(name)));
  const scenario = { type: "object", properties: ofScenarios, additionalProperties: false };
  const scenarios = { description: SETTINGS.scenarios.describe, ...properties.scenarios, additionalProperties: scenario };
  // Editors find the schema of a JSON file named in the file itself.
  const pointer = { $schema: { type: "string" } };
  return { ...schema, title: "Configuration of LLM-Latency-Lens", properties: { ...pointer, ...Object.fromEntries(described), scenarios } };
}
