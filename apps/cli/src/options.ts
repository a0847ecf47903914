import { LOADING, MEASURING, PRINTING, PROMPTING, REQUESTING } from "./command-table.ts";
import { COMPARE_OPTIONS } from "./compare-options.ts";
import type { Settings } from "./config-schema.ts";
import { GATE_OPTIONS } from "./gate-options.ts";
import { LOAD_OPTIONS } from "./load-options.ts";
import { MONITOR_OPTIONS } from "./monitor-options.ts";
import { DURATION, type Option } from "./option.ts";
import { OTEL_OPTIONS } from "./otel-options.ts";
import { OUTPUT_OPTIONS } from "./output-options.ts";
import { TRACE_OPTIONS } from "./trace-options.ts";
import { WORKLOAD_OPTIONS } from "./workload-options.ts";

/** Settings without a flag of their own: targets are arguments, and the others are for the configuration file only. */
export const FILE_SETTINGS = {
  targets: {
    describe: "What to measure when the command line names nothing",
    expected: 'a list of "PROVIDER:MODEL", in quotes, or of objects with a `target`',
  },
  prices: {
    describe: "Prices by model id, before all others",
    expected: "prices by model id, each with `inputPerMillionUsd` and `outputPerMillionUsd`",
  },
  scenarios: {
    describe: "Workloads of `lens run` by their names, each with settings of its own over those of the file",
    expected:
      "an object of scenarios, each an object of settings under a name of letters, digits, `.`, `_` and `-` that begins with a letter",
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
    commands: PROMPTING,
    placeholder: "TEXT",
    expected: "a name",
    describe: "Name of the target in reports",
  },
  prompt: {
    kind: "text",
    group: "Prompt",
    commands: PROMPTING,
    placeholder: "TEXT",
    aliases: ["p"],
    expected: "some text",
    describe: "What to ask",
  },
  promptFile: {
    kind: "text",
    group: "Prompt",
    commands: PROMPTING,
    placeholder: "FILE",
    expected: "the path of a file",
    describe: "File with the prompt; - reads standard input",
  },
  ...WORKLOAD_OPTIONS,
  system: { kind: "text", group: "Prompt", commands: PROMPTING, placeholder: "TEXT", expected: "some text", describe: "System prompt" },
  maxTokens: {
    kind: "number",
    group: "Prompt",
    commands: PROMPTING,
    placeholder: "N",
    expected: "a whole number from 1 up",
    describe: "Limit on output tokens",
  },
  temperature: {
    kind: "number",
    group: "Prompt",
    commands: PROMPTING,
    placeholder: "X",
    expected: "a number from 0 up",
    describe: "Sampling temperature; not sent unless given",
  },
  topP: {
    kind: "number",
    group: "Prompt",
    commands: PROMPTING,
    placeholder: "X",
    expected: "a number from 0 to 1",
    describe: "Nucleus sampling; not sent unless given",
  },
  ...LOAD_OPTIONS,
  ...TRACE_OPTIONS,
  ...COMPARE_OPTIONS,
  simTruth: {
    kind: "text",
    group: "Load",
    commands: ["benchmark", "compare", "config"],
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
  ...GATE_OPTIONS,
  slo: {
    kind: "text",
    group: "Thresholds",
    commands: [...LOADING, "merge", "export", "report", "check"],
    placeholder: "LIMITS",
    expected: "SLOs such as ttft=500ms,tpot=30ms,e2e=10s",
    describe: "What a good request is, for goodput: ttft=500ms,tpot=30ms,e2e=10s",
  },
  ...MONITOR_OPTIONS,
  ...OUTPUT_OPTIONS,
  ...OTEL_OPTIONS,
  json: {
    kind: "switch",
    group: "Output",
    commands: [...PRINTING, "merge", "export", "baseline", "check", "selftest", "dataset", "sim"],
    expected: "true or false",
    describe: "Short for --format json",
  },
  quiet: {
    kind: "switch",
    group: "Output",
    commands: [...REQUESTING, "merge", "selftest"],
    aliases: ["q"],
    expected: "true or false",
    describe: "No progress and no notes",
  },
  verbose: {
    kind: "switch",
    group: "Output",
    commands: [...REQUESTING, "merge", "export", "report", "baseline", "check", "selftest", "dataset", "sim", "healthcheck"],
    aliases: ["v"],
    expected: "true or false",
    describe: "Say more, stack traces included",
  },
  color: {
    kind: "switch",
    group: "Output",
    commands: [...PRINTING, "merge", "export", "check"],
    expected: "true or false",
    describe: "Colour; --no-color turns it off",
  },
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
