import { isDeepStrictEqual } from "node:util";
import { LensError } from "@lens/core";
import * as z from "zod";
import { type Configuration, joinLayers, type NamedConfiguration } from "../config.ts";
import { readTextFile, writeFileAtomically } from "../files.ts";
import type { Io } from "../io.ts";
import { TOOL } from "../manifest.ts";
import { saysWhatIsSent } from "../scenario-settings.ts";
import { shownSetting } from "../secrets.ts";
import type { PlannedWorkload } from "../workload.ts";

const savedScenario = z.object({
  /** Null where the configuration had no scenarios, and was one itself. */
  name: z.string().nullable(),
  seed: z.int().min(0),
  prompt: z.object({ sha256: z.string(), chars: z.number() }),
  /** What was set. What is not here had its default, or is withheld. */
  settings: z.record(z.string(), z.unknown()),
  /** Settings that hold a secret or a prompt, whose values are not here. */
  withheld: z.array(z.string()),
});

const manifestSchema = z.object({
  schema: z.literal(1),
  tool: z.object({ name: z.literal(TOOL.name), version: z.string() }),
  startedAtMs: z.number(),
  versions: z.record(z.string(), z.string()),
  machine: z.record(z.string(), z.union([z.string(), z.number()])),
  scenarios: z.array(savedScenario).min(1),
});

/** What repeats a run: plain JSON, without a secret, and without a prompt unless that was asked for. */
export type SavedManifest = z.output<typeof manifestSchema>;

/** One scenario as a manifest keeps it. */
export type SavedScenario = z.output<typeof savedScenario>;

/** A scenario whose settings are known. */
export interface Scenario {
  /** Null where there is one only, which has no name. */
  readonly name: string | null;
  readonly configuration: Configuration;
}

/** A scenario, and what it asks. */
export interface AskingScenario extends Scenario {
  readonly workload: PlannedWorkload;
}

/** The manifest of a run that begins now. */
export function createSavedManifest(scenarios: readonly AskingScenario[], savesPrompts: boolean, io: Io): SavedManifest {
  return {
    schema: 1,
    tool: TOOL,
    startedAtMs: io.clock.epochMs(),
    versions: { lens: TOOL.version, node: io.nodeVersion },
    machine: { ...io.machine },
    scenarios: scenarios.map((scenario) => saveScenario(scenario, savesPrompts)),
  };
}

const PROMPTS: readonly string[] = ["prompt", "system", "template", "vars"];

function saveScenario({ name, configuration: { settings, sources }, workload }: AskingScenario, savesPrompts: boolean): SavedScenario {
  const kept: Record<string, unknown> = {};
  const withheld: string[] = [];
  for (const [setting, value] of Object.entries(settings)) {
    const isSet = sources[setting] !== undefined && sources[setting] !== "default";
    if (!isSet || setting === "seed" || !saysWhatIsSent(setting)) continue;
    const isPlain = isDeepStrictEqual(shownSetting(setting, value), value);
    if (isPlain || (savesPrompts && PROMPTS.includes(setting))) kept[setting] = value;
    else withheld.push(setting);
  }
  return { name, seed: workload.seed, prompt: workload.fingerprint, settings: kept, withheld };
}

/** Writes a manifest. Throws `FILE_FAILED`. */
export function writeManifest(path: string, manifest: SavedManifest, cwd: string): Promise<void> {
  return writeFileAtomically(path, `${JSON.stringify(manifest, null, 2)}\n`, cwd);
}

/** Reads a manifest. Throws `FILE_FAILED`, and `INVALID_CONFIG` for what is none. */
export async function readManifest(path: string, cwd: string): Promise<SavedManifest> {
  const text = await readTextFile(path, cwd);
  const { success, data, error } = manifestSchema.safeParse(parseJson(text));
  if (success) return data;
  const place = error.issues[0]?.path.join(".") ?? "";
  throw new LensError(
    "INVALID_CONFIG",
    `Expected \`${path}\` to be the manifest of a run, as \`lens run\` writes it, got something else${place === "" ? "" : ` at \`${place}\``}.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * The settings of a saved scenario; what the manifest withholds comes from `present`, what the configuration file, variables and flags say now. Throws
 * `INVALID_CONFIG` where they do not say it, and for settings that are none.
 */
export function restoreScenario(
  { name, seed, settings, withheld }: SavedScenario,
  present: readonly Pick<NamedConfiguration | Scenario, "name" | "configuration">[],
): Scenario {
  const now = present.find((scenario) => scenario.name === name)?.configuration;
  const values: Record<string, unknown> = { ...settings, seed };
  for (const setting of withheld) {
    const value: unknown = now?.sources[setting] === "default" ? undefined : now?.settings[setting as keyof Configuration["settings"]];
    if (value === undefined)
      throw new LensError(
        "INVALID_CONFIG",
        `Expected \`${setting}\`${name === null ? "" : ` of the scenario ${name}`}, which the manifest does not hold, in the configuration file or as a flag, got none.`,
      );
    values[setting] = value;
  }
  const place = (setting: string): string => `\`${setting}\` in the manifest${name === null ? "" : ` of the scenario ${name}`}`;
  return { name, configuration: joinLayers([{ code: "INVALID_CONFIG", values, place }], null) };
}

/** Throws `INVALID_CONFIG` where another prompt would be sent than was sent before. */
export function checkWorkload({ name, prompt }: SavedScenario, { fingerprint: { sha256, chars } }: PlannedWorkload): void {
  if (sha256 === prompt.sha256) return;
  throw new LensError(
    "INVALID_CONFIG",
    `Expected the prompt${name === null ? "" : ` of the scenario ${name}`} that was sent before, of ${prompt.chars} characters and hash ${prompt.sha256}, got one of ${chars} and hash ${sha256}.`,
  );
}
