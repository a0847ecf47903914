import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemClock } from "@lens/core";
import { formatTruth, type Scenario, startSimulator, type TruthEntry } from "@lens/sim";
import type { Io, Output } from "../src/io.ts";
import { main } from "../src/main.ts";

/** An Io that keeps what is written, and whose simulator runs in this process. */
export interface FakeIo extends Io {
  readonly out: () => string;
  readonly err: () => string;
  /** Sends what Ctrl-C sends. */
  interrupt(): void;
  /** Sends what asks a service to read its configuration anew. */
  hangUp(): void;
  readonly exits: readonly number[];
  /** What was asked. */
  readonly questions: readonly string[];
  /** What was to be opened on the desktop. */
  readonly opened: readonly string[];
  readonly truth: () => readonly TruthEntry[];
  endStdin(): void;
}

export interface FakeIoOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string;
  readonly isTty?: boolean;
  /** What to answer; nobody answers unless given. */
  readonly answer?: boolean;
  readonly stripsTypes?: boolean;
  readonly hasDesktop?: boolean;
  readonly scenario?: Partial<Scenario>;
  /** Called with every piece that is written to standard output. */
  readonly onOut?: (io: FakeIo, text: string) => void;
  /** Called with every piece that is written to standard error. */
  readonly onErr?: (io: FakeIo, text: string) => void;
}

/** Quick and exact enough for tests. */
export const QUICK: Partial<Scenario> = { ttftMs: 5, gapMs: 1, outputTokens: 4 };

export async function createFakeIo(options: FakeIoOptions = {}): Promise<FakeIo> {
  const written = { out: "", err: "" };
  const interrupts = new Set<() => void>();
  const hangUps = new Set<() => void>();
  const stdinEnds = new Set<() => void>();
  const exits: number[] = [];
  const questions: string[] = [];
  const opened: string[] = [];
  let truth: readonly TruthEntry[] = [];
  const output = (name: "out" | "err"): Output => ({
    async write(text) {
      written[name] += text;
      if (name === "out") options.onOut?.(io, text);
      else options.onErr?.(io, text);
    },
    isTty: options.isTty ?? false,
    columns: 80,
    rows: 24,
  });
  const io: FakeIo = {
    stdout: output("out"),
    stderr: output("err"),
    env: options.env ?? {},
    cwd: options.cwd ?? (await mkdtemp(join(tmpdir(), "lens-cli-"))),
    clock: systemClock,
    machine: { platform: "test", arch: "test", cpu: "test", cores: 1 },
    nodeVersion: "20.0.0",
    stripsTypes: options.stripsTypes ?? false,
    readStdin: async () => options.stdin ?? "",
    onInterrupt(listener) {
      interrupts.add(listener);
      return () => interrupts.delete(listener);
    },
    onHangUp(listener) {
      hangUps.add(listener);
      return () => hangUps.delete(listener);
    },
    onStdinEnd(listener) {
      stdinEnds.add(listener);
      return () => stdinEnds.delete(listener);
    },
    exitNow: (code) => void exits.push(code),
    confirm: async (question) => {
      questions.push(question);
      return options.answer ?? null;
    },
    startsWorkers: false,
    proxyFor: () => null,
    openOnDesktop: async (path) => {
      opened.push(path);
      return options.hasDesktop ?? false;
    },
    async startSimulator(args) {
      const simulator = await startSimulator({ scenario: { ...QUICK, ...options.scenario } });
      const path = args[args.indexOf("--truth") + 1];
      return {
        baseUrls: simulator.baseUrls,
        async close() {
          await simulator.close();
          truth = simulator.truth();
          if (path !== undefined && args.includes("--truth"))
            await writeFile(resolve(io.cwd, path), truth.map((entry) => `${formatTruth(entry)}\n`).join(""));
        },
      };
    },
    out: () => written.out,
    err: () => written.err,
    interrupt: () => interrupts.forEach((listener) => listener()),
    hangUp: () => hangUps.forEach((listener) => listener()),
    endStdin: () => stdinEnds.forEach((listener) => listener()),
    exits,
    truth: () => truth,
    questions,
    opened,
  };
  return io;
}

/** Runs the program as `lens ARGS` would, and gives back all that can be seen of it. */
export async function lens(
  args: string | readonly string[],
  options: FakeIoOptions = {},
): Promise<{ code: number; out: string; err: string; io: FakeIo }> {
  const io = await createFakeIo(options);
  const words = typeof args === "string" ? args.split(" ").filter((word) => word !== "") : args;
  const code = await main(words, io);
  return { code, out: io.out(), err: io.err(), io };
}
