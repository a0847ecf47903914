import { watchInterrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { createNotices } from "../notices.ts";
import type { Flags } from "../option.ts";

/** `lens run`: the scenarios of the configuration, one after the other. */
export async function runRun(positionals: readonly string[], flags: Flags, io: Io): Promise<number> {
  const { planScenarios } = await import("../run/plan-scenarios.ts");
  const asked = await planScenarios(positionals, flags, io);
  const notices = createNotices(io.stderr);
  const interrupts = watchInterrupts(io, notices.say);
  try {
    const { runScenarios } = await import("../run/run-scenarios.ts");
    return await runScenarios(asked, { interrupts, notices, io });
  } finally {
    interrupts.stop();
  }
}
