import type { Cancel, Clock } from "@lens/core";
import type { CrashSummary } from "@lens/metrics";
import { type Board, createBoardMemory, openBoard } from "./board.ts";
import { openLedger } from "./budget.ts";
import { type Collector, createCollector } from "./collector.ts";
import { type Controls, createControls } from "./controls.ts";
import { rampOf, type ResolvedPlan } from "./resolve-plan.ts";
import type { LoadProgress } from "./result.ts";
import type { RunLoadBase } from "./run-options.ts";
import { levelAt } from "./stages.ts";

/** What a run is made of, in the thread that asked for it. */
export interface Session {
  readonly plan: ResolvedPlan;
  readonly clock: Clock;
  readonly board: Board;
  readonly collector: Collector;
  readonly controls: Controls;
  /** Threads that send. */
  readonly threads: number;
  readonly maxCostUsd: number | null;
}

const NS_PER_MS = 1e6;
const DEFAULT_GRACE_NS = 10e9;
const PROGRESS_EVERY_NS = 100e6;

/** Prepares a run that so many threads share. Dispose of its `controls` in the end. */
export function createSession(options: RunLoadBase, plan: ResolvedPlan, clock: Clock, threads: number): Session {
  const { budget = null, onRecord, signal, abortSignal, graceNs = DEFAULT_GRACE_NS } = options;
  const board = openBoard(createBoardMemory(threads, plan.targets), plan);
  const collector = createCollector(budget === null ? null : openLedger(budget, board), onRecord);
  const controls = createControls({ board, clock, signal, abortSignal, graceNs });
  return { plan, clock, board, collector, controls, threads, maxCostUsd: budget?.maxCostUsd ?? null };
}

/** When a run began that begins, or goes on, at `nowNs`: of one that goes on the pause does not count. */
export function startOf({ plan, clock, board }: Session, nowNs: bigint): { readonly startNs: bigint; readonly startedAtMs: number } {
  const elapsedNs = plan.resume?.elapsedNs ?? 0;
  const startNs = nowNs - BigInt(elapsedNs);
  board.resume(startNs);
  return { startNs, startedAtMs: clock.epochMs() - elapsedNs / NS_PER_MS };
}

function sumOver({ threads }: Session, count: (worker: number) => number): number {
  return Array.from({ length: threads }, (_, worker) => count(worker)).reduce((sum, value) => sum + value, 0);
}

/** How many requests were sent so far. */
export const countSent = (session: Session): number => sumOver(session, session.board.begun);

/** Tells `onProgress` how the run that began at `startNs` goes, until it is cancelled. */
export function startProgress(
  session: Session,
  startNs: bigint,
  crashes: readonly CrashSummary[],
  onProgress: RunLoadBase["onProgress"],
): Cancel {
  if (onProgress === undefined) return () => undefined;
  const { plan, clock, board, collector } = session;
  const ramp = rampOf(plan.load);
  let cancel: Cancel = () => undefined;

  function progress(): LoadProgress {
    const elapsedNs = Math.max(0, Number(clock.nowNs() - startNs));
    const crashed = (worker: number): boolean => crashes.some((crash) => crash.worker === worker);
    return {
      elapsedNs,
      phase: board.latestPhase(),
      sent: countSent(session),
      done: collector.done(),
      inFlight: sumOver(session, (worker) => (crashed(worker) ? 0 : board.inFlight(worker))),
      lost: crashes.reduce((sum, { lost }) => sum + lost, 0),
      level: ramp === null ? null : levelAt(ramp, elapsedNs),
      failedByCode: collector.failedByCode(),
    };
  }

  const schedule = (): void => {
    cancel = clock.after(PROGRESS_EVERY_NS, () => {
      onProgress(progress());
      schedule();
    });
  };
  schedule();
  return () => cancel();
}
