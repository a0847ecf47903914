import type { RequestRecord } from "@lens/core";
import { formatShare } from "@lens/exporters";
import { type LoadResult, runClosedLoop, type Ticket } from "@lens/load";
import { createSummary, type Report, type Summary } from "@lens/metrics";
import { runRequest } from "@lens/providers";
import type { Choice } from "./choose-targets.ts";
import { wantsColor } from "./color.ts";
import type { Configuration, ResolvedSettings } from "./config.ts";
import { DEFAULT_MAX_ERROR_RATES } from "./defaults.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { createLineFile, type LineFile } from "./files.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { type LoadPlan, planLoad } from "./load-plan.ts";
import { createManifest, TOOL } from "./manifest.ts";
import { isForPeople, planOutputs, writeOutputs } from "./outputs.ts";
import { openPriceBook } from "./price-book.ts";
import { startProgress } from "./progress.ts";
import { type Prompt, readPrompt } from "./prompt.ts";
import type { Session } from "./session.ts";
import type { ResolvedTarget } from "./targets.ts";
import { createFailureTally, type FailureTally } from "./verdict.ts";

/** What a run is made of. */
interface Run {
  readonly io: Io;
  readonly settings: ResolvedSettings;
  readonly load: LoadPlan;
  readonly prompt: Prompt;
  readonly session: Session;
  readonly records: LineFile | null;
  readonly summary: Summary;
  readonly failures: FailureTally;
  readonly signal: AbortSignal;
}

/** What a benchmark is to do. */
export interface BenchmarkRequest {
  readonly configuration: Configuration;
  readonly choice: Choice;
  /** On its way already, so that a simulator starts while the rest is made ready. */
  readonly session: Promise<Session>;
  readonly interrupts: Interrupts;
  readonly io: Io;
}

/** Sends many requests in a closed loop, to one target after the other, reports on them all and gives the exit code. */
export async function benchmark({ configuration, choice, session, interrupts, io }: BenchmarkRequest): Promise<number> {
  const { settings, sources } = configuration;
  const outputs = await planOutputs(settings, sources, io);
  const prompt = await readPrompt(settings, io);
  const priceBook = await openPriceBook(choice.requests, settings, io);
  const opened = await session;
  const broken = new AbortController();
  const records = settings.records === undefined ? null : await createLineFile(settings.records, io.cwd, () => broken.abort());
  const run: Run = {
    io,
    settings,
    load: planLoad(configuration),
    prompt,
    session: opened,
    records,
    signal: AbortSignal.any([interrupts.signal, broken.signal]),
    summary: createSummary({ priceBook }),
    failures: createFailureTally(),
  };
  const results = await measureAll(run);
  const report = createReport(run, results, choice.byDefault ? [SIMULATOR_NOTE] : []);
  // Where nothing was answered there is no figure for people to read; the failures are told below.
  const wanted = run.failures.answered() > 0 ? outputs : outputs.filter((output) => !isForPeople(output));
  const color = wantsColor(settings.color, io.env, io.stdout);
  await writeOutputs(wanted, ({ format, path }) => format.render(report, { color: path === null && color, explain: settings.explain }), io);
  await records?.close();
  return await conclude(run, interrupts);
}

const SIMULATOR_NOTE = "These are figures of the built-in simulator, not of a model.";

async function measureAll(run: Run): Promise<readonly LoadResult[]> {
  const results: LoadResult[] = [];
  for (const [index, target] of run.session.targets.entries()) {
    if (!run.signal.aborted) results.push(await measure(run, target, run.session.targets.length > 1 ? `t${index + 1}-` : ""));
  }
  return results;
}

async function measure(run: Run, target: ResolvedTarget, idPrefix: string): Promise<LoadResult> {
  const { io, load, settings, records, summary, failures, signal } = run;
  const { requests, durationNs } = load;
  const progress = settings.quiet ? null : startProgress({ io, label: target.label, requests, durationNs });
  if (load.warmupRequests > 0 && settings.verbose)
    await io.stderr.write(`Warm-up: ${load.warmupRequests} requests that are in no figure.\n`);
  try {
    return await runClosedLoop({
      ...load,
      clock: io.clock,
      signal,
      send: (ticket) => send(run, target, { ...ticket, id: `${idPrefix}${ticket.id}` }),
      onRecord(record) {
        summary.add(record);
        failures.add(record);
        if (record.phase === "measured") progress?.add(record);
        records?.append(JSON.stringify(record));
        return records?.ready();
      },
    });
  } finally {
    await progress?.stop();
  }
}

function send(
  { io, prompt, session }: Run,
  { adapter, model, label, credentials }: ResolvedTarget,
  { id, phase, signal }: Ticket,
): Promise<RequestRecord> {
  const { transport, timeouts, retry } = session;
  return runRequest(adapter, { ...prompt, model }, { transport, credentials, clock: io.clock, label, id, phase, signal, timeouts, retry });
}

function createReport(run: Run, results: readonly LoadResult[], notes: readonly string[]): Report {
  const { io, settings, prompt, session, summary, signal } = run;
  const manifest = createManifest(
    {
      command: "benchmark",
      mode: "closed",
      startedAtMs: results[0]?.startedAtMs ?? io.clock.epochMs(),
      durationNs: results.reduce((sum, result) => sum + result.durationNs, 0),
      interrupted: signal.aborted || results.some((result) => result.interrupted),
      targets: session.targets.map((target) => target.label),
      settings: { ...settings, warmup: run.load.warmupRequests },
      prompt,
    },
    io,
  );
  return summary.report({ tool: TOOL, run: manifest, notes });
}

/** Says what failed, and gives the exit code. */
async function conclude({ io, settings, failures }: Run, interrupts: Interrupts): Promise<number> {
  const share = failures.worstShare();
  const limit = settings.maxErrorRate ?? DEFAULT_MAX_ERROR_RATES.benchmark;
  const failed = share > limit;
  if (interrupts.signal.aborted) return EXIT_CODES.interrupted;
  if (failed || !settings.quiet) for (const line of failures.lines()) await io.stderr.write(`lens: ${line}\n`);
  if (!failed) return EXIT_CODES.ok;
  await io.stderr.write(`lens: ${formatShare(share)} of the requests failed, more than \`--max-error-rate\` ${formatShare(limit)}.\n`);
  return EXIT_CODES.requestsFailed;
}
