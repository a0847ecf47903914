import { formatDuration, LensError, type RequestRecord, type Target } from "@lens/core";
import { type Budget, type LoadPlan, type LoadResult, type ProbeRequest, runSweep, searchHighestLoad, type SearchResult } from "@lens/load";
import type { LoadLevel, PriceBook, Slo } from "@lens/metrics";
import { type Calibrator, isCalibration } from "./calibrator.ts";
import type { ResolvedSettings } from "./config.ts";
import type { CostGuard } from "./cost-guard.ts";
import type { GateWatch } from "./gate-watch.ts";
import type { Gates } from "./gates.ts";
import type { Io } from "./io.ts";
import type { PlannedLoad } from "./load-plan.ts";
import { expectationOf } from "./live-expectation.ts";
import { measure, type NamedTarget } from "./measure.ts";
import type { Notices } from "./notices.ts";
import { startProgress } from "./progress.ts";
import type { RecordLog } from "./record-log.ts";
import type { RecordSample } from "./record-sample.ts";
import type { LoadHistory, SessionLoad } from "./run/load-history.ts";
import type { Session } from "./session.ts";
import type { SessionSummaries } from "./session-summaries.ts";
import type { ResolvedTarget } from "./targets.ts";
import type { FailureTally } from "./verdict.ts";
import type { PlannedWorkload } from "./workload.ts";

/** What a run is made of. */
export interface Run {
  readonly command: "benchmark" | "run" | "compare";
  /** Which of several scenarios it is, as people are told; empty where there is one only. */
  readonly title: string;
  /** Put before the ids of its requests. */
  readonly idPrefix: string;
  readonly io: Io;
  readonly notices: Notices;
  readonly settings: ResolvedSettings;
  readonly session: Session;
  readonly workload: PlannedWorkload;
  readonly calibrator: Calibrator;
  readonly load: PlannedLoad;
  readonly guard: CostGuard | null;
  readonly priceBook: PriceBook;
  /** What a good request is; null where that was not said. */
  readonly slo: Slo | null;
  /** Null where nobody wants single requests. */
  readonly records: RecordLog | null;
  /** What was done of the same run before, and will be known to the next process; null where nothing is kept. */
  readonly history: LoadHistory | null;
  /** For formats that show single requests. */
  readonly sample: RecordSample;
  readonly summaries: SessionSummaries;
  readonly failures: FailureTally;
  /** What a reader should know whatever the figures are. */
  readonly notes: readonly string[];
  readonly gates: Gates;
  /** Null where thresholds are looked at in the end only. */
  readonly watch: GateWatch | null;
  readonly graceNs: number;
  /** Resolves at the common start of several processes, the first time that it is called; then, and where there is none, at once. */
  readonly beforeStart: () => Promise<void>;
  /** Aborts when the user asks to stop. */
  readonly interrupted: AbortSignal;
  /** Aborts when no more is to be sent: then too, and when a watched threshold is given up. */
  readonly signal: AbortSignal;
  /** Aborts when records can no longer be written: there is nothing to wait for. */
  readonly broken: AbortSignal;
}

/** One load that was sent to one target. */
export interface MeasuredLoad {
  /** The name of its group in the report. */
  readonly label: string;
  /** Null where it was the only one. */
  readonly level: LoadLevel | null;
  readonly load: LoadResult;
  /** Which of the processes that took part in the run sent it. */
  readonly session: number;
}

/** What became of one target. */
export interface TargetResult {
  readonly target: ResolvedTarget;
  readonly measured: readonly MeasuredLoad[];
  /** Whether levels were left out because most requests failed. */
  readonly endedEarly: boolean;
  /** Null where no highest load was searched for. */
  readonly search: SearchResult | null;
}

/** At a level where more than this share of the requests fail, a sweep ends: the next one would fare no better, and cost. */
const MOST_FAILED = 0.5;

/** Sends the load to one target after the other, until all are done or something ends the run. */
export async function measureTargets(run: Run): Promise<readonly TargetResult[]> {
  const results: TargetResult[] = [];
  for (const [index, target] of run.session.targets.entries()) {
    if (run.signal.aborted || run.broken.aborted || results.some(isOver)) break;
    const idPrefix = run.session.targets.length > 1 ? `t${index + 1}-` : "";
    results.push(await measureTarget(run, target, `${run.idPrefix}${idPrefix}`));
  }
  return results;
}

/** Sends the load to all targets by turns, in balanced random order, `block` requests to one before the next, so that drift hits all alike. */
export async function measureInterleaved(run: Run, block: number): Promise<readonly TargetResult[]> {
  const targets = run.session.targets.map((target) => ({ target, label: target.label }));
  const plan = { ...run.load.planAt(), targets: targets.length, block };
  const sent = await sendLoad(run, { targets, plan, label: targets.map(({ label }) => label).join(", "), idPrefix: run.idPrefix });
  return targets.map(({ target, label }) => {
    const measured = sent.map((part) => ({ ...part, label, level: null }));
    return { target, measured, endedEarly: false, search: null };
  });
}

/** All that was sent; targets that were asked by turns share one. */
export const loadsOf = (results: readonly TargetResult[]): readonly LoadResult[] => [
  ...new Set(results.flatMap(({ measured }) => measured.map(({ load }) => load))),
];

/** Whether nothing more may be sent, to whomever. */
const isOver = ({ measured }: TargetResult): boolean =>
  measured.some(({ load }) => load.stoppedBy === "budget" || load.stoppedBy === "crash");

async function measureTarget(run: Run, target: ResolvedTarget, idPrefix: string): Promise<TargetResult> {
  const { load, priceBook, signal } = run;
  const measured: MeasuredLoad[] = [];
  let loads = 0;
  const send = async (plan: LoadPlan, value: number | null, more: Partial<SendOptions> = {}): Promise<MeasuredLoad> => {
    const level = value === null ? null : { kind: load.kind, value };
    const label = value === null ? target.label : `${target.label} @ ${value}`;
    loads += 1;
    const prefix = value === null ? idPrefix : `${idPrefix}l${loads}-`;
    const parts = await sendLoad(run, { targets: [{ target, label }], plan, label, idPrefix: prefix, ...more });
    const sent = parts.map((part) => ({ ...part, label, level }));
    measured.push(...sent);
    return lastOf(sent);
  };

  if (load.search !== null) {
    const { thresholds, min, max, span } = load.search;
    const search = await searchHighestLoad({
      slo: thresholds,
      goodRequest: run.slo,
      kind: load.kind,
      min,
      max,
      ...(span === null ? {} : { span }),
      priceBook,
      signal: AbortSignal.any([signal, run.broken]),
      probe: ({ level, ...request }) => send(planProbe(load.planAt(level), request), level, request),
    });
    return { target, measured, endedEarly: false, search };
  }
  if (load.levels === null) {
    await send(load.planAt(), null);
    return { target, measured, endedEarly: false, search: null };
  }
  const { stoppedBy } = await runSweep({
    levels: load.levels,
    signal: AbortSignal.any([signal, run.broken]),
    probe: (level) => send(load.planAt(level), level),
    isEnough: ({ result }) => result.load.stoppedBy === "budget" || run.failures.shareOf(result.label) > MOST_FAILED,
  });
  return { target, measured, endedEarly: stoppedBy === "enough", search: null };
}

/** The plan of a load, but with the spans that a search asks for. */
function planProbe(plan: LoadPlan, { span, warmup, drain }: Omit<ProbeRequest, "level">): LoadPlan {
  return { ...plan, requests: null, durationNs: null, ...span, warmup, drain };
}

interface SendOptions {
  readonly targets: readonly NamedTarget[];
  readonly plan: LoadPlan;
  /** Of what is shown while it goes on. */
  readonly label: string;
  readonly idPrefix: string;
  /** Aborts when a search has learnt enough: what is then broken off is in no figure. */
  readonly signal?: AbortSignal;
  /** Sees every record, before all others do. */
  readonly onRecord?: (record: RequestRecord) => void;
}

/** The last part of a load, which is what it came to. */
function lastOf(parts: readonly MeasuredLoad[]): MeasuredLoad {
  const last = parts.at(-1);
  if (last === undefined) throw new LensError("INTERNAL", "Expected at least one process to have sent a load.");
  return last;
}

/** Sends a load, or what is left of it. Resolves with what each process that took part in it sent, the present one last. */
async function sendLoad(
  run: Run,
  { targets, plan, label, idPrefix, signal: enough, onRecord }: SendOptions,
): Promise<readonly SessionLoad[]> {
  const { io, notices, settings, session, guard, records, history, graceNs, signal, broken } = run;
  const present = history?.session ?? 0;
  const learnt = new AbortController();
  const ownLabels = new Map(targets.map((named) => [named.label, named.target.label]));
  // Where the user asked to stop, what is in flight may end.
  enough?.addEventListener("abort", () => void (signal.aborted || learnt.abort()), { once: true });
  const budget = (): Budget | null => guard?.budgetFor(targets.map(({ target }) => target)) ?? null;

  function count(record: RequestRecord, from: number): void {
    const counts = !learnt.signal.aborted;
    onRecord?.(record);
    if (!counts) return;
    run.summaries.of(from).add(record);
    run.failures.add(record);
    run.sample.add(record);
    run.watch?.add(record, { target: ownLabels.get(record.target.label) ?? label, plan });
  }

  const spent = budget();
  const [first] = targets;
  if (first === undefined) throw new LensError("INTERNAL", "Expected a target to send a load to, got none.");
  let calibration: RequestRecord | null = null;
  const past = await history?.begin(idPrefix, targetOf(first), (record, from) => {
    if (isCalibration(record)) calibration = record;
    spent?.costOf(record);
    count(record, from);
  });
  if (calibration !== null) await run.calibrator.recall(first, idPrefix, calibration);
  if (past?.isComplete === true) return past.sessions;
  const rest = { ...plan, resume: past?.resume ?? null };
  if (settings.verbose) await notices.say(describeWarmup(plan));
  const planned = expectationOf(rest, `${run.title}${label}`);
  // How many turns the conversations that begin come to, nobody knows before.
  const isOpenEnded = run.workload.spec.kind === "conversations" && plan.load.mode === "open";
  const expected = isOpenEnded ? { ...planned, requests: null } : planned;
  const progress = settings.quiet ? null : await startProgress({ io, notices, color: settings.color, expected, signal });
  const keep = (record: RequestRecord): void => {
    run.summaries.of(present).add(record);
    records?.append(record);
  };
  try {
    const load = await measure({
      io,
      settings,
      session,
      workload: await run.calibrator.workloadFor(first, idPrefix, keep),
      targets,
      plan: rest,
      idPrefix,
      graceNs,
      signal,
      abortSignal: AbortSignal.any([broken, learnt.signal]),
      budget: budget(),
      sendLog: history?.sendLog ?? null,
      onRecord(record) {
        count(record, present);
        progress?.add(record);
        records?.append(record);
        return records?.ready();
      },
      onProgress: (state) => progress?.update(state),
      beforeStart: run.beforeStart,
    });
    if (history !== null) {
      await records?.flush();
      await history.end(idPrefix, load, !(run.interrupted.aborted && load.stoppedBy === "signal"));
    }
    return [...(past?.sessions ?? []), { session: present, load }];
  } finally {
    await progress?.stop();
  }
}

/** What a request says of whom it asks. */
const targetOf = ({ target: { adapter, model }, label }: NamedTarget): Target => ({ provider: adapter.id, model, label, origin: null });

function describeWarmup({ warmup = null }: LoadPlan): string {
  if (warmup === null) return "";
  const amount = "requests" in warmup ? `${warmup.requests} requests` : `${formatDuration(warmup.durationNs)} of requests`;
  return `Warm-up: ${amount} that are in no figure.\n`;
}
