import { systemClock } from "@lens/core";
import { checkJob } from "./job.ts";
import type { PartResult } from "./part.ts";
import { type ResolvedPlan, resolvePlan } from "./resolve-plan.ts";
import type { InstrumentLoad, LoadResult } from "./result.ts";
import type { RunLoadHere, RunLoadInWorkers, RunLoadOptions } from "./run-options.ts";
import { openPart } from "./run-part.ts";
import { openSender } from "./sender.ts";
import { createSession, startOf, startProgress } from "./session.ts";
import { summarizeRun } from "./summarize-run.ts";
import { watchMemory, watchThread } from "./worker-instrument.ts";
import { runInWorkers } from "./worker-pool.ts";
import { spawnWorker } from "./worker-spawn.ts";

async function runHere(plan: ResolvedPlan, { clock = systemClock, send, prepare, turnsOf, ...options }: RunLoadHere): Promise<LoadResult> {
  const ready = await openPart(plan, plan.shard);
  const session = createSession(options, plan, clock, 1);
  const { board, controls, collector, maxCostUsd } = session;
  const { stopSignal, abortSignal } = controls;
  await options.beforeStart?.();
  const { startNs, startedAtMs } = startOf(session, clock.nowNs());
  const cancelProgress = startProgress(session, startNs, [], options.onProgress);
  const memory = watchMemory();
  const thread = watchThread(null);
  let instrument: InstrumentLoad;
  let part: PartResult;
  try {
    part = await ready.run({
      worker: 0,
      board,
      clock,
      startNs,
      maxCostUsd,
      sendLog: options.sendLog ?? null,
      send,
      ...(prepare === undefined ? {} : { prepare }),
      ...(turnsOf === undefined ? {} : { turnsOf }),
      onRecord: collector.take,
      stopSignal,
      abortSignal,
      onStop: controls.stop,
    });
  } finally {
    instrument = { threads: [thread.stop()], rss: memory.stop() };
    cancelProgress();
    controls.dispose();
    await ready.close();
  }
  return summarizeRun(session, { startedAtMs, parts: [part], crashes: [], workers: 0, instrument });
}

async function runJobHere(plan: ResolvedPlan, options: RunLoadInWorkers): Promise<LoadResult> {
  checkJob(options.job, plan);
  const { close, ...sender } = await openSender(options.job, plan.seed, systemClock);
  try {
    return await runHere(plan, { ...options, ...sender });
  } finally {
    await close();
  }
}

/**
 * Runs a plan to its end: each request that is sent gives one record, or is counted as lost when its worker crashed. Rejects with `INVALID_ARGUMENT`
 * for a plan or a job that makes no sense, and with what `send` or `onRecord` reject with.
 */
export async function runLoad(options: RunLoadOptions): Promise<LoadResult> {
  const plan = resolvePlan(options.plan);
  if ("send" in options) return runHere(plan, options);
  return options.workers === 0 ? runJobHere(plan, options) : runInWorkers(plan, options, spawnWorker);
}
