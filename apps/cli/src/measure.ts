import type { RequestRecord } from "@lens/core";
import { type Budget, type LoadPlan, type LoadProgress, type LoadResult, runLoad, type Ticket, type WorkerJob } from "@lens/load";
import { type RetryPolicy, runRequest } from "@lens/providers";
import type { ResolvedSettings } from "./config.ts";
import type { Io } from "./io.ts";
import type { Prompt } from "./prompt.ts";
import type { Session } from "./session.ts";
import type { ResolvedTarget } from "./targets.ts";

/** How one load is sent to one target. */
export interface Measurement {
  readonly io: Io;
  readonly settings: ResolvedSettings;
  readonly session: Session;
  readonly prompt: Prompt;
  readonly target: ResolvedTarget;
  readonly plan: LoadPlan;
  /** The name of the group in the report. */
  readonly label: string;
  /** Put before the id of each request. */
  readonly idPrefix: string;
  readonly budget: Budget | null;
  readonly graceNs: number;
  /** Stops the sending. */
  readonly signal: AbortSignal;
  /** Breaks all off. */
  readonly abortSignal: AbortSignal;
  readonly onRecord: (record: RequestRecord) => void | Promise<void>;
  readonly onProgress?: (progress: LoadProgress) => void;
}

/**
 * Sends a load from worker threads, so that what draws and writes keeps no stamp waiting; from the calling thread where that was asked
 * for, or where no worker can be started.
 */
export function measure(measurement: Measurement): Promise<LoadResult> {
  const { io, settings, plan, budget, graceNs, signal, abortSignal, onRecord, onProgress } = measurement;
  const base = { plan, budget, graceNs, signal, abortSignal, onRecord, ...(onProgress === undefined ? {} : { onProgress }) };
  if (settings.workers === 0 || !io.startsWorkers)
    return runLoad({ ...base, clock: io.clock, send: (ticket) => send(measurement, ticket) });
  return runLoad({ ...base, job: jobOf(measurement), workers: settings.workers });
}

function send({ io, session, prompt, target, label, idPrefix }: Measurement, ticket: Ticket): Promise<RequestRecord> {
  const { transport, timeouts, retry } = session;
  const { adapter, model, credentials } = target;
  const { id, phase, dueNs, signal } = ticket;
  const due = dueNs === null ? {} : { dueNs };
  const sending = { transport, credentials, clock: io.clock, label, id: `${idPrefix}${id}`, phase, signal, timeouts, retry, ...due };
  return runRequest(adapter, { ...prompt, model }, sending);
}

function jobOf({ session, prompt, target, label, idPrefix }: Measurement): WorkerJob {
  const { adapter, adapterId, model, credentials } = target;
  const { timeouts, retry } = session;
  return {
    target: { ...credentials, adapter: adapterId, provider: adapter.id, model, label },
    prompts: [prompt],
    idPrefix,
    timeouts,
    retry: retry === null ? null : withoutChance(retry),
    proxy: session.proxyFor(target),
  };
}

/** A policy as it can be handed to a thread, which has a source of chance of its own. */
const withoutChance = ({ random: _random, ...policy }: RetryPolicy): NonNullable<WorkerJob["retry"]> => policy;
