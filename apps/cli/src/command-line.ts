import { LensError } from "@lens/core";
import yargs, { type Argv } from "yargs";
import { version } from "../package.json";
import { type CommandName, COMMANDS } from "./command-table.ts";
import { EXIT_CODES_IN_WORDS } from "./exit-codes.ts";
import { type Flag, flagsOf } from "./flags.ts";
import { METRICS_OF_THRESHOLDS } from "./gate-options.ts";
import { suggestion } from "./nearest.ts";
import type { Flags } from "./option.ts";

/** What the command line asks for: a command, or a text (help, version) that yargs has already written. */
export type CommandLine =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly name: CommandName; readonly positionals: readonly string[]; readonly flags: Flags };

const NAMES = Object.keys(COMMANDS) as readonly CommandName[];
const GLOBAL_FLAGS = ["help", "h", "version"];

/** Reads the command line. Throws `INVALID_ARGUMENT` for whatever it does not know. */
export async function readCommandLine(args: readonly string[], columns: number): Promise<CommandLine> {
  let chosen: CommandName | null = null;
  let text = "";
  const parser = describeProgram(columns, (name) => {
    chosen = name;
  });
  let parsed: Readonly<Record<string, unknown>>;
  try {
    parsed = await parser.parseAsync([...args], {}, (_error: unknown, _parsed: unknown, output: string) => {
      text = output;
    });
  } catch (error) {
    throw toUsageError(error, chosen);
  }
  if (text !== "") return { kind: "text", text: `${text}\n` };
  const words = (parsed._ as readonly unknown[]).map(String);
  if (chosen === null) return words.length === 0 ? onlyFlags(parsed, await parser.getHelp()) : unknownCommand(words[0] ?? "");
  return checkCommand(chosen, parsed, words.slice(1));
}

function describeProgram(columns: number, choose: (name: CommandName) => void): Argv {
  const parser = yargs()
    .scriptName("lens")
    .locale("en")
    .usage("$0 <command>\n\nMeasures how fast language models answer over HTTP.")
    .parserConfiguration({
      "parse-numbers": false,
      "parse-positional-numbers": false,
      "camel-case-expansion": false,
      "dot-notation": false,
      "strip-aliased": true,
      "greedy-arrays": false,
    })
    .exitProcess(false)
    .fail(false)
    .help("help", "Show this help")
    .alias("help", "h")
    .version("version", "Show the version", version)
    .wrap(Math.min(columns, 100))
    .epilogue(`lens COMMAND --help shows the options of a command.\n\n${EXIT_CODES_IN_WORDS}`);
  for (const name of NAMES) {
    const { aliases, arguments: positionals, describe } = COMMANDS[name];
    parser.command({
      command: `${name} ${positionals}`.trim(),
      aliases,
      describe,
      builder: (command) => {
        choose(name);
        return describeCommand(command, name);
      },
      handler: () => undefined,
    });
  }
  return parser;
}

function describeCommand(parser: Argv, name: CommandName): Argv {
  for (const positional of positionalsOf(name)) {
    parser.positional(positional, { describe: POSITIONALS[positional] });
    // Else a lone `-`, which stands for the standard input, is taken for a flag without a name.
    if (!COMMANDS[name].arguments.includes(`[${positional}..]`)) parser.nargs(positional, 1);
  }
  for (const flag of flagsOf(name)) {
    parser.option(flag.name, {
      alias: [...flag.aliases],
      describe: flag.placeholder === undefined ? flag.describe : `${flag.describe} [${flag.placeholder}]`,
      group: `${flag.group}:`,
      ...(flag.kind === "switch" ? { boolean: true } : { requiresArg: true }),
    });
  }
  return parser.epilogue(flagsOf(name).some((flag) => flag.name === "threshold") ? THRESHOLD_HELP : "");
}

const THRESHOLD_HELP = `Metrics of thresholds: ${METRICS_OF_THRESHOLDS.join(", ")}.`;
const TARGET = "PROVIDER:MODEL, or sim: for the simulator";
const RESULT = "Report as JSON, or records; - reads standard input";

/** What stands for what, in the help. */
const POSITIONALS: Readonly<Record<string, string>> = {
  target: TARGET,
  targets: TARGET,
  url: "Another address to ask, such as http://127.0.0.1:9464/readyz",
  sides: `${TARGET}; or files: ${RESULT}`,
  shell: "bash, zsh or fish",
  result: RESULT,
  results: RESULT,
  action: "save, list or show",
  name: "Name of the baseline",
  task: "inspect",
  file: "File of prompts: text, JSONL, JSON or CSV",
};

const positionalsOf = (name: CommandName): readonly string[] => COMMANDS[name].arguments.match(/\w+/g) ?? [];

const isNamed = (flag: Flag, word: string): boolean => flag.name === word || flag.aliases.includes(word);
const isRepeatable = ({ kind }: Flag): boolean => kind === "list" || kind === "headers" || kind === "values";

function checkCommand(name: CommandName, parsed: Readonly<Record<string, unknown>>, extra: readonly string[]): CommandLine {
  const names = positionalsOf(name);
  const flags = Object.fromEntries(Object.entries(parsed).filter(([word]) => word !== "_" && word !== "$0" && !names.includes(word)));
  const positionals = names
    .flatMap((word) => parsed[word])
    .filter((word) => word !== undefined)
    .map(String);
  for (const [word, value] of Object.entries(flags)) {
    if (GLOBAL_FLAGS.includes(word)) continue;
    const flag = flagsOf(name).find((candidate) => isNamed(candidate, word));
    if (flag === undefined) throw unknownFlag(word, name);
    if (Array.isArray(value) && !isRepeatable(flag)) throw usage(`Expected \`--${flag.name}\` once, got it ${value.length} times.`, name);
  }
  if (extra.length > 0) {
    const most = names.length === 0 ? "no argument" : names.length === 1 ? "one argument" : `at most ${names.length} arguments`;
    throw usage(`Expected ${most}, got \`${clip(extra[0])}\` besides.`, name);
  }
  return { kind: "command", name, positionals, flags: flags as Flags };
}

function unknownFlag(word: string, name: CommandName): LensError {
  const elsewhere = NAMES.filter((other) => other !== "config" && flagsOf(other).some((flag) => isNamed(flag, word)));
  const known = flagsOf(name).map((flag) => flag.name);
  const advice =
    elsewhere.length > 0
      ? ` It is an option of ${elsewhere.map((other) => `\`lens ${other}\``).join(" and ")}.`
      : suggestion(word, known, "--");
  return usage(`Expected an option of \`lens ${name}\`, got \`${asTyped(word)}\`.${advice}`, name);
}

function asTyped(flag: string): string {
  return `${flag.length === 1 ? "-" : "--"}${clip(flag)}`;
}

function unknownCommand(word: string): never {
  const words = NAMES.flatMap((name) => [name, ...COMMANDS[name].aliases]);
  const advice = word.includes(":") ? ` To measure a target: \`lens benchmark ${clip(word)}\`.` : suggestion(word, words);
  throw usage(`Expected a command (${NAMES.join(", ")}), got \`${clip(word)}\`.${advice}`, null);
}

function onlyFlags(parsed: Readonly<Record<string, unknown>>, help: string): CommandLine {
  const flag = Object.keys(parsed).find((key) => key !== "_" && key !== "$0");
  if (flag !== undefined) throw usage(`Expected a command (${NAMES.join(", ")}) before \`${asTyped(flag)}\`.`, null);
  return { kind: "text", text: `${help}\n` };
}

function toUsageError(error: unknown, name: CommandName | null): unknown {
  if (!(error instanceof Error) || error.name !== "YError") return error;
  const flag = /^Not enough arguments following: (.+)$/.exec(error.message)?.[1];
  return usage(flag === undefined ? error.message : `Expected a value after \`${asTyped(flag)}\`, got none.`, name);
}

/** A misuse of the command line, with the way to more help. */
function usage(message: string, name: CommandName | null): LensError {
  return new LensError("INVALID_ARGUMENT", `${message} See \`lens ${name === null ? "" : `${name} `}--help\`.`);
}

function clip(word: string | undefined): string {
  return (word ?? "").slice(0, 60);
}
