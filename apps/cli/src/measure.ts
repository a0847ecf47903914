import { LensError, type RequestRecord } from "@lens/core";
import {
  type Asker,
  type Budget,
  type LoadPlan,
  type LoadProgress,
  type LoadResult,
  openAsker,
  runLoad,
  type Ticket,
  type WorkerJob,
} from "@lens/load";
import { type RetryPolicy, runRequest } from "@lens/providers";
import type { WorkloadSpec } from "@lens/workloads";
import type { ResolvedSettings } from "./config.ts";
import { DEFAULT_SEED } from "./defaults.ts";
import type { Io } from "./io.ts";
import type { Session } from "./session.ts";
import type { ResolvedTarget } from "./targets.ts";

/** A target, and the name of its group in the report. */
export interface NamedTarget {
  readonly target: ResolvedTarget;
  readonly label: string;
}

/** How one load is sent, to one target or to several by turns. */
export interface Measurement {
  readonly io: Io;
  readonly settings: ResolvedSettings;
  readonly session: Session;
  readonly workload: WorkloadSpec;
  /** As many as the plan says. */
  readonly targets: readonly NamedTarget[];
  readonly plan: LoadPlan;
  /** Put before the id of each request. */
  readonly idPrefix: string;
  readonly budget: Budget | null;
  /** Where requests are noted before they are sent; null where nobody wants that. */
  readonly sendLog: number | null;
  readonly graceNs: number;
  /** Stops the sending. */
  readonly signal: AbortSignal;
  /** Breaks all off. */
  readonly abortSignal: AbortSignal;
  readonly onRecord: (record: RequestRecord) => void | Promise<void>;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Awaited once all is ready to be sent. */
  readonly beforeStart: () => Promise<void>;
}

/**
 * Sends a load from worker threads, so that what draws and writes keeps no stamp waiting; from the calling thread where that was asked
 * for, or where no worker can be started.
 */
export async function measure(measurement: Measurement): Promise<LoadResult> {
  const { io, settings, plan, workload, idPrefix, budget, sendLog, graceNs, signal, abortSignal, onRecord, onProgress, beforeStart } =
    measurement;
  const base = {
    plan,
    budget,
    sendLog,
    graceNs,
    signal,
    abortSignal,
    onRecord,
    beforeStart,
    ...(onProgress === undefined ? {} : { onProgress }),
  };
  if (settings.workers !== 0 && io.startsWorkers) return runLoad({ ...base, job: jobOf(measurement), workers: settings.workers });
  const asker = await openAsker(workload, { seed: plan.seed ?? DEFAULT_SEED, scope: idPrefix });
  const { prepare, turnsOf } = asker;
  try {
    const send = (ticket: Ticket): Promise<RequestRecord> => sendHere(measurement, asker, ticket);
    return await runLoad({ ...base, clock: io.clock, send, prepare, ...(turnsOf === undefined ? {} : { turnsOf }) });
  } finally {
    await asker.close();
  }
}

async function sendHere({ io, session, targets, idPrefix }: Measurement, asker: Asker, ticket: Ticket): Promise<RequestRecord> {
  const { transport, timeouts, retry } = session;
  const asked = targets[ticket.target];
  if (asked === undefined) throw new LensError("INTERNAL", `Expected a target below ${targets.length}, got ${ticket.target}.`);
  const { adapter, model, credentials } = asked.target;
  const { id, phase, dueNs, signal } = ticket;
  const due = dueNs === null ? {} : { dueNs };
  const sending = {
    transport,
    credentials,
    clock: io.clock,
    label: asked.label,
    id: `${idPrefix}${id}`,
    phase,
    signal,
    timeouts,
    retry,
    ...due,
  };
  return asker.ask(ticket, (prompt, asking) => runRequest(adapter, { ...prompt, model }, { ...sending, ...asking }));
}

function jobOf({ session, workload, targets, idPrefix }: Measurement): WorkerJob {
  const { timeouts, retry } = session;
  return {
    target: targets.map(({ target, label }) => ({
      ...target.credentials,
      adapter: target.adapterId,
      provider: target.adapter.id,
      model: target.model,
      label,
      proxy: session.proxyFor(target),
    })),
    workload,
    idPrefix,
    timeouts,
    retry: retry === null ? null : withoutChance(retry),
  };
}

/** A policy as it can be handed to a thread, which has a source of chance of its own. */
const withoutChance = ({ random: _random, ...policy }: RetryPolicy): NonNullable<WorkerJob["retry"]> => policy;
