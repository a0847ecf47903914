import { LensError } from "@lens/core";
import type { z } from "zod";
import { type ConfigFile, readConfigFile } from "./config-file.ts";
import { configSchema, type Settings } from "./config-schema.ts";
import { DEFAULT_SETTINGS } from "./defaults.ts";
import type { Io } from "./io.ts";
import { suggestion } from "./nearest.ts";
import type { Flags, Option } from "./option.ts";
import { flagName, OPTION_NAMES, type OptionName, OPTIONS, SETTING_NAMES, SETTINGS, variableName } from "./options.ts";
import { isOfScenarios } from "./scenario-settings.ts";
import { SHARD_COUNT_VARIABLE } from "./shard.ts";

type Defaults = { readonly [Name in keyof typeof DEFAULT_SETTINGS]: NonNullable<Settings[Name]> };

/** The settings in force. */
export type ResolvedSettings = Readonly<Omit<Settings, keyof Defaults>> & Defaults;

/** The settings in force, and where each comes from: a flag, a variable, a file or `default`. */
export interface Configuration {
  readonly settings: ResolvedSettings;
  readonly sources: Readonly<Record<string, string>>;
  /** The configuration file that was read; null where there is none. */
  readonly file: string | null;
}

/** The settings in force in one scenario. */
export interface NamedConfiguration {
  readonly name: string;
  readonly configuration: Configuration;
}

/** The settings of one source. */
export interface Layer {
  readonly code: "INVALID_ARGUMENT" | "INVALID_CONFIG";
  readonly values: Readonly<Record<string, unknown>>;
  /** The name of a setting in this layer, for messages. */
  readonly place: (name: string) => string;
}

/**
 * Joins flags over `LENS_*` over the configuration file over the defaults, each checked by the same schema. Throws
 * `INVALID_ARGUMENT` for a flag or variable, `INVALID_CONFIG` and `FILE_FAILED` for the file.
 */
export async function resolveConfiguration(flags: Flags, targets: readonly string[], io: Io): Promise<Configuration> {
  const { file, below, above } = await readSources(flags, targets, io);
  return joinLayers([...below, ...above], file);
}

/** What holds for a run as a whole, and what holds in each of its scenarios, which stand over the rest of their file and under variables and flags. */
export interface ScenarioConfigurations {
  readonly whole: Configuration;
  /** In the order of the file; none where it names none. */
  readonly scenarios: readonly NamedConfiguration[];
}

/** As `resolveConfiguration`, for each scenario, too. */
export async function resolveScenarios(flags: Flags, targets: readonly string[], io: Io): Promise<ScenarioConfigurations> {
  const { file, below, above } = await readSources(flags, targets, io);
  const whole = joinLayers([...below, ...above], file);
  const scenarios = Object.entries(whole.settings.scenarios ?? {}).map(([name, values]): NamedConfiguration => {
    const layer = scenarioLayer(name, values, file?.name ?? "the configuration");
    return { name, configuration: joinLayers([...below, layer, ...above], file) };
  });
  return { whole, scenarios };
}

function scenarioLayer(scenario: string, values: Readonly<Record<string, unknown>>, file: string): Layer {
  const place = (name: string): string => `\`${name}\` in the scenario ${scenario} of ${file}`;
  const ofRuns = Object.keys(values).find((name) => !isOfScenarios(name));
  if (ofRuns !== undefined)
    throw new LensError(
      "INVALID_CONFIG",
      `Expected a setting of a scenario, got ${place(ofRuns)}, which is none. What holds for a whole run stands beside \`scenarios\`.`,
    );
  return { code: "INVALID_CONFIG", values, place };
}

/** Where settings come from, the lowest first. Scenarios stand between the two. */
interface Sources {
  readonly file: ConfigFile | null;
  readonly below: readonly Layer[];
  readonly above: readonly Layer[];
}

async function readSources(flags: Flags, targets: readonly string[], io: Io): Promise<Sources> {
  const path = typeof flags.config === "string" ? flags.config : (io.env.LENS_CONFIG ?? null);
  const file = await readConfigFile({ path, cwd: io.cwd, stripsTypes: io.stripsTypes, nodeVersion: io.nodeVersion });
  const ofFile = ({ content, name: fileName }: ConfigFile): Layer => ({
    code: "INVALID_CONFIG",
    values: fileValues(content, fileName),
    place: (name) => `\`${name}\` in ${fileName}`,
  });
  const environment: Layer = {
    code: "INVALID_ARGUMENT",
    values: environmentValues(io.env),
    place: (name) => `the variable \`${variableName(name as OptionName)}\``,
  };
  const typed: Layer = {
    code: "INVALID_ARGUMENT",
    values: flagValues(flags, targets),
    place: (name) => (name === "targets" ? "the target" : `\`--${flagName(name as OptionName)}\``),
  };
  return { file, below: file === null ? [] : [ofFile(file)], above: [environment, typed] };
}

/** Joins layers over the defaults, the lowest first, each checked by itself. Throws the code of the layer that is wrong. */
export function joinLayers(layers: readonly Layer[], file: Pick<ConfigFile, "path"> | null): Configuration {
  const values: Record<string, unknown> = { ...DEFAULT_SETTINGS };
  const sources: Record<string, string> = Object.fromEntries(Object.keys(DEFAULT_SETTINGS).map((name) => [name, "default"]));
  for (const layer of layers) {
    const given = check(layer);
    for (const [name, value] of Object.entries(given)) {
      for (const rival of rivalsOf(name)) {
        if (Object.hasOwn(given, rival))
          throw new LensError(layer.code, `Expected either ${layer.place(name)} or ${layer.place(rival)}, got both.`);
        values[rival] = (DEFAULT_SETTINGS as Settings)[rival];
        if (Object.hasOwn(DEFAULT_SETTINGS, rival)) sources[rival] = "default";
        else delete sources[rival];
      }
      values[name] = value;
      sources[name] = layer.place(name).replaceAll(/`|the /g, "");
    }
  }
  return { settings: values as ResolvedSettings, sources, file: file?.path ?? null };
}

/** Settings that say the same thing in two ways: the one from the higher source puts the other out of force. */
const RIVALS: readonly (readonly [keyof Settings, keyof Settings])[] = [
  ["prompt", "promptFile"],
  ["prompt", "inputTokens"],
  ["promptFile", "inputTokens"],
  ["maxTokens", "outputTokens"],
  ["targets", "provider"],
  ["targets", "model"],
  ["format", "json"],
  ["search", "thresholds"],
  ["concurrency", "rate"],
  ["concurrency", "timestamps"],
  ["rate", "timestamps"],
];

function rivalsOf(name: string): readonly (keyof Settings)[] {
  return RIVALS.filter((pair) => pair.some((entry) => entry === name)).map(([first, second]) => (first === name ? second : first));
}

/** The names in the environment that look like ours and are none. */
export function unknownVariables(env: Io["env"]): readonly string[] {
  const known = ["LENS_CONFIG", SHARD_COUNT_VARIABLE, variableName("targets"), ...OPTION_NAMES.map(variableName)];
  return Object.keys(env).filter((name) => name.startsWith("LENS_") && !known.includes(name));
}

function flagValues(flags: Flags, targets: readonly string[]): Record<string, unknown> {
  const values: Record<string, unknown> = targets.length > 0 ? { targets } : {};
  for (const name of OPTION_NAMES) {
    const raw = flags[flagName(name)];
    if (raw !== undefined) values[name] = readText(OPTIONS[name].kind, raw);
  }
  return values;
}

function environmentValues(env: Io["env"]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const targets = env[variableName("targets")]?.split(/[\s,]+/).filter((word) => word !== "") ?? [];
  if (targets.length > 0) values.targets = targets;
  for (const name of OPTION_NAMES) {
    const raw = env[variableName(name)];
    // An empty variable is how a shell or a compose file unsets one.
    if (raw !== undefined && raw !== "")
      values[name] = readText(OPTIONS[name].kind, ["headers", "values"].includes(OPTIONS[name].kind) ? raw.split("\n") : raw);
  }
  return values;
}

function fileValues(content: unknown, name: string): Record<string, unknown> {
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new LensError(
      "INVALID_CONFIG",
      `Expected ${name} to hold an object of settings, got ${content === null || content === undefined ? "nothing" : Array.isArray(content) ? "a list" : `a ${typeof content}`}.`,
    );
  }
  const { $schema: _editorsOnly, ...values } = content as Record<string, unknown>;
  return values;
}

/** Text as the type that its option wants; what cannot be read stays text, for the schema to refuse. */
function readText(kind: Option["kind"], raw: unknown): unknown {
  switch (kind) {
    case "text":
      return raw;
    case "number":
      return typeof raw === "string" && /^[+-]?(\d+\.?\d*|\.\d+)$/.test(raw) ? Number(raw) : raw;
    case "switch":
      return ({ true: true, 1: true, yes: true, false: false, 0: false, no: false } as Record<string, boolean>)[String(raw)] ?? raw;
    case "list":
      return [raw].flat().flatMap((part) => String(part).split(","));
    case "headers":
      return readHeaders([raw].flat().map(String));
    case "values":
      return Object.fromEntries(
        [raw]
          .flat()
          .map(String)
          .map((line) => splitAt(line, "=")),
      );
  }
}

/** A name and a value, at the first mark between them; a name alone is left for the schema to refuse. */
function splitAt(line: string, mark: string): readonly [string, string] {
  const at = line.indexOf(mark);
  return at === -1 ? ["", line] : [line.slice(0, at).trim(), line.slice(at + mark.length)];
}

function readHeaders(lines: readonly string[]): unknown {
  const parts = lines
    .filter((line) => line.trim() !== "")
    .map(
      (line) =>
        [
          line
            .slice(0, Math.max(0, line.indexOf(":")))
            .trim()
            .toLowerCase(),
          line.slice(line.indexOf(":") + 1).trim(),
        ] as const,
    );
  return Object.fromEntries(parts);
}

function check({ code, values, place }: Layer): Settings {
  const result = configSchema.safeParse(values);
  if (result.success) return result.data;
  throw new LensError(code, complaint(result.error.issues, values, place));
}

/** What may be a secret is not repeated. */
const UNSHOWN: readonly string[] = [
  "headers",
  "vars",
  "apiKeyEnv",
  "baseUrl",
  "otlpEndpoint",
  "pushgateway",
  "targets",
  "prices",
  "scenarios",
];

function complaint(issues: readonly z.core.$ZodIssue[], values: Readonly<Record<string, unknown>>, place: Layer["place"]): string {
  const issue = issues[0];
  if (issue?.code === "unrecognized_keys" && issue.path.length === 0) {
    const key = issue.keys[0] ?? "";
    return `Expected a known setting, got ${place(key)}.${suggestion(key, SETTING_NAMES)} \`lens config\` lists them all.`;
  }
  const name = String(issue?.path[0] ?? "");
  const expected = (SETTINGS as Readonly<Record<string, Pick<Option, "expected">>>)[name]?.expected ?? "valid";
  const got = UNSHOWN.includes(name) ? "something else" : `\`${String(values[name]).slice(0, 60)}\``;
  return `Expected ${place(name)} to be ${expected}, got ${got}.`;
}
