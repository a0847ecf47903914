import type { Option } from "./option.ts";
import { OPTIONS } from "./options.ts";

/** What is said once for all scenarios of a run. */
const OF_WHOLE_RUNS: ReadonlySet<string> = new Set([
  "scenarios",
  "maxCost",
  "yes",
  "startAt",
  "format",
  "output",
  "json",
  "explain",
  "force",
  "stepSummary",
  "otlpEndpoint",
  "semconv",
  "quiet",
  "verbose",
  "color",
]);

/** Whether a scenario may say this itself: whatever makes load, limits it or judges it. A name that is no setting is left to the schema. */
export function isOfScenarios(name: string): boolean {
  const options: Readonly<Record<string, Option>> = OPTIONS;
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  return !OF_WHOLE_RUNS.has(name) && (option === undefined || option.commands.includes("run"));
}

/** Whether it makes a difference to what is sent, or to how that is judged: then a manifest keeps it, and a run that goes on cannot change it. */
export const saysWhatIsSent = (setting: string): boolean => isOfScenarios(setting) || setting === "maxCost";
