import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { blocksOf } from "./markdown.ts";
import { faultOfOther } from "./other-programs.ts";
import { createOwnCommands, type Done, type Settings } from "./own-commands.ts";
import { ownArguments, settingsFileOf, type Step, stepsOf } from "./page-steps.ts";
import type { Servers } from "./tamed.ts";

/** Asks whether settings are understood. */
const LOOK_AT_SETTINGS: Step = { line: 0, env: {}, words: [], isPiped: false, input: null, output: null, comment: "", shown: null };

/**
 * Does what a page says, command by command, as a reader would in one folder: ours are run, and have to end with the exit code that the comment beside them
 * names, without a complaint, and to write the files and the words that the page shows; those of other programs are looked at. The settings that a page
 * shows hold in their section. Resolves to what is wrong, each with its place.
 */
export async function followPage(page: string, servers: Omit<Servers, "monitorAddress">): Promise<readonly string[]> {
  const cwd = mkdtempSync(path.join(tmpdir(), "lens-page-"));
  const own = createOwnCommands(cwd, servers);
  const exported: Record<string, string> = {};
  const faults: string[] = [];
  let settings: (Settings & { readonly section: string }) | null = null;

  async function follow(step: Step, before: string): Promise<Done> {
    const args = ownArguments(step.words);
    if (args === null) {
      pretend(step, { cwd, exported });
      return { out: "", fault: faultOfOther(step.words) };
    }
    const stdin = step.input === null ? before : readFileSync(path.join(cwd, step.input), "utf8");
    const done = await own.run(args, step, { settings, env: { ...exported, ...step.env }, stdin });
    if (step.output !== null) writeFileSync(path.join(cwd, step.output), done.out);
    return done;
  }

  for (const block of blocksOf(page)) {
    const tell = (line: number, what: string, fault: string | null): void =>
      void (fault !== null && faults.push(`${page}:${block.line + line}: \`${what}\` ${fault}`));
    const file = settingsFileOf(block);
    if (settings !== null && (file !== null || settings.section !== block.section)) {
      rmSync(path.join(cwd, settings.file), { force: true });
      settings = null;
    }
    if (file !== null) {
      settings = { file, section: block.section, text: block.text };
      const { fault } = await own.run(["config", "--config", file], LOOK_AT_SETTINGS, { settings, env: {}, stdin: "" });
      tell(0, file, fault);
    }
    let before = "";
    for (const step of stepsOf(block)) {
      const { out, fault } = await follow(step, step.isPiped ? before : "");
      before = out;
      tell(step.line, step.words.join(" "), fault);
    }
  }
  for (const fault of await own.close()) faults.push(`${page}: ${fault}`);
  rmSync(cwd, { recursive: true, force: true });
  return faults;
}

interface Place {
  readonly cwd: string;
  /** What the reader's shell hands on. */
  readonly exported: Record<string, string>;
}

/** Leaves behind what a command of another program would, as far as those after it can tell: what it writes is not known, but that it is there. */
function pretend({ words: [program = "", ...args], output }: Step, { cwd, exported }: Place): void {
  if (program === "export")
    for (const [name = "", value = ""] of args.map((arg) => arg.split("=", 2))) exported[name] = value.replace("…", "any");
  if (program === "mkdir")
    for (const name of args.filter((arg) => !arg.startsWith("-"))) mkdirSync(path.join(cwd, name), { recursive: true });
  if (output === null || /[$/]/.test(output) || existsSync(path.join(cwd, output))) return;
  writeFileSync(path.join(cwd, output), "written\n");
}
