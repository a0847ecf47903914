import { copyFileSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { adapters } from "@lens/providers";
import { EXIT_CODES } from "../../apps/cli/src/exit-codes.ts";
import { main } from "../../apps/cli/src/main.ts";
import { createFakeIo, type FakeIo, type FakeIoOptions } from "../../apps/cli/test/fake-io.ts";
import { rootDir } from "../scripts/workspace.mjs";
import { expandWord } from "./other-programs.ts";
import { partNotPrinted, type Step } from "./page-steps.ts";
import { commandNamed, isForeign, type Servers, tame, tameSettings } from "./tamed.ts";

/** At the pace of a model, for output that a page shows. */
const LIFELIKE = { ttftMs: { median: 20, sigma: 0.2 }, gapMs: 2, outputTokens: 16 };
const KEYS = Object.fromEntries(adapters.flatMap(({ apiKeyEnv }) => apiKeyEnv).map((name) => [name, "any"]));

/** What a reader is taken to have in the folder, wherever a command reads it: the examples by their names, and some prompt. */
const EXAMPLES = new Map([
  ["prompt.txt", path.join(rootDir, "examples/prompts/essay.md")],
  ...["examples/prompts", "examples/workloads"].flatMap((folder) =>
    readdirSync(path.join(rootDir, folder)).map((name) => [name, path.join(rootDir, folder, name)] as const),
  ),
]);

/** The settings that a page shows, as a file. */
export interface Settings {
  readonly file: string;
  readonly text: string;
}

/** What a command is run with. */
export interface Surroundings {
  readonly settings: Settings | null;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
}

/** What came of a command. */
export interface Done {
  readonly out: string;
  /** Null where all is as the page says. */
  readonly fault: string | null;
}

/** Runs commands of ours in one folder. */
export interface OwnCommands {
  run(args: readonly string[], step: Step, surroundings: Surroundings): Promise<Done>;
  /** Ends what goes on, and says what is wrong with that. */
  close(): Promise<readonly string[]>;
}

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A monitor that goes on while the page does. */
interface Service {
  readonly io: FakeIo;
  readonly ended: Promise<number>;
}

/** Runs commands in this process, tamed. */
export function createOwnCommands(cwd: string, elsewhere: Omit<Servers, "monitorAddress">): OwnCommands {
  const services: Service[] = [];
  let monitorAddress: string | null = null;

  /** Starts a monitor, and leaves it running as soon as it listens. */
  async function startMonitor(args: readonly string[], options: FakeIoOptions): Promise<Ended> {
    let listens = (): void => undefined;
    const listening = new Promise<void>((resolve) => (listens = resolve));
    const io = await createFakeIo({
      ...options,
      onErr(own) {
        const [, address] = /"message":"listening","url":"http:\/\/([^"]+)"/.exec(own.err()) ?? [];
        if (address === undefined) return;
        monitorAddress = address;
        listens();
      },
    });
    const ended = main(args, io);
    services.push({ io, ended });
    const code = await Promise.race([ended, listening.then(() => EXIT_CODES.ok)]);
    return { code, out: io.out(), err: io.err() };
  }

  async function start(args: readonly string[], options: FakeIoOptions): Promise<Ended> {
    const command = commandNamed(args[0] ?? "");
    if (command === "monitor") return startMonitor(args, options);
    // Ctrl-C ends the simulator as soon as it has said where it is.
    const io = await createFakeIo({ ...options, onOut: (own) => command === "sim" && own.interrupt() });
    const code = await main(args, io);
    return { code, out: io.out(), err: io.err() };
  }

  /** Gives `lens run --resume` a run to go on with: one that Ctrl-C broke off at once. */
  async function breakOff(directory: string, settings: Settings | null, options: FakeIoOptions): Promise<void> {
    const io = await createFakeIo({ ...options, onErr: (own) => own.err().includes("interrupted") || own.interrupt() });
    const written = ["run", "--directory", directory];
    await main(tame(written, { servers: { ...elsewhere, monitorAddress }, foreign: isForeign(settings?.text ?? ""), exact: true }), io);
  }

  return {
    async run(written, step, { settings, env, stdin }) {
      const servers = { ...elsewhere, monitorAddress };
      const file = path.join(cwd, settings?.file ?? "lens.config.yaml");
      if (settings === null) rmSync(file, { force: true });
      else writeFileSync(file, tameSettings(settings.text, servers));
      const foreign = written.slice(1).some(isForeign) || isForeign(settings?.text ?? "");
      const words = written.flatMap((word) => expandWord(word, cwd));
      const args = tame(words, { servers, foreign, exact: step.shown !== null });
      furnish(cwd, args, settings?.text ?? "");
      const isWatched = args.includes("--open");
      const options = {
        cwd,
        stdin,
        isTty: isWatched,
        hasDesktop: isWatched,
        env: { ...(foreign ? KEYS : {}), ...env },
        ...(step.shown === null ? {} : { scenario: LIFELIKE }),
      };
      if (args.includes("--resume")) await breakOff(args[args.indexOf("--resume") + 1] ?? "", settings, options);
      const ended = await start(args, options);
      return { out: ended.out, fault: faultOf(ended, args, step, cwd) };
    },
    async close() {
      for (const { io } of services) io.interrupt();
      const codes = await Promise.all(services.map(({ ended }) => ended));
      return codes.flatMap((code, index) => (code === EXIT_CODES.ok ? [] : [`a monitor ended with ${code}: ${services[index]?.io.err()}`]));
    },
  };
}

/** Where a page says nothing of it, a verdict on what was measured may go either way. */
function mayEndWith(args: readonly string[]): readonly number[] {
  if (args[0] === "selftest") return [EXIT_CODES.ok, EXIT_CODES.clientLimited];
  return args[0] === "compare" || args.some((arg) => arg.startsWith("vs ")) ? [EXIT_CODES.ok, EXIT_CODES.regression] : [EXIT_CODES.ok];
}

/** Puts the examples into the folder that a command reads. */
function furnish(cwd: string, args: readonly string[], settings: string): void {
  const written = filesNamed(args);
  for (const [name, example] of EXAMPLES) {
    const isRead = (args.includes(name) && !written.includes(name)) || settings.includes(`: ${name}\n`);
    if (isRead && !existsSync(path.join(cwd, name))) copyFileSync(example, path.join(cwd, name));
  }
}

/** The files that a command is told to write, as far as their names are known beforehand. */
function filesNamed(args: readonly string[]): readonly string[] {
  const lists = args.filter((_, index) => ["--output", "-o", "--records", "--sim-truth"].includes(args[index - 1] ?? ""));
  return lists.flatMap((list) => list.split(",")).filter((name) => name !== "-" && !/\{|\.hgrm$/.test(name));
}

function faultOf({ code, out, err }: Ended, args: readonly string[], { comment, shown }: Step, cwd: string): string | null {
  const said = /exit code (\d+)/.exec(comment)?.[1];
  // What is shown tells of a failure by itself.
  const expected = said !== undefined ? [Number(said)] : shown === null ? mayEndWith(args) : null;
  if (expected?.includes(code) === false) return `ended with exit code ${code}: ${err.trim().slice(-600)}`;
  const missing = shown === null ? null : partNotPrinted(shown, out + err);
  if (missing !== null) return `did not print: ${missing}`;
  if (code !== EXIT_CODES.ok) return null;
  const [complaint] = /^lens: .*$/m.exec(err) ?? [];
  if (complaint !== undefined) return `complained: ${complaint}`;
  const unwritten = filesNamed(args).find((name) => !existsSync(path.join(cwd, name)));
  return unwritten === undefined ? null : `did not write ${unwritten}`;
}
