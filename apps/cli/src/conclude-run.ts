import { formatShare } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import { DEFAULT_MAX_ERROR_RATES } from "./defaults.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { loadsOf, type Run, type TargetResult } from "./measure-targets.ts";

/** Says what went wrong, and gives the exit code: what is worse comes first. */
export async function concludeRun(run: Run, results: readonly TargetResult[], report: Report): Promise<number> {
  const { io, settings, load, failures, signal } = run;
  if (signal.aborted) return EXIT_CODES.interrupted;
  const share = failures.worstShare();
  const limit = settings.maxErrorRate ?? DEFAULT_MAX_ERROR_RATES.benchmark;
  // A search goes to where requests fail; only one in which nothing was answered has failed itself.
  const failed = load.search === null ? share > limit : failures.answered() === 0;
  const limited = settings.strict && report.instrument.state === "client-limited";
  const say = (line: string): Promise<void> => io.stderr.write(`lens: ${line}\n`);
  const crashes = loadsOf(results).flatMap((sent) => sent.crashes);
  if (failed || !settings.quiet) for (const line of failures.lines()) await say(line);
  for (const { worker, reason, lost } of crashes)
    await say(`internal error: worker ${worker} crashed (${reason}); ${lost} requests are lost.`);
  if (failed) await say(`${formatShare(share)} of the requests failed, more than \`--max-error-rate\` ${formatShare(limit)}.`);
  if (limited) await say(report.instrument.verdict);
  if (crashes.length > 0) return EXIT_CODES.internal;
  return failed ? EXIT_CODES.requestsFailed : limited ? EXIT_CODES.clientLimited : EXIT_CODES.ok;
}
