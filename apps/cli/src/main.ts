import { type CommandLine, readCommandLine } from "./command-line.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { reportFailure } from "./failure.ts";
import type { Io } from "./io.ts";

export { createProcessIo } from "./process-io.ts";

type Command = Extract<CommandLine, { kind: "command" }>;

/** The whole program: reads the arguments, does what they ask, and gives the exit code. Never rejects. */
export async function main(args: readonly string[], io: Io): Promise<number> {
  try {
    if (args[0] === COMPLETE) return await printCompletions(args.slice(1), io);
    const commandLine = await readCommandLine(args, io.stdout.columns);
    if (commandLine.kind === "command") return await runCommand(commandLine, io);
    await io.stdout.write(commandLine.text);
    return EXIT_CODES.ok;
  } catch (error) {
    return reportFailure(error, { verbose: args.includes("--verbose") || args.includes("-v") }, io);
  }
}

/** What the completion scripts call. */
const COMPLETE = "--complete";

async function printCompletions(words: readonly string[], io: Io): Promise<number> {
  const { complete } = await import("./commands/completion.ts");
  await io.stdout.write(
    complete(words)
      .map((word) => `${word}\n`)
      .join(""),
  );
  return EXIT_CODES.ok;
}

/** Each command is loaded when it is asked for: `lens --version` waits for none of them. */
async function runCommand({ name, positionals, flags }: Command, io: Io): Promise<number> {
  switch (name) {
    case "benchmark":
      return (await import("./commands/benchmark.ts")).runBenchmark(positionals, flags, io);
    case "run":
      return (await import("./commands/run.ts")).runRun(positionals, flags, io);
    case "compare":
      return (await import("./commands/compare.ts")).runCompare(positionals, flags, io);
    case "profile":
      return (await import("./commands/profile.ts")).runProfile(positionals, flags, io);
    case "validate":
      return (await import("./commands/validate.ts")).runValidate(positionals, flags, io);
    case "selftest":
      return (await import("./commands/selftest.ts")).runSelftest(flags, io);
    case "merge":
      return (await import("./commands/merge.ts")).runMerge(positionals, flags, io);
    case "export":
      return (await import("./commands/export.ts")).runExport(positionals, flags, io);
    case "report":
      return (await import("./commands/report.ts")).runReport(positionals, flags, io);
    case "baseline":
      return (await import("./commands/baseline.ts")).runBaseline(positionals, flags, io);
    case "check":
      return (await import("./commands/check.ts")).runCheck(positionals, flags, io);
    case "monitor":
      return (await import("./commands/monitor.ts")).runMonitor(positionals, flags, io);
    case "healthcheck":
      return (await import("./commands/healthcheck.ts")).runHealthcheck(positionals, flags, io);
    case "dataset":
      return (await import("./commands/dataset.ts")).runDataset(positionals, flags, io);
    case "sim":
      return (await import("./commands/sim.ts")).runSim(flags, io);
    case "config":
      return (await import("./commands/config.ts")).runConfig(positionals, flags, io);
    case "completion":
      return (await import("./commands/completion.ts")).runCompletion(positionals, io);
  }
}
