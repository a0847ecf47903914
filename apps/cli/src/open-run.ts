import { parseDurationNs } from "@lens/core";
import { createSummary } from "@lens/metrics";
import { createCalibrator } from "./calibrator.ts";
import type { Choice } from "./choose-targets.ts";
import type { Configuration } from "./config.ts";
import { confirmCost, createCostGuard } from "./cost-guard.ts";
import { checkGates, planGates } from "./gates.ts";
import { watchGates } from "./gate-watch.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Io } from "./io.ts";
import { checkCombinations } from "./load-combinations.ts";
import { planLoad } from "./load-plan.ts";
import type { Run } from "./measure-targets.ts";
import type { Notices } from "./notices.ts";
import type { PlannedRecords } from "./outputs.ts";
import { openPriceBook } from "./price-book.ts";
import { openRecordLog } from "./record-log.ts";
import { createRecordSample } from "./record-sample.ts";
import type { Session } from "./session.ts";
import { resolveShard, takeShard } from "./shard.ts";
import { createStart, readStartAt } from "./start-at.ts";
import { summaryOptions } from "./summary-options.ts";
import { notesOnUnasked } from "./unasked.ts";
import { planWorkload } from "./workload.ts";
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

const SIMULATOR_NOTE = "These are figures of the built-in simulator, not of a model.";

/** Makes everything ready to send. Null where the user was told what it would cost, and declined. Throws what is wrong with the settings. */
export async function openRun(
  { command, configuration, choice, session, interrupts, notices, io }: RunRequest,
  recordOutputs: readonly PlannedRecords[],
): Promise<Run | null> {
  const { settings } = configuration;
  checkCombinations(configuration);
  const workload = await planWorkload(settings, io);
  const seeded = { ...configuration, settings: { ...settings, seed: workload.seed } };
  const load = takeShard(await planLoad(seeded, workload.longest, io.cwd), resolveShard(settings, io.env));
  const startAtMs = settings.startAt === undefined ? null : readStartAt(String(settings.startAt), io.clock.epochMs());
  const priceBook = await openPriceBook(choice.requests, settings, io);
  const summing = summaryOptions(settings, priceBook);
  const gates = await planGates(settings, choice.requests, { io, summary: summing, saved: false });
  checkGates(gates, settings, load);
  const opened = await session;
  const costs = { settings, load, prompt: workload.longest, targets: opened.targets, priceBook, io };
  const guard = createCostGuard(costs);
  if (guard !== null && !(await confirmCost(guard, costs))) {
    await notices.say("lens: nothing was sent.\n");
    return null;
  }
  const broken = new AbortController();
  const logging = { priceBook, io, onFailure: () => broken.abort() };
  const records = recordOutputs.length === 0 ? null : await openRecordLog(recordOutputs, logging);
  const watch = settings.abortOnFail ? watchGates({ gates, ...summing }) : null;
  watch?.signal.addEventListener("abort", () => void (settings.quiet || notices.say(`lens: stopped early: ${watch.reason()}.\n`)));
  return {
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
    summary: createSummary(summing),
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
