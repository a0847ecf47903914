import { wantsColor } from "./color.ts";
import { concludeRun } from "./conclude-run.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { measureTargets } from "./measure-targets.ts";
import { openRun, type RunRequest } from "./open-run.ts";
import { isForPeople, planOutputs, writeOutputs } from "./outputs.ts";
import { createReport } from "./run-report.ts";

/** Sends load to one target after the other, reports on them all and gives the exit code. */
export async function benchmark(request: RunRequest): Promise<number> {
  const { configuration, io } = request;
  const { settings, sources } = configuration;
  const outputs = await planOutputs(settings, sources, io);
  const run = await openRun(request);
  if (run === null) return EXIT_CODES.interrupted;
  const results = await measureTargets(run);
  const report = createReport(run, results);
  // Where nothing was answered there is no figure for people to read; the failures are told below.
  const wanted = run.failures.answered() > 0 ? outputs : outputs.filter((output) => !isForPeople(output));
  const color = wantsColor(settings.color, io.env, io.stdout);
  await writeOutputs(wanted, ({ format, path }) => format.render(report, { color: path === null && color, explain: settings.explain }), io);
  await run.records?.close();
  return await concludeRun(run, results, report);
}
