import { availableParallelism, cpus } from "node:os";
import { systemClock } from "@lens/core";
import type { Io, Output } from "./io.ts";
import { proxyFromEnvironment } from "./proxy.ts";
import { startSimulatorProcess } from "./simulator-process.ts";

/** The narrowest and widest lines that are drawn, whatever the terminal says. */
const DEFAULT_COLUMNS = 80;

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
  };
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
    onInterrupt(listener) {
      process.on("SIGINT", listener);
      process.on("SIGTERM", listener);
      return () => {
        process.off("SIGINT", listener);
        process.off("SIGTERM", listener);
      };
    },
    onStdinEnd(listener) {
      process.stdin.once("end", listener).once("error", listener).resume();
      return () => void process.stdin.off("end", listener).off("error", listener).pause();
    },
    exitNow: (code) => process.exit(code),
    proxyFor: proxyFromEnvironment,
    startSimulator: (args) => startSimulatorProcess(args, { node: process.execPath, platform: process.platform, env: process.env }),
  };
}
