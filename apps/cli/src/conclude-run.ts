import { formatShare } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import { DEFAULT_MAX_ERROR_RATES } from "./defaults.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { exitCodeOfThresholds, thresholdLines } from "./gates.ts";
import { loadsOf, type Run, type TargetResult } from "./measure-targets.ts";

/** Says what went wrong, and gives the exit code: what is worse comes first. */
export async function concludeRun(run: Run, results: readonly TargetResult[], report: Report): Promise<number> {
  const { io, title, settings, load, failures, gates, watch, interrupted } = run;
  if (interrupted.aborted) return EXIT_CODES.interrupted;
  const share = failures.worstShare();
  // Where a threshold says how many may fail, the default does not.
  const limit = settings.maxErrorRate ?? (gates.limitErrors ? 1 : DEFAULT_MAX_ERROR_RATES.benchmark);
  // A search goes to where requests fail; only one in which nothing was answered has failed itself.
  const failed = load.search === null ? share > limit : failures.answered() === 0;
  const limited = settings.strict && report.instrument.state === "client-limited";
  const say = (line: string): Promise<void> => io.stderr.write(`lens: ${title}${line}\n`);
  const crashes = loadsOf(results).flatMap((sent) => sent.crashes);
  const broken = loadsOf(results).find(({ trace }) => trace !== null && trace.failure !== null)?.trace?.failure ?? null;
  if (failed || !settings.quiet) for (const line of failures.lines()) await say(line);
  for (const { worker, reason, lost } of crashes)
    await say(`internal error: worker ${worker} crashed (${reason}); ${lost} requests are lost.`);
  if (broken !== null) await say(`the trace was not sent to its end: ${broken.message}`);
  if (failed) await say(`${formatShare(share)} of the requests failed, more than \`--max-error-rate\` ${formatShare(limit)}.`);
  if (limited) await say(report.instrument.verdict);
  for (const line of thresholdLines(report.thresholds)) await say(line);
  if (crashes.length > 0) return EXIT_CODES.internal;
  if (broken !== null) return EXIT_CODES.usage;
  const missed = exitCodeOfThresholds(report.thresholds);
  if (missed !== EXIT_CODES.ok) return missed;
  // What ended after a threshold was given up may have turned it round, but the run was not what was asked for.
  if (watch !== null && watch.reason() !== null) return EXIT_CODES.thresholdMissed;
  return failed ? EXIT_CODES.requestsFailed : limited ? EXIT_CODES.clientLimited : EXIT_CODES.ok;
}
