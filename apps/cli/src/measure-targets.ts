import { formatDuration, type RequestRecord } from "@lens/core";
import { type LoadPlan, type LoadResult, type ProbeRequest, runSweep, searchHighestLoad, type SearchResult } from "@lens/load";
import type { LoadLevel, PriceBook, Slo, Summary } from "@lens/metrics";
import type { Calibrator } from "./calibrator.ts";
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
import type { Session } from "./session.ts";
import type { ResolvedTarget } from "./targets.ts";
import type { FailureTally } from "./verdict.ts";
import type { PlannedWorkload } from "./workload.ts";

/** What a run is made of. */
export interface Run {
  readonly command: "benchmark" | "compare";
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
  /** For formats that show single requests. */
  readonly sample: RecordSample;
  readonly summary: Summary;
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
    results.push(await measureTarget(run, target, idPrefix));
  }
  return results;
}

/** Sends the load to all targets by turns, in balanced random order, `block` requests to one before the next, so that drift hits all alike. */
export async function measureInterleaved(run: Run, block: number): Promise<readonly TargetResult[]> {
  const targets = run.session.targets.map((target) => ({ target, label: target.label }));
  const plan = { ...run.load.planAt(), targets: targets.length, block };
  const load = await sendLoad(run, { targets, plan, label: targets.map(({ label }) => label).join(", "), idPrefix: "" });
  return targets.map(({ target, label }) => ({ target, measured: [{ label, level: null, load }], endedEarly: false, search: null }));
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
  const send = async (plan: LoadPlan, value: number | null, more: Partial<SendOptions> = {}): Promise<MeasuredLoad> => {
    const level = value === null ? null : { kind: load.kind, value };
    const label = value === null ? target.label : `${target.label} @ ${value}`;
    const prefix = value === null ? idPrefix : `${idPrefix}l${measured.length + 1}-`;
    const sent = { label, level, load: await sendLoad(run, { targets: [{ target, label }], plan, label, idPrefix: prefix, ...more }) };
    measured.push(sent);
    return sent;
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

async function sendLoad(run: Run, { targets, plan, label, idPrefix, signal: enough, onRecord }: SendOptions): Promise<LoadResult> {
  const { io, notices, settings, session, guard, records, sample, summary, failures, watch, graceNs, signal, broken } = run;
  if (settings.verbose) await notices.say(describeWarmup(plan));
  const planned = expectationOf(plan, label);
  // How many turns the conversations that begin come to, nobody knows before.
  const isOpenEnded = run.workload.spec.kind === "conversations" && plan.load.mode === "open";
  const expected = isOpenEnded ? { ...planned, requests: null } : planned;
  const progress = settings.quiet ? null : await startProgress({ io, notices, color: settings.color, expected, signal });
  const learnt = new AbortController();
  const ownLabels = new Map(targets.map((named) => [named.label, named.target.label]));
  // Where the user asked to stop, what is in flight may end.
  enough?.addEventListener("abort", () => void (signal.aborted || learnt.abort()), { once: true });
  const keep = (record: RequestRecord): void => {
    summary.add(record);
    records?.append(record);
  };
  try {
    const [first] = targets;
    return await measure({
      io,
      settings,
      session,
      workload: first === undefined ? run.workload.spec : await run.calibrator.workloadFor(first, idPrefix, keep),
      targets,
      plan,
      idPrefix,
      graceNs,
      signal,
      abortSignal: AbortSignal.any([broken, learnt.signal]),
      budget: guard?.budgetFor(targets.map(({ target }) => target)) ?? null,
      onRecord(record) {
        const counts = !learnt.signal.aborted;
        onRecord?.(record);
        if (counts) {
          summary.add(record);
          failures.add(record);
          sample.add(record);
          watch?.add(record, { target: ownLabels.get(record.target.label) ?? label, plan });
        }
        progress?.add(record);
        records?.append(record);
        return records?.ready();
      },
      onProgress: (state) => progress?.update(state),
      beforeStart: run.beforeStart,
    });
  } finally {
    await progress?.stop();
  }
}

function describeWarmup({ warmup = null }: LoadPlan): string {
  if (warmup === null) return "";
  const amount = "requests" in warmup ? `${warmup.requests} requests` : `${formatDuration(warmup.durationNs)} of requests`;
  return `Warm-up: ${amount} that are in no figure.\n`;
}
