import { type Clock, LensError, type RequestRecord } from "@lens/core";
import { createTransport, DEFAULT_RETRY_POLICY, findAdapter, runRequest } from "@lens/providers";
import type { WorkerJob } from "./job.ts";
import type { Ticket } from "./ticket.ts";

/** Sends the requests of a job. */
export interface Sender {
  readonly send: (ticket: Ticket) => Promise<RequestRecord>;
  /** Closes its connections. */
  readonly close: () => void;
}

/** A sender of its own connections, in the calling thread. Throws `UNKNOWN_PROVIDER`, and `INVALID_ARGUMENT` for a job without prompts. */
export function createSender(job: WorkerJob, clock: Clock): Sender {
  const { target, prompts, idPrefix = "", timeouts = {}, labels = {}, retry = null, proxy = null, ca } = job;
  const { adapter: adapterId, provider = adapterId, model, label = `${provider}:${model}`, apiKey, baseUrl, headers } = target;
  const [first] = prompts;
  if (first === undefined) throw new LensError("INVALID_ARGUMENT", "Expected a job with at least one prompt, got none.");
  const adapter = { ...findAdapter(adapterId), id: provider };
  const credentials = { apiKey, ...(baseUrl === undefined ? {} : { baseUrl }), ...(headers === undefined ? {} : { headers }) };
  const transport = createTransport({ clock, proxyFor: () => proxy, ...(ca === undefined ? {} : { ca }) });
  const rest = {
    transport,
    credentials,
    clock,
    label,
    labels,
    timeouts,
    retry: retry === null ? null : { ...DEFAULT_RETRY_POLICY, ...retry },
  };
  return {
    send({ index, id, phase, dueNs, signal }) {
      const prompt = { ...(prompts[index % prompts.length] ?? first), model };
      return runRequest(adapter, prompt, { ...rest, id: `${idPrefix}${id}`, phase, signal, ...(dueNs === null ? {} : { dueNs }) });
    },
    close: () => transport.close(),
  };
}
