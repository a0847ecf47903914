import { chooseTargets, SIMULATOR_NOTICE } from "../choose-targets.ts";
import { resolveConfiguration } from "../config.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { createNotices } from "../notices.ts";
import type { Flags } from "../option.ts";
import { openSession } from "../session.ts";

/** `lens benchmark`. What measures and reports is loaded while the simulator, where there is one, starts. */
export async function runBenchmark(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = await resolveConfiguration(flags, positionals, io);
  const { settings } = configuration;
  const choice = chooseTargets(settings, "benchmark", io);
  const notices = createNotices(io.stderr);
  if (choice.byDefault && !settings.quiet) await notices.say(`${SIMULATOR_NOTICE}\n`);
  const interrupts = watchInterrupts(io, notices.say);
  const session = openSession(choice.requests, settings, io);
  const close = session.then(
    (opened) => opened.close,
    () => async () => undefined,
  );
  try {
    const { benchmark } = await import("../benchmark.ts");
    return await benchmark({ command: "benchmark", configuration, choice, session, interrupts, notices, io });
  } finally {
    interrupts.stop();
    await (
      await close
    )();
  }
}
