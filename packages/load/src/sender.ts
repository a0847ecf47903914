import { type Clock, LensError, type RequestRecord } from "@lens/core";
import { createTransport, DEFAULT_RETRY_POLICY, findAdapter, type ProviderAdapter, runRequest, type RunOptions } from "@lens/providers";
import { type JobTarget, targetsOf, type WorkerJob } from "./job.ts";
import type { Ticket } from "./ticket.ts";

/** Sends the requests of a job. */
export interface Sender {
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Closes its connections. */
  readonly close: () => void;
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

/** A sender of its own connections, in the calling thread, for a job that was checked. Rejects with `INTERNAL` for a target that the job does not have. */
export function createSender(job: WorkerJob, clock: Clock): Sender {
  const { prompts, idPrefix = "" } = job;
  const lines = targetsOf(job).map((target) => createLine(target, job, clock));
  return {
    async send({ id, phase, target, turn, dueNs, signal }) {
      const line = lines[target];
      const prompt = prompts[turn % prompts.length];
      if (line === undefined || prompt === undefined)
        throw new LensError("INTERNAL", `Expected a target below ${lines.length} and a prompt for it, got target ${target}.`);
      const { adapter, model, options } = line;
      const own = { id: `${idPrefix}${id}`, phase, signal, ...(dueNs === null ? {} : { dueNs }) };
      return runRequest(adapter, { ...prompt, model }, { ...options, ...own });
    },
    close: () => lines.forEach(({ options }) => options.transport.close()),
  };
}
