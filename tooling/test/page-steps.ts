import { type Block } from "./markdown.ts";
import { commandsOf, type ShellCommand } from "./shell.ts";

/** A command of a page. */
export interface Step extends ShellCommand {
  /** The output that the page shows of it, with `…` for lines left out; null where it shows none. */
  readonly shown: string | null;
}

/** The commands of a block of `sh`, or of a `console` block, where they stand after `$`. */
export function stepsOf({ language, text }: Block): readonly Step[] {
  if (language === "sh") return commandsOf(text).map((command) => ({ ...command, shown: null }));
  if (language !== "console") return [];
  const [before = "", ...parts] = text.split(/^\$ /m);
  let line = before.split("\n").length - 1;
  return parts.flatMap((part) => {
    const [typed = "", ...shown] = part.split("\n");
    const steps = commandsOf(typed).map((command) => ({ ...command, line, shown: shown.join("\n") }));
    line += shown.length;
    return steps;
  });
}

/** The arguments that a command gives to our program, by whatever name it is started; null for another program. */
export function ownArguments([program = "", ...words]: readonly string[]): readonly string[] | null {
  const at = words.findIndex((word) => !word.startsWith("-"));
  if (program === "lens") return words;
  if (program === "npx" && words[at] === "llm-latency-lens") return words.slice(at + 1);
  if (program === "node" && words[at]?.endsWith("apps/cli/bin/lens.js") === true) return words.slice(at + 1);
  const image = words.findIndex((word) => /^(?:[\w.-]+\/)*llm-latency-lens:/.test(word));
  return program === "docker" && words[at] === "run" && image >= 0 ? words.slice(image + 1) : null;
}

/** The name of the file of settings that a block is; null for any other block. */
export function settingsFileOf({ language, text }: Block): string | null {
  if (language !== "yaml" || !/^(?:targets|scenarios|thresholds):/m.test(text)) return null;
  return /^# ([\w.-]+\.ya?ml)$/m.exec(text)?.[1] ?? "lens.config.yaml";
}

/** The words of an output without its figures, which differ from run to run. */
const wordsIn = (text: string): string =>
  text.replaceAll(/[±~]?\d[\d.,]*(?: ?(?:ns|µs|ms|s|min|MB))?(?![\w.])/g, "#").replaceAll(/\s+/g, " ");

/** The first part of the shown output that was not printed; null where all was. */
export function partNotPrinted(shown: string, printed: string): string | null {
  const parts = shown.split(/^…$/m).map((part) => wordsIn(part).trim());
  return parts.find((part) => !wordsIn(printed).includes(part)) ?? null;
}
