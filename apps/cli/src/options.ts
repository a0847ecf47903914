import type { Settings } from "./config-schema.ts";

/** The commands, and the short names that users of other tools type. */
export const COMMANDS = {
  benchmark: { aliases: ["bench"], arguments: "[targets..]", describe: "Send many requests and report percentiles" },
  profile: { aliases: ["prof"], arguments: "[target]", describe: "Look at one request in depth" },
  validate: { aliases: ["val"], arguments: "[targets..]", describe: "Check key, endpoint and model before a run" },
  sim: { aliases: [], arguments: "", describe: "Serve pretended models with known latencies" },
  config: { aliases: [], arguments: "[targets..]", describe: "Show the settings in force and where they come from" },
  completion: { aliases: [], arguments: "[shell]", describe: "Print a completion script for bash, zsh or fish" },
} as const;

export type CommandName = keyof typeof COMMANDS;

/** A flag as it was typed: text, several texts where it may be repeated, or a switch. */
export type FlagValue = string | boolean | readonly string[];

/** The flags that were typed, by name. */
export type Flags = Readonly<Record<string, FlagValue | undefined>>;

/** How the text of a flag or an environment variable is read before the schema judges it. */
export type OptionKind = "text" | "number" | "switch" | "list" | "headers";

/** One option: a flag, an environment variable and a key of the configuration file at once. */
export interface Option {
  readonly kind: OptionKind;
  readonly describe: string;
  /** Completes "Expected … to be". */
  readonly expected: string;
  /** Stands for the value in the help. */
  readonly placeholder?: string;
  readonly aliases?: readonly string[];
  readonly group: "Target" | "Prompt" | "Load" | "Limits" | "Output" | "Other";
  readonly commands: readonly CommandName[];
  /** Where the flag has another name than the key. */
  readonly flag?: string;
}

const REQUESTING: readonly CommandName[] = ["benchmark", "profile", "validate", "config"];
const MEASURING: readonly CommandName[] = ["benchmark", "profile", "config"];
const LOADING: readonly CommandName[] = ["benchmark", "config"];
const DURATION = "milliseconds or a duration such as 500ms, 30s or 5m, more than 0";

/** Settings without a flag of their own: targets are arguments, and prices are for the configuration file only. */
export const FILE_SETTINGS = {
  targets: {
    describe: "What to measure when the command line names nothing",
    expected: 'a list of "PROVIDER:MODEL", in quotes, or of objects with a `target`',
  },
  prices: {
    describe: "Prices by model id, before all others",
    expected: "prices by model id, each with `inputPerMillionUsd` and `outputPerMillionUsd`",
  },
} as const;

export type FileSetting = keyof typeof FILE_SETTINGS;

/** Every option that a flag, `LENS_*` or the configuration file can set; the key is its name in the file. */
export const OPTIONS = {
  provider: {
    kind: "text",
    group: "Target",
    commands: REQUESTING,
    placeholder: "ID",
    expected: "a provider",
    describe: "Provider, with --model instead of a target",
  },
  model: {
    kind: "text",
    group: "Target",
    commands: REQUESTING,
    placeholder: "NAME",
    aliases: ["m"],
    expected: "the name of a model",
    describe: "Model, passed on as it is",
  },
  baseUrl: {
    kind: "text",
    group: "Target",
    commands: REQUESTING,
    placeholder: "URL",
    aliases: ["endpoint"],
    expected: "an http or https URL",
    describe: "What the provider's SDK calls its base URL",
  },
  apiKeyEnv: {
    kind: "text",
    group: "Target",
    commands: REQUESTING,
    placeholder: "NAME",
    expected: "the name of an environment variable",
    describe: "Variable that holds the key",
  },
  headers: {
    kind: "headers",
    flag: "header",
    group: "Target",
    commands: REQUESTING,
    placeholder: "NAME:VALUE",
    aliases: ["H"],
    expected: "a header as `Name: value`",
    describe: "Header to send; may be repeated",
  },
  label: {
    kind: "text",
    group: "Target",
    commands: MEASURING,
    placeholder: "TEXT",
    expected: "a name",
    describe: "Name of the target in reports",
  },
  prompt: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "TEXT",
    aliases: ["p"],
    expected: "some text",
    describe: "What to ask",
  },
  promptFile: {
    kind: "text",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File with the prompt; - reads standard input",
  },
  system: { kind: "text", group: "Prompt", commands: MEASURING, placeholder: "TEXT", expected: "some text", describe: "System prompt" },
  maxTokens: {
    kind: "number",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "N",
    expected: "a whole number from 1 up",
    describe: "Limit on output tokens",
  },
  temperature: {
    kind: "number",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "X",
    expected: "a number from 0 up",
    describe: "Sampling temperature; not sent unless given",
  },
  topP: {
    kind: "number",
    group: "Prompt",
    commands: MEASURING,
    placeholder: "X",
    expected: "a number from 0 to 1",
    describe: "Nucleus sampling; not sent unless given",
  },
  requests: {
    kind: "number",
    group: "Load",
    commands: LOADING,
    placeholder: "N",
    aliases: ["n"],
    expected: "a whole number from 1 up",
    describe: "Requests to send",
  },
  duration: {
    kind: "text",
    group: "Load",
    commands: LOADING,
    placeholder: "TIME",
    aliases: ["d"],
    expected: DURATION,
    describe: "Time after which no more requests are sent",
  },
  concurrency: {
    kind: "number",
    group: "Load",
    commands: LOADING,
    placeholder: "N",
    aliases: ["c"],
    expected: "a whole number from 1 up",
    describe: "Requests under way at once",
  },
  warmup: {
    kind: "number",
    group: "Load",
    commands: LOADING,
    placeholder: "N",
    expected: "a whole number from 0 up",
    describe: "Requests sent first and left out of all figures",
  },
  simTruth: {
    kind: "text",
    group: "Load",
    commands: LOADING,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File for the built-in simulator's log of the truth",
  },
  timeout: {
    kind: "text",
    group: "Limits",
    commands: REQUESTING,
    placeholder: "TIME",
    expected: DURATION,
    describe: "Longest time for a whole request",
  },
  connectTimeout: {
    kind: "text",
    group: "Limits",
    commands: REQUESTING,
    placeholder: "TIME",
    expected: DURATION,
    describe: "Longest time to a connection",
  },
  firstByteTimeout: {
    kind: "text",
    group: "Limits",
    commands: REQUESTING,
    placeholder: "TIME",
    expected: DURATION,
    describe: "Longest wait for the first byte of the answer",
  },
  idleTimeout: {
    kind: "text",
    group: "Limits",
    commands: REQUESTING,
    placeholder: "TIME",
    expected: DURATION,
    describe: "Longest wait between two pieces of content",
  },
  retries: {
    kind: "number",
    group: "Limits",
    commands: MEASURING,
    placeholder: "N",
    expected: "a whole number from 0 up",
    describe: "Further tries after a passing failure",
  },
  maxErrorRate: {
    kind: "number",
    group: "Limits",
    commands: MEASURING,
    placeholder: "SHARE",
    expected: "a share such as 0.01 or 1%",
    describe: "Share of failed requests that is still a success",
  },
  format: {
    kind: "list",
    group: "Output",
    commands: MEASURING,
    placeholder: "NAME",
    aliases: ["f"],
    expected: "the name of a format",
    describe: "console, json or json-compact; several by comma",
  },
  output: {
    kind: "list",
    group: "Output",
    commands: MEASURING,
    placeholder: "FILE",
    aliases: ["o"],
    expected: "the path of a file",
    describe: "File for the report, one for each format",
  },
  records: {
    kind: "text",
    group: "Output",
    commands: MEASURING,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File for the record of every request, one line each",
  },
  json: {
    kind: "switch",
    group: "Output",
    commands: [...REQUESTING, "sim"],
    expected: "true or false",
    describe: "Short for --format json",
  },
  explain: { kind: "switch", group: "Output", commands: MEASURING, expected: "true or false", describe: "Say what each figure means" },
  quiet: {
    kind: "switch",
    group: "Output",
    commands: REQUESTING,
    aliases: ["q"],
    expected: "true or false",
    describe: "No progress and no notes",
  },
  verbose: {
    kind: "switch",
    group: "Output",
    commands: [...REQUESTING, "sim"],
    aliases: ["v"],
    expected: "true or false",
    describe: "Say more, stack traces included",
  },
  color: { kind: "switch", group: "Output", commands: REQUESTING, expected: "true or false", describe: "Colour; --no-color turns it off" },
} as const satisfies Record<Exclude<keyof Settings, FileSetting>, Option>;

export type OptionName = keyof typeof OPTIONS;

/** All option names, in the order of the help. */
export const OPTION_NAMES = Object.keys(OPTIONS) as readonly OptionName[];

/** Everything that a configuration file may hold. */
export const SETTINGS: Readonly<Record<FileSetting | OptionName, Pick<Option, "describe" | "expected">>> = { ...FILE_SETTINGS, ...OPTIONS };

/** The names of all settings, in the order in which `lens config` shows them. */
export const SETTING_NAMES = Object.keys(SETTINGS) as readonly (FileSetting | OptionName)[];

/** `maxTokens` → `max-tokens`, as it is typed. */
export function flagName(name: OptionName): string {
  const option: Option = OPTIONS[name];
  return option.flag ?? name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** `maxTokens` → `LENS_MAX_TOKENS`. */
export function variableName(name: OptionName | "targets"): string {
  return `LENS_${name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
