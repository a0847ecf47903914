import { LensError } from "@lens/core";
import { markdownComparisonExporter } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import { readBaseline } from "./baselines.ts";
import { createComparison, exitCodeOfComparison } from "./compare-report.ts";
import { type ComparisonSource, pairSides } from "./compare-sides.ts";
import { concludeRun } from "./conclude-run.ts";
import type { Configuration } from "./config.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import type { Io } from "./io.ts";
import { measureInterleaved } from "./measure-targets.ts";
import { openRun, type RunRequest } from "./open-run.ts";
import { namesOfComparison } from "./output-names.ts";
import { COMPARISONS, planOutputs, writeDocument } from "./outputs.ts";
import { openPriceBook } from "./price-book.ts";
import { createReport } from "./run-report.ts";
import { readResult } from "./saved-results.ts";
import { appendStepSummary } from "./step-summary.ts";
import { summaryOptions } from "./summary-options.ts";
import type { ResolvedTarget } from "./targets.ts";

async function readBase({ settings: { baseline } }: Configuration, io: Io): Promise<readonly ComparisonSource[]> {
  return baseline === undefined ? [] : [{ name: `baseline ${baseline}`, report: await readBaseline(baseline, io) }];
}

/** Compares saved results, the first of them or the baseline being the base, and gives the exit code. Throws what is wrong with them. */
export async function compareSaved(paths: readonly string[], configuration: Configuration, io: Io): Promise<number> {
  const { settings } = configuration;
  const summing = summaryOptions(settings, await openPriceBook([], settings, io));
  const sources = [...(await readBase(configuration, io))];
  for (const path of paths) sources.push({ name: path, report: await readResult(path, io, summing) });
  const comparison = createComparison(pairSides(sources), settings);
  const request = { kind: COMPARISONS, hasRecords: false, names: namesOfComparison(comparison) };
  const { documents } = await planOutputs(configuration, request, io);
  await writeDocument(documents, comparison, { settings, io, records: [] });
  await appendStepSummary(markdownComparisonExporter.render(comparison), settings, io);
  return exitCodeOfComparison(comparison);
}

/** Asks all targets by turns, compares what came of it and gives the exit code: what went wrong with the run comes before a regression. */
export async function compareLive(request: RunRequest): Promise<number> {
  const { configuration, choice, io } = request;
  const { settings } = configuration;
  const names = { startedAtMs: io.clock.epochMs(), targets: choice.requests.map(({ label }) => label) };
  const { documents, records } = await planOutputs(configuration, { kind: COMPARISONS, hasRecords: true, names }, io);
  const base = await readBase(configuration, io);
  const run = await openRun(request, records);
  if (run === null) return EXIT_CODES.interrupted;
  const results = await measureInterleaved(run, blockOf(settings.interleave));
  const report = inOrder(createReport(run, results), run.session.targets);
  // Who was never asked, because the run was stopped before, can be compared with nobody.
  const comparison =
    report.groups.length < run.session.targets.length ? null : createComparison(pairSides([...base, { name: null, report }]), settings);
  try {
    if (comparison !== null) await writeDocument(documents, comparison, { settings, io, records: run.sample.records() });
  } finally {
    await run.records?.close();
  }
  if (comparison !== null) await appendStepSummary(markdownComparisonExporter.render(comparison), settings, io);
  const code = await concludeRun(run, results, report);
  const found = comparison === null ? EXIT_CODES.ok : exitCodeOfComparison(comparison);
  return found !== EXIT_CODES.ok && OUTRANKED.includes(code) ? found : code;
}

/** What a regression is worse than. */
const OUTRANKED: readonly number[] = [EXIT_CODES.ok, EXIT_CODES.requestsFailed, EXIT_CODES.clientLimited];

/** The groups as their targets were named, so that the first one is the base, and not the one that happened to be asked first. */
function inOrder(report: Report, targets: readonly ResolvedTarget[]): Report {
  return { ...report, groups: targets.flatMap(({ label }) => report.groups.filter(({ target }) => target.label === label)) };
}

/** `block:10` asks ten times in a row; `request`, or nothing, once. */
const blockOf = (interleave = "request"): number => (interleave === "request" ? 1 : Number(interleave.split(":")[1]));

/** Throws `INVALID_ARGUMENT` for settings that make no comparison of live targets. */
export function checkLive({ settings }: Configuration, targets: number): void {
  const { search, concurrency, rate, baseline } = settings;
  if (search !== undefined || [concurrency, rate].some((level) => typeof level === "string"))
    throw new LensError("INVALID_ARGUMENT", "Expected one level of load to compare at, got several. `lens benchmark` sweeps and searches.");
  if (targets >= 2 || (targets === 1 && baseline !== undefined)) return;
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected two targets or more, two saved results, or one of either with \`--baseline\`, got ${targets === 0 ? "none" : "one"}.`,
  );
}
