import { parseDurationNs } from "@lens/core";
import type { PriceBook } from "@lens/metrics";
import { createCalibrator } from "./calibrator.ts";
import type { Choice } from "./choose-targets.ts";
import type { Configuration, ResolvedSettings } from "./config.ts";
import { confirmCost, createCostGuard } from "./cost-guard.ts";
import { checkGates, type Gates, planGates } from "./gates.ts";
import { watchGates } from "./gate-watch.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { checkCombinations } from "./load-combinations.ts";
import { type PlannedLoad, planLoad } from "./load-plan.ts";
import type { Run } from "./measure-targets.ts";
import type { Notices } from "./notices.ts";
import type { PlannedRecords } from "./outputs.ts";
import { openPriceBook } from "./price-book.ts";
import { openRecordLog, type RecordLog } from "./record-log.ts";
import { createRecordSample } from "./record-sample.ts";
import type { LoadHistory } from "./run/load-history.ts";
import type { Session } from "./session.ts";
import { createSessionSummaries } from "./session-summaries.ts";
import { resolveShard, takeShard } from "./shard.ts";
import { createStart, readStartAt } from "./start-at.ts";
import { summaryOptions } from "./summary-options.ts";
import { notesOnUnasked } from "./unasked.ts";
import { type PlannedWorkload, planWorkload } from "./workload.ts";
import { createFailureTally } from "./verdict.ts";

/** What a run is to measure. */
export interface RunRequest {
  readonly command: Run["command"];
  readonly configuration: Configuration;
  readonly choice: Choice;
  /** On its way already, so that a simulator starts while the rest is made ready. */
  readonly session: Promise<Session>;
  readonly interrupts: Interrupts;
  readonly notices: Notices;
  readonly io: Io;
}

/** What a run will send and hold its figures against: all that its settings name was read, and nothing was sent. */
export interface PlannedRun {
  readonly request: Omit<RunRequest, "session">;
  readonly workload: PlannedWorkload;
  readonly load: PlannedLoad;
  readonly startAtMs: number | null;
  readonly priceBook: PriceBook;
  readonly gates: Gates;
}

/** How a planned run is begun. */
export interface RunStart {
  readonly session: Promise<Session>;
  /** Begins the outputs of its records; null where nobody wants single requests. */
  readonly openRecords: (onFailure: () => void) => Promise<RecordLog | null>;
  readonly history: LoadHistory | null;
  readonly title: string;
  readonly idPrefix: string;
  /** What was spent before of the money that the settings allow, by a run whose user was asked; null where nobody was asked yet. */
  readonly spentUsd: number | null;
}

const SIMULATOR_NOTE = "These are figures of the built-in simulator, not of a model.";

/** Reads all that the settings name. Throws what is wrong with them. */
export async function planRun(request: Omit<RunRequest, "session">): Promise<PlannedRun> {
  const { configuration, choice, io } = request;
  const { settings } = configuration;
  checkCombinations(configuration);
  const workload = await planWorkload(settings, io);
  const seeded = { ...configuration, settings: { ...settings, seed: workload.seed } };
  const load = takeShard(await planLoad(seeded, workload.longest, io.cwd), resolveShard(settings, io.env));
  const startAtMs = settings.startAt === undefined ? null : readStartAt(String(settings.startAt), io.clock.epochMs());
  const priceBook = await openPriceBook(choice.requests, settings, io);
  const gates = await planGates(settings, choice.requests, { io, summary: summaryOptions(settings, priceBook), saved: false });
  checkGates(gates, settings, load);
  return { request, workload, load, startAtMs, priceBook, gates };
}

/** Makes everything ready to send. Null where the user was told what it would cost, and declined. Throws what is wrong with the settings. */
export async function openRun(request: RunRequest, recordOutputs: readonly PlannedRecords[]): Promise<Run | null> {
  const planned = await planRun(request);
  const { priceBook } = planned;
  const openRecords = async (onFailure: () => void): Promise<RecordLog | null> =>
    recordOutputs.length === 0 ? null : openRecordLog(recordOutputs, { priceBook, io: request.io, onFailure });
  return startRun(planned, { session: request.session, openRecords, history: null, title: "", idPrefix: "", spentUsd: null });
}

function withMoneyLeft(settings: ResolvedSettings, spentUsd: number | null): ResolvedSettings {
  if (settings.maxCost === undefined || spentUsd === null) return settings;
  // A limit of nothing would be no limit.
  return { ...settings, yes: true, maxCost: Math.max(Number.MIN_VALUE, settings.maxCost - spentUsd) };
}

/** Makes a planned run ready to send. Null where the user was told what it would cost, and declined. */
export async function startRun(planned: PlannedRun, { session, openRecords, spentUsd, ...own }: RunStart): Promise<Run | null> {
  const { request, workload, load, startAtMs, priceBook, gates } = planned;
  const { command, configuration, choice, interrupts, notices, io } = request;
  const { settings } = configuration;
  const summing = summaryOptions(settings, priceBook);
  const opened = await session;
  const costs = { settings: withMoneyLeft(settings, spentUsd), load, prompt: workload.longest, targets: opened.targets, priceBook, io };
  const guard = createCostGuard(costs);
  if (guard !== null && !(await confirmCost(guard, costs))) {
    await notices.say("lens: nothing was sent.\n");
    return null;
  }
  const broken = new AbortController();
  const records = await openRecords(() => broken.abort());
  const watch = settings.abortOnFail ? watchGates({ gates, ...summing }) : null;
  watch?.signal.addEventListener("abort", () => void (settings.quiet || notices.say(`lens: stopped early: ${watch.reason()}.\n`)));
  return {
    ...own,
    command,
    io,
    notices,
    settings,
    session: opened,
    workload,
    calibrator: createCalibrator({ workload, session: opened, io, signal: interrupts.signal }),
    load,
    guard,
    priceBook,
    records,
    sample: createRecordSample(),
    slo: summing.slo,
    summaries: createSessionSummaries(summing),
    failures: createFailureTally(),
    notes: [...(choice.byDefault ? [SIMULATOR_NOTE] : []), ...workload.notes, ...notesOnUnasked(opened.targets, settings.maxTokens)],
    graceNs: parseDurationNs(settings.grace),
    beforeStart: createStart(startAtMs, { clock: io.clock, signal: interrupts.signal, notices, quiet: settings.quiet }),
    gates,
    watch,
    interrupted: interrupts.signal,
    signal: watch === null ? interrupts.signal : AbortSignal.any([interrupts.signal, watch.signal]),
    broken: broken.signal,
  };
}
