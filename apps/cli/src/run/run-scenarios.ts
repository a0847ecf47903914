import { LensError } from "@lens/core";
import { jsonlExporter, markdownExporter } from "@lens/exporters";
import type { Report } from "@lens/metrics";
import { concludeRun } from "../conclude-run.ts";
import { EXIT_CODES, worstExitCode } from "../exit-codes.ts";
import type { Interrupts } from "../interrupts.ts";
import type { Io } from "../io.ts";
import { openLineFile } from "../line-file.ts";
import { measureTargets, type Run, type TargetResult } from "../measure-targets.ts";
import type { Notices } from "../notices.ts";
import { type PlannedRun, planRun, startRun } from "../open-run.ts";
import { openOtlpPush } from "../otlp.ts";
import { isForPeople, type PlannedOutput, planOutputs, REPORTS, writeDocument } from "../outputs.ts";
import type { RecordLog } from "../record-log.ts";
import { createReport } from "../run-report.ts";
import { checkTargets, openSession } from "../session.ts";
import { appendStepSummary } from "../step-summary.ts";
import { checkWorkload, createSavedManifest, writeManifest } from "./manifest-file.ts";
import { endRunMemory, filesIn, makeDirectory, openRunMemory, type RunMemory } from "./directory.ts";
import type { AskedRun, ChosenScenario } from "./plan-scenarios.ts";
import { joinScenarios } from "./scenario-report.ts";

/** With what scenarios are run. */
export interface RunContext {
  readonly interrupts: Interrupts;
  readonly notices: Notices;
  readonly io: Io;
}

/** A scenario that is ready to be sent. */
interface ReadyScenario extends ChosenScenario {
  readonly planned: PlannedRun;
  /** Among those of the run, from 1. */
  readonly number: number;
}

/** What came of a scenario. */
interface MeasuredScenario {
  readonly run: Run;
  readonly report: Report;
  readonly code: number;
  /** What it cost, as far as that was limited. */
  readonly spentUsd: number;
}

/** Sends one scenario after the other, keeps everything in the directory, and gives the exit code. */
export async function runScenarios(asked: AskedRun, context: RunContext): Promise<number> {
  const { whole, directory, resumes } = asked;
  const { io } = context;
  const { settings } = whole;
  const scenarios = await planAll(asked, context);
  const startedAtMs = io.clock.epochMs();
  const names = { startedAtMs, targets: scenarios.flatMap(({ choice }) => choice.requests.map(({ label }) => label)) };
  const { documents } = await planOutputs(whole, { kind: REPORTS, hasRecords: false, names }, io);
  const push = await openOtlpPush(settings);
  if (!(await confirmSpending(asked, io))) return EXIT_CODES.interrupted;
  if (!resumes) {
    await makeDirectory(directory, io.cwd);
    const asking = scenarios.map(({ name, configuration, planned: { workload } }) => ({ name, configuration, workload }));
    await writeManifest(filesIn(directory).manifest, createSavedManifest(asking, asked.savesPrompts, io), io.cwd);
  }
  const memory = await openRunMemory(directory, startedAtMs, io.cwd);
  let measured: readonly MeasuredScenario[];
  try {
    measured = await measureAll(scenarios, { ...context, directory, memory });
  } finally {
    await memory.history.close();
  }
  const report = joinScenarios(
    measured.map(({ report: one }, index) => ({ name: scenarios[index]?.name ?? null, report: one })),
    memory.breaks,
  );
  const records = measured.flatMap(({ run }) => run.sample.records());
  const answered = measured.some(({ run }) => run.failures.answered() > 0);
  const wanted = answered ? documents : documents.filter((output) => !isForPeople(output));
  await writeDocument([...documentsIn(directory), ...wanted], report, { settings, io, records });
  await appendStepSummary(markdownExporter.render(report), settings, io);
  const isOver = !context.interrupts.signal.aborted;
  if (isOver) await endRunMemory(directory, io.cwd);
  await push?.(report);
  if (!settings.quiet)
    await context.notices.say(
      isOver ? `Results: ${directory}\n` : `Results so far: ${directory}. To go on: lens run --resume ${directory}\n`,
    );
  return worstExitCode(measured.map(({ code }) => code));
}

/** Reads all that all scenarios name, so that what is wrong with the last one is said before the first one is sent. */
async function planAll({ scenarios }: AskedRun, context: RunContext): Promise<readonly ReadyScenario[]> {
  const ready: ReadyScenario[] = [];
  for (const scenario of scenarios) {
    const { configuration, choice, saved } = scenario;
    checkTargets(choice.requests, context.io);
    const planned = await planRun({ ...context, command: "run", configuration, choice });
    if (saved !== null) checkWorkload(saved, planned.workload);
    ready.push({ ...scenario, planned: withSeed(planned), number: ready.length + 1 });
  }
  return ready;
}

/** The report says of each run with what seed it is repeated, whether it was told one or drew it. */
function withSeed({ request, workload, ...planned }: PlannedRun): PlannedRun {
  const { settings, ...configuration } = request.configuration;
  return {
    ...planned,
    workload,
    request: { ...request, configuration: { ...configuration, settings: { ...settings, seed: workload.seed } } },
  };
}

/** Asks once for all scenarios. */
async function confirmSpending({ scenarios }: AskedRun, io: Io): Promise<boolean> {
  const { maxCost, yes } = scenarios[0]?.configuration.settings ?? {};
  if (maxCost === undefined || yes === true) return true;
  return (await io.confirm(`This run costs money, but no more than ${maxCost} USD. Send its requests?`)) !== false;
}

interface MeasuringContext extends RunContext {
  readonly directory: string;
  readonly memory: RunMemory;
}

async function measureAll(scenarios: readonly ReadyScenario[], context: MeasuringContext): Promise<readonly MeasuredScenario[]> {
  const measured: MeasuredScenario[] = [];
  let spentUsd = 0;
  for (const scenario of scenarios) {
    const one = await measureScenario(scenario, { spentUsd, of: scenarios.length }, context);
    measured.push(one);
    spentUsd += one.spentUsd;
    if (context.interrupts.signal.aborted) break;
  }
  return measured;
}

interface Place {
  /** What the scenarios before it cost. */
  readonly spentUsd: number;
  /** How many there are. */
  readonly of: number;
}

async function measureScenario(scenario: ReadyScenario, { spentUsd, of }: Place, context: MeasuringContext): Promise<MeasuredScenario> {
  const { name, number, choice, configuration, planned } = scenario;
  const { io, notices, directory, memory } = context;
  if (name !== null && !configuration.settings.quiet) await notices.say(`Scenario ${number} of ${of}: ${name}\n`);
  const session = openSession(choice.requests, configuration.settings, io);
  const close = session.then(
    (opened) => opened.close,
    () => async () => undefined,
  );
  try {
    const run = await startRun(planned, {
      session,
      openRecords: (onFailure) => openRecords(filesIn(directory).records, io, onFailure),
      history: memory.history,
      title: name === null ? "" : `${number}/${of} `,
      idPrefix: `${name ?? "run"}/`,
      spentUsd,
    });
    if (run === null) throw new LensError("INTERNAL", "Expected a run that was agreed to, got none.");
    const results = await measureAndClose(run);
    const report = createReport(run, results);
    return { run, report, code: await concludeRun(run, results, report), spentUsd: run.guard?.spentUsd() ?? 0 };
  } finally {
    await (
      await close
    )();
  }
}

async function measureAndClose(run: Run): Promise<readonly TargetResult[]> {
  try {
    return await measureTargets(run);
  } finally {
    await run.records?.close();
  }
}

async function openRecords(path: string, io: Io, onFailure: () => void): Promise<RecordLog> {
  const { line } = await jsonlExporter.open({});
  const file = await openLineFile(path, { cwd: io.cwd, onFailure, append: true });
  return { append: (record) => file.append(line(record)), ready: file.ready, flush: file.flush, close: file.close };
}

/** What is in every directory. */
function documentsIn(directory: string): readonly PlannedOutput[] {
  const { report, page, summary } = filesIn(directory);
  const paths: Readonly<Record<string, string>> = { json: report, html: page, markdown: summary };
  return REPORTS.exporters.flatMap((format) => {
    const path = paths[format.id];
    return path === undefined ? [] : [{ format, path }];
  });
}
