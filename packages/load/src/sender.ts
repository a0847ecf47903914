import { type Clock, LensError, type RequestRecord } from "@lens/core";
import { createTransport, DEFAULT_RETRY_POLICY, findAdapter, type ProviderAdapter, runRequest, type RunOptions } from "@lens/providers";
import type { Asked } from "@lens/workloads";
import { openAsker } from "./asker.ts";
import { type JobTarget, targetsOf, type WorkerJob, workloadOf } from "./job.ts";
import type { Ticket } from "./ticket.ts";

/** Sends the requests of a job. */
export interface Sender {
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Makes the prompt of the request that comes next, so that it is there when its time comes. */
  readonly prepare: (asked: Asked) => void;
  /** How many turns each conversation has; left out where each request stands alone. */
  readonly turnsOf?: (conversation: number) => number;
  /** Closes its connections and its workload. */
  readonly close: () => Promise<void>;
}

/** How one target is asked. */
interface Line {
  readonly adapter: ProviderAdapter;
  readonly model: string;
  readonly options: RunOptions;
}

function createLine(target: JobTarget, job: WorkerJob, clock: Clock): Line {
  const { timeouts = {}, labels = {}, retry = null, ca } = job;
  const { adapter, provider = adapter, model, label = `${provider}:${model}`, apiKey, baseUrl, headers, proxy = null } = target;
  return {
    adapter: { ...findAdapter(adapter), id: provider },
    model,
    options: {
      transport: createTransport({ clock, proxyFor: () => proxy, ...(ca === undefined ? {} : { ca }) }),
      credentials: { apiKey, ...(baseUrl === undefined ? {} : { baseUrl }), ...(headers === undefined ? {} : { headers }) },
      clock,
      label,
      labels,
      timeouts,
      retry: retry === null ? null : { ...DEFAULT_RETRY_POLICY, ...retry },
    },
  };
}

/**
 * A sender of its own connections, in the calling thread, for a job that was checked. Rejects with what is wrong with its workload; `send` rejects
 * with what goes wrong with that later, and with `INTERNAL` for a target that the job does not have.
 */
export async function openSender(job: WorkerJob, seed: number, clock: Clock): Promise<Sender> {
  const { idPrefix = "" } = job;
  const asker = await openAsker(workloadOf(job), { seed, scope: idPrefix });
  const lines = targetsOf(job).map((target) => createLine(target, job, clock));

  return {
    ...(asker.turnsOf === undefined ? {} : { turnsOf: asker.turnsOf }),
    prepare: asker.prepare,
    async send(ticket) {
      const { id, phase, target, dueNs, signal } = ticket;
      const line = lines[target];
      if (line === undefined) throw new LensError("INTERNAL", `Expected a target below ${lines.length}, got target ${target}.`);
      const { adapter, model, options } = line;
      const own = { id: `${idPrefix}${id}`, phase, signal, ...(dueNs === null ? {} : { dueNs }) };
      return asker.ask(ticket, (prompt, asking) => runRequest(adapter, { ...prompt, model }, { ...options, ...own, ...asking }));
    },
    async close() {
      lines.forEach(({ options }) => options.transport.close());
      await asker.close();
    },
  };
}
