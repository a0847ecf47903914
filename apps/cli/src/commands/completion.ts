import { LensError } from "@lens/core";
import { type CommandName, COMMANDS } from "../command-table.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { flagsOf } from "../flags.ts";
import type { Io } from "../io.ts";
import { FORMAT_WORDS } from "../output-options.ts";

const NAMES = Object.keys(COMMANDS) as readonly CommandName[];

const SCRIPTS: Readonly<Record<string, string>> = {
  bash: `# In ~/.bashrc: eval "$(lens completion bash)"
_lens() {
  mapfile -t COMPREPLY < <(compgen -o default -W "$(lens --complete "\${COMP_WORDS[@]:1:COMP_CWORD}")" -- "\${COMP_WORDS[COMP_CWORD]}")
}
complete -o default -o nosort -F _lens lens llm-latency-lens
`,
  zsh: `# In ~/.zshrc, after compinit: eval "$(lens completion zsh)"
_lens() {
  local -a words_found
  words_found=("\${(@f)$(lens --complete "\${(@)words[2,CURRENT]}")}")
  compadd -a words_found || _files
}
compdef _lens lens llm-latency-lens
`,
  fish: `# In ~/.config/fish/config.fish: lens completion fish | source
complete -c lens -a '(lens --complete (commandline -opc)[2..] (commandline -ct))'
complete -c llm-latency-lens -a '(lens --complete (commandline -opc)[2..] (commandline -ct))'
`,
};

/** Prints the script that teaches a shell to complete `lens`. */
export async function runCompletion(positionals: readonly string[], io: Io): Promise<number> {
  const shell = positionals[0] ?? io.env.SHELL?.split("/").at(-1) ?? "bash";
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined)
    throw new LensError("INVALID_ARGUMENT", `Expected a shell (${Object.keys(SCRIPTS).join(", ")}), got \`${shell.slice(0, 60)}\`.`);
  await io.stdout.write(script);
  return EXIT_CODES.ok;
}

const FORMAT_FLAGS: readonly string[] = ["--format", "-f"];

/** The words for formats, after those of a list that are there already. */
function completeFormats(typed: string): readonly string[] {
  const listed = typed.slice(0, typed.lastIndexOf(",") + 1);
  return FORMAT_WORDS.map((word) => `${listed}${word}`).filter((word) => word.startsWith(typed));
}

/** What may stand in place of the last of `words`, the first being the command. */
export function complete(words: readonly string[]): readonly string[] {
  const last = words.at(-1) ?? "";
  const command = NAMES.find((name) => name === words[0] || (COMMANDS[name].aliases as readonly string[]).includes(words[0] ?? ""));
  if (words.length <= 1) return NAMES.filter((name) => name.startsWith(last));
  if (command === undefined) return [];
  if (command === "completion") return Object.keys(SCRIPTS).filter((shell) => shell.startsWith(last));
  const before = words.at(-2) ?? "";
  if (FORMAT_FLAGS.includes(before) && flagsOf(command).some(({ name }) => name === "format")) return completeFormats(last);
  if (!last.startsWith("-")) return [];
  return flagsOf(command)
    .map(({ name }) => `--${name}`)
    .filter((flag) => flag.startsWith(last));
}
