import { markdownExporter } from "@lens/exporters";
import { concludeRun } from "./conclude-run.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { measureTargets } from "./measure-targets.ts";
import { openRun, type RunRequest } from "./open-run.ts";
import { openOtlpPush } from "./otlp.ts";
import { isForPeople, planOutputs, REPORTS, writeDocument } from "./outputs.ts";
import { createReport } from "./run-report.ts";
import { appendStepSummary } from "./step-summary.ts";

/** Sends load to one target after the other, reports on them all and gives the exit code. */
export async function benchmark(request: RunRequest): Promise<number> {
  const { configuration, choice, io } = request;
  const names = { startedAtMs: io.clock.epochMs(), targets: choice.requests.map(({ label }) => label) };
  const { documents, records } = await planOutputs(configuration, { kind: REPORTS, hasRecords: true, names }, io);
  const push = await openOtlpPush(configuration.settings);
  const run = await openRun(request, records);
  if (run === null) return EXIT_CODES.interrupted;
  const results = await measureTargets(run);
  const report = createReport(run, results);
  // Where nothing was answered there is no figure for people to read; the failures are told below.
  const wanted = run.failures.answered() > 0 ? documents : documents.filter((output) => !isForPeople(output));
  try {
    await writeDocument(wanted, report, { settings: configuration.settings, io, records: run.sample.records() });
  } finally {
    await run.records?.close();
  }
  await appendStepSummary(markdownExporter.render(report), configuration.settings, io);
  const code = await concludeRun(run, results, report);
  await push?.(report);
  return code;
}
