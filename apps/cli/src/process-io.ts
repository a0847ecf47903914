import { availableParallelism, cpus } from "node:os";
import { systemClock } from "@lens/core";
import { openOnDesktop } from "./desktop.ts";
import type { Io, Output } from "./io.ts";
import { proxyFromEnvironment } from "./proxy.ts";
import { startSimulatorProcess } from "./simulator-process.ts";

/** Where a stream does not say how large it is. */
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

function createOutput(stream: NodeJS.WriteStream): Output {
  let readerGone = false;
  // A reader that has seen enough (`lens … | head`) closes the pipe; that is its right and no failure of ours.
  stream.on("error", () => {
    readerGone = true;
  });
  return {
    write: (text) => new Promise((resolve) => (readerGone ? resolve() : void stream.write(text, () => resolve()))),
    isTty: stream.isTTY === true,
    get columns() {
      return stream.columns ?? DEFAULT_COLUMNS;
    },
    get rows() {
      return stream.rows ?? DEFAULT_ROWS;
    },
  };
}

/** Asks on the terminal. Ctrl-C and the end of the input are a no. */
async function confirmOnTerminal(question: string): Promise<boolean | null> {
  if (process.stdin.isTTY !== true || process.stderr.isTTY !== true) return null;
  const { createInterface } = await import("node:readline");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise<boolean>((resolve) => {
      terminal.once("close", () => resolve(false)).once("SIGINT", () => resolve(false));
      terminal.question(`${question} [y/N] `, (answer) => resolve(/^y(es)?$/i.test(answer.trim())));
    });
  } finally {
    terminal.close();
  }
}

/** The real world: this process, its streams, its environment and its signals. */
export function createProcessIo(): Io {
  return {
    stdout: createOutput(process.stdout),
    stderr: createOutput(process.stderr),
    env: process.env,
    cwd: process.cwd(),
    clock: systemClock,
    get machine() {
      return { platform: process.platform, arch: process.arch, cpu: cpus()[0]?.model.trim() ?? "unknown", cores: availableParallelism() };
    },
    nodeVersion: process.versions.node,
    stripsTypes: Boolean((process.features as { readonly typescript?: unknown }).typescript),
    async readStdin() {
      let text = "";
      process.stdin.setEncoding("utf8");
      for await (const chunk of process.stdin) text += String(chunk);
      return text;
    },
    confirm: confirmOnTerminal,
    onInterrupt(listener) {
      process.on("SIGINT", listener);
      process.on("SIGTERM", listener);
      return () => {
        process.off("SIGINT", listener);
        process.off("SIGTERM", listener);
      };
    },
    onHangUp(listener) {
      process.on("SIGHUP", listener);
      return () => void process.off("SIGHUP", listener);
    },
    onStdinEnd(listener) {
      process.stdin.once("end", listener).once("error", listener).resume();
      return () => void process.stdin.off("end", listener).off("error", listener).pause();
    },
    exitNow: (code) => process.exit(code),
    startsWorkers: true,
    proxyFor: proxyFromEnvironment,
    openOnDesktop: (path) => openOnDesktop(path, { platform: process.platform, env: process.env }),
    startSimulator: (args) => startSimulatorProcess(args, { node: process.execPath, platform: process.platform, env: process.env }),
  };
}
