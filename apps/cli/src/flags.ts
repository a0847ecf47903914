import type { CommandName } from "./command-table.ts";
import type { Settings } from "./config-schema.ts";
import { DEFAULT_SETTINGS } from "./defaults.ts";
import type { Option, OptionKind } from "./option.ts";
import { flagName, OPTION_NAMES, type OptionName, OPTIONS } from "./options.ts";
import { SIM_OPTIONS, type SimOption } from "./sim-options.ts";

/** A flag as the command line knows it. */
export interface Flag {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly kind: OptionKind;
  /** Stands for the value in the help; none for a switch. */
  readonly placeholder: string | undefined;
  readonly describe: string;
  readonly group: string;
}

/** Commands that no setting concerns. */
const WITHOUT_CONFIG: readonly CommandName[] = ["completion", "sim", "selftest", "baseline"];

/** The flags that a command takes, in the order of its help. */
export function flagsOf(command: CommandName): readonly Flag[] {
  const own = OWN_FLAGS[command] ?? [];
  const shared = OPTION_NAMES.filter((name) => takes(command, name)).map(sharedFlag);
  return WITHOUT_CONFIG.includes(command) ? [...own, ...shared] : [...own, ...shared, CONFIG_FLAG];
}

function takes(command: CommandName, name: OptionName): boolean {
  const { commands }: Option = OPTIONS[name];
  return commands.includes(command);
}

function sharedFlag(name: OptionName): Flag {
  const { aliases = [], kind, placeholder, describe, group }: Option = OPTIONS[name];
  const value: unknown = (DEFAULT_SETTINGS as Settings)[name];
  const described = typeof value === "number" ? `${describe} (default ${value})` : describe;
  return { name: flagName(name), aliases, kind, placeholder, describe: described, group };
}

function ownFlag(group: string, name: string, describe: string, placeholder?: string, aliases: readonly string[] = []): Flag {
  return { name, aliases, kind: placeholder === undefined ? "switch" : "text", placeholder, describe, group };
}

/** Says where settings come from, and so is none itself. */
const CONFIG_FLAG = ownFlag("Other", "config", "Configuration file, instead of lens.config.*", "FILE");

const OWN_FLAGS: Partial<Record<CommandName, readonly Flag[]>> = {
  run: [
    ownFlag("Run", "only", "Run these scenarios only; several by comma", "NAME"),
    ownFlag("Run", "directory", "Directory to make for the results (default results/{run})", "DIR"),
    ownFlag("Run", "resume", "Go on with the run in this directory that was broken off", "DIR"),
    ownFlag("Run", "manifest", "Repeat the run that left this manifest.json", "FILE"),
    ownFlag("Run", "save-prompts", "Keep the prompts in the manifest, which else has their hash only"),
  ],
  profile: [
    ownFlag("Output", "stream", "Show the answer as it comes, on standard error"),
    ownFlag("Output", "stream-to", "Show the answer on stdout and the report on stderr", "stdout"),
  ],
  selftest: [
    ownFlag("Load", "streams", "Streams at once, one count after the other (default 1,10,100,300)", "N,N"),
    ownFlag("Load", "duration", "Time for all of them together (default 10s)", "TIME"),
  ],
  export: [ownFlag("Output", "input", "Result to export, as the argument", "FILE", ["i"])],
  report: [ownFlag("Output", "open", "Open the page in the browser")],
  validate: [ownFlag("Other", "test-request", "Send one tiny request as well")],
  sim: SIM_OPTIONS.map(({ flag, describe, placeholder }: SimOption) => ownFlag("Simulator", flag, describe, placeholder)),
};
