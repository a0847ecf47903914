import { chooseTargets, SIMULATOR_NOTICE } from "../choose-targets.ts";
import { resolveConfiguration } from "../config.ts";
import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import type { Flags } from "../options.ts";
import { openSession } from "../session.ts";

/** `lens benchmark`. What measures and reports is loaded while the simulator, where there is one, starts. */
export async function runBenchmark(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const configuration = await resolveConfiguration(flags, positionals, io);
  const { settings } = configuration;
  const choice = chooseTargets(settings, "benchmark", io);
  if (choice.byDefault && !settings.quiet) await io.stderr.write(`${SIMULATOR_NOTICE}\n`);
  const interrupts = watchInterrupts(io);
  const session = openSession(choice.requests, settings, io);
  const close = session.then(
    (opened) => opened.close,
    () => async () => undefined,
  );
  try {
    const { benchmark } = await import("../benchmark.ts");
    return await benchmark({ configuration, choice, session, interrupts, io });
  } finally {
    interrupts.stop();
    await (
      await close
    )();
  }
}
