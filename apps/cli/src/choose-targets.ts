import { LensError } from "@lens/core";
import type { ResolvedSettings } from "./config.ts";
import type { Io } from "./io.ts";
import { labelOf, presentKeys, requestedTargets, SIMULATOR, splitTarget, type TargetRequest } from "./targets.ts";

/** What to measure, and whether it is the simulator only because nobody said what. */
export interface Choice {
  readonly requests: readonly TargetRequest[];
  readonly byDefault: boolean;
}

/**
 * The targets that were asked for; the built-in simulator where there are none. With a key in the environment a target has to be
 * named, since requests then cost money. Throws `INVALID_ARGUMENT`.
 */
export function chooseTargets(settings: ResolvedSettings, command: string, io: Io): Choice {
  const requests = requestedTargets(settings);
  if (requests.length > 0) return { requests, byDefault: false };
  const keys = presentKeys(io.env);
  if (keys.length > 0) {
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected a target such as openai:MODEL, got none; ${keys.join(" and ")} ${keys.length === 1 ? "is" : "are"} set, so requests may cost money. For the free simulator: \`lens ${command} sim:\`.`,
    );
  }
  if (settings.baseUrl !== undefined)
    throw new LensError("INVALID_ARGUMENT", "Expected a target with `--base-url`, such as openai:MODEL, got none.");
  const simulator = splitTarget(`${SIMULATOR}:`);
  return {
    requests: [
      { ...simulator, label: labelOf(simulator.provider, simulator.model), baseUrl: null, apiKeyEnv: null, headers: {}, thresholds: [] },
    ],
    byDefault: true,
  };
}

/** What is said first where nobody named a target. */
export const SIMULATOR_NOTICE =
  "No target and no API key: this measures the built-in simulator, no model. For a model: `lens benchmark PROVIDER:MODEL`.";
