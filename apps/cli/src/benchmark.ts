import { parseDurationNs } from "@lens/core";
import { formatShare } from "@lens/exporters";
import { createSummary, type Report } from "@lens/metrics";
import type { Choice } from "./choose-targets.ts";
import { wantsColor } from "./color.ts";
import type { Configuration } from "./config.ts";
import { confirmCost, createCostGuard } from "./cost-guard.ts";
import { DEFAULT_MAX_ERROR_RATES } from "./defaults.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { createLineFile } from "./files.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { planLoad } from "./load-plan.ts";
import { measureTargets, type Run, type TargetResult } from "./measure-targets.ts";
import type { Notices } from "./notices.ts";
import { isForPeople, planOutputs, writeOutputs } from "./outputs.ts";
import { openPriceBook } from "./price-book.ts";
import { readPrompt } from "./prompt.ts";
import { createReport } from "./run-report.ts";
import type { Session } from "./session.ts";
import { createFailureTally } from "./verdict.ts";
import { notesOnUnasked } from "./unasked.ts";

/** What a benchmark is to do. */
export interface BenchmarkRequest {
  readonly configuration: Configuration;
  readonly choice: Choice;
  /** On its way already, so that a simulator starts while the rest is made ready. */
  readonly session: Promise<Session>;
  readonly interrupts: Interrupts;
  readonly notices: Notices;
  readonly io: Io;
}

const SIMULATOR_NOTE = "These are figures of the built-in simulator, not of a model.";

/** Sends load to one target after the other, reports on them all and gives the exit code. */
export async function benchmark({ configuration, choice, session, interrupts, notices, io }: BenchmarkRequest): Promise<number> {
  const { settings, sources } = configuration;
  const outputs = await planOutputs(settings, sources, io);
  const prompt = await readPrompt(settings, io);
  const load = await planLoad(configuration, prompt, io.cwd);
  const priceBook = await openPriceBook(choice.requests, settings, io);
  const opened = await session;
  const costs = { settings, load, prompt, targets: opened.targets, priceBook, io };
  const guard = createCostGuard(costs);
  if (guard !== null && !(await confirmCost(guard, costs))) {
    await notices.say("lens: nothing was sent.\n");
    return EXIT_CODES.interrupted;
  }
  const broken = new AbortController();
  const records = settings.records === undefined ? null : await createLineFile(settings.records, io.cwd, () => broken.abort());
  const run: Run = {
    io,
    notices,
    settings,
    session: opened,
    prompt,
    load,
    guard,
    priceBook,
    records,
    summary: createSummary({ priceBook }),
    failures: createFailureTally(),
    graceNs: parseDurationNs(settings.grace),
    signal: interrupts.signal,
    broken: broken.signal,
  };
  const results = await measureTargets(run);
  const notes = [...(choice.byDefault ? [SIMULATOR_NOTE] : []), ...notesOnUnasked(opened.targets, settings.maxTokens)];
  const report = createReport(run, results, notes);
  // Where nothing was answered there is no figure for people to read; the failures are told below.
  const wanted = run.failures.answered() > 0 ? outputs : outputs.filter((output) => !isForPeople(output));
  const color = wantsColor(settings.color, io.env, io.stdout);
  await writeOutputs(wanted, ({ format, path }) => format.render(report, { color: path === null && color, explain: settings.explain }), io);
  await records?.close();
  return await conclude(run, results, report);
}

/** Says what went wrong, and gives the exit code: what is worse comes first. */
async function conclude({ io, settings, load, failures, signal }: Run, results: readonly TargetResult[], report: Report): Promise<number> {
  if (signal.aborted) return EXIT_CODES.interrupted;
  const share = failures.worstShare();
  const limit = settings.maxErrorRate ?? DEFAULT_MAX_ERROR_RATES.benchmark;
  // A search goes to where requests fail; only one in which nothing was answered has failed itself.
  const failed = load.search === null ? share > limit : failures.answered() === 0;
  const limited = settings.strict && report.instrument.state === "client-limited";
  const say = (line: string): Promise<void> => io.stderr.write(`lens: ${line}\n`);
  const crashes = results.flatMap((result) => result.measured.flatMap(({ load: { crashes: found } }) => found));
  if (failed || !settings.quiet) for (const line of failures.lines()) await say(line);
  for (const { worker, reason, lost } of crashes)
    await say(`internal error: worker ${worker} crashed (${reason}); ${lost} requests are lost.`);
  if (failed) await say(`${formatShare(share)} of the requests failed, more than \`--max-error-rate\` ${formatShare(limit)}.`);
  if (limited) await say(report.instrument.verdict);
  if (crashes.length > 0) return EXIT_CODES.internal;
  return failed ? EXIT_CODES.requestsFailed : limited ? EXIT_CODES.clientLimited : EXIT_CODES.ok;
}
