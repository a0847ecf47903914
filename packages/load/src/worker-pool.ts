import { availableParallelism } from "node:os";
import { type Cancel, LensError, type RequestRecord, systemClock } from "@lens/core";
import type { CrashSummary } from "@lens/metrics";
import { chooseWorkers } from "./choose-workers.ts";
import { checkJob } from "./job.ts";
import type { PartResult } from "./part.ts";
import type { ResolvedPlan } from "./resolve-plan.ts";
import type { LoadResult, ThreadLoad } from "./result.ts";
import type { RunLoadInWorkers } from "./run-options.ts";
import { createSession, type Session, startOf, startProgress } from "./session.ts";
import { summarizeRun } from "./summarize-run.ts";
import { readMoment } from "./worker-clock.ts";
import { watchMemory } from "./worker-instrument.ts";
import type { FromWorker, WorkerHandle, WorkerOrder } from "./worker-protocol.ts";

/** How a worker ended: with its work done, or not. */
type Ending = { readonly result: PartResult; readonly load: ThreadLoad } | { readonly crash: CrashSummary };

/** A worker under watch. */
interface Supervised {
  readonly handle: WorkerHandle;
  /** Resolves when the worker can start, or has ended. */
  readonly ready: Promise<void>;
  /** Rejects for misuse, and with what `onRecord` rejects with. */
  readonly ending: Promise<Ending>;
}

/** The start is this far off when the workers are told of it, so that it is no past for any of them. */
const LEAD_NS = 2_000_000n;
/** A worker that was told to break off and has not ended by then is ended. */
const ABORT_GRACE_NS = 2e9;

/** Takes in what a worker tells, in order, and waits for what takes its records. */
function supervise(session: Session, worker: number, handle: WorkerHandle): Supervised {
  const { board, collector, controls } = session;
  let received = 0;
  let setReady = (): void => undefined;
  const ready = new Promise<void>((resolve) => {
    setReady = resolve;
  });
  const ending = new Promise<Ending>((resolve, reject) => {
    let inbox: Promise<void> = Promise.resolve();
    /** After all that came before. */
    const inTurn = (work: () => void | Promise<void>): void => {
      inbox = inbox.then(work);
      inbox.catch(reject);
    };
    const crash = (reason: string): void => resolve({ crash: { worker, reason, lost: board.begun(worker) - received } });

    async function takeRecords(lines: readonly string[]): Promise<void> {
      for (const line of lines) {
        received += 1;
        await collector.take(JSON.parse(line) as RequestRecord);
      }
      handle.post({ type: "taken" });
    }

    function onMessage(message: FromWorker): void {
      switch (message.type) {
        case "ready":
          return setReady();
        case "records":
          return inTurn(() => takeRecords(message.lines));
        case "stopped":
          return controls.stop();
        case "done":
          return inTurn(() => resolve({ result: message.result, load: message.load }));
        case "failed":
          setReady();
          return inTurn(() => {
            if (message.code === null) crash(message.message);
            else throw new LensError(message.code, message.message);
          });
      }
    }
    handle.listen(onMessage, (reason) => {
      setReady();
      inTurn(() => crash(reason));
    });
  });
  return { handle, ready, ending };
}

/** Leads the signals of a run to its workers, and ends those that do not heed them, unless that is cancelled. */
function forwardSignals({ controls, clock }: Session, handles: readonly WorkerHandle[]): Cancel {
  const { stopSignal, abortSignal } = controls;
  let cancel: Cancel = () => undefined;
  const onStop = (): void => handles.forEach((handle) => handle.post({ type: "stop" }));
  const onAbort = (): void => {
    handles.forEach((handle) => handle.post({ type: "abort" }));
    cancel = clock.after(ABORT_GRACE_NS, () => void terminateAll(handles));
  };
  if (stopSignal.aborted) onStop();
  else stopSignal.addEventListener("abort", onStop, { once: true });
  if (abortSignal.aborted) onAbort();
  else abortSignal.addEventListener("abort", onAbort, { once: true });
  return () => cancel();
}

const terminateAll = (handles: readonly WorkerHandle[]): Promise<unknown> => Promise.all(handles.map((handle) => handle.terminate()));

/** Runs a plan in worker threads that `spawn` starts. Rejects as `runLoad` does. */
export async function runInWorkers(
  plan: ResolvedPlan,
  options: RunLoadInWorkers,
  spawn: (order: WorkerOrder) => WorkerHandle,
): Promise<LoadResult> {
  const { job, workers = "auto", onProgress } = options;
  checkJob(job, plan);
  const count = chooseWorkers(plan, workers, availableParallelism());
  const clock = systemClock;
  const session = createSession(options, plan, clock, count);
  const { board, controls, maxCostUsd } = session;
  const moment = readMoment(clock);
  const memory = watchMemory();
  const crews = Array.from({ length: count }, (_, worker) => {
    const part = { index: plan.shard.index + plan.shard.of * worker, of: plan.shard.of * count };
    return supervise(
      session,
      worker,
      spawn({ worker, job, plan, part, memory: board.buffer, maxCostUsd, sendLog: options.sendLog ?? null, moment }),
    );
  });
  const handles = crews.map(({ handle }) => handle);
  const crashes: CrashSummary[] = [];
  let cancelProgress: Cancel = () => undefined;
  const cancelTermination = forwardSignals(session, handles);
  try {
    const endings = Promise.all(
      crews.map(async ({ ending }) => {
        const ended = await ending;
        if ("crash" in ended) crashes.push(ended.crash);
        return ended;
      }),
    );
    endings.catch(() => undefined);
    await Promise.all(crews.map(({ ready }) => ready));
    await options.beforeStart?.();
    const { startNs, startedAtMs } = startOf(session, clock.nowNs() + LEAD_NS);
    handles.forEach((handle) => handle.post({ type: "start", startNs }));
    cancelProgress = startProgress(session, startNs, crashes, onProgress);
    const done = (await endings).flatMap((ended) => ("crash" in ended ? [] : [ended]));
    const instrument = { threads: done.map(({ load }) => load), rss: memory.stop() };
    return summarizeRun(session, { startedAtMs, parts: done.map(({ result }) => result), crashes, workers: count, instrument });
  } finally {
    memory.stop();
    cancelProgress();
    cancelTermination();
    controls.dispose();
    await terminateAll(handles);
  }
}
