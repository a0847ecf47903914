import { REPORTING } from "./command-table.ts";
import type { Option } from "./option.ts";

/** The options that concern OpenTelemetry. */
export const OTEL_OPTIONS = {
  otlpEndpoint: {
    kind: "text",
    group: "Output",
    commands: ["benchmark", "run", "config", "merge", "export", "monitor"],
    placeholder: "URL",
    expected: "an http or https URL",
    describe: "OpenTelemetry collector to send the metrics to, such as http://127.0.0.1:4318",
  },
  semconv: {
    kind: "text",
    group: "Output",
    commands: [...REPORTING, "monitor"],
    placeholder: "NAME",
    expected: "latest, v1.41 or both",
    describe: "Version of OpenTelemetry's names: latest, v1.41 or both",
  },
} as const satisfies Readonly<Record<string, Option>>;
