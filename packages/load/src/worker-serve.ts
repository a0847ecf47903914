import { setMaxListeners } from "node:events";
import { type Clock, LensError } from "@lens/core";
import { createTransport, DEFAULT_RETRY_POLICY, findAdapter, runRequest } from "@lens/providers";
import { openBoard } from "./board.ts";
import type { WorkerJob } from "./job.ts";
import type { PartOptions } from "./part.ts";
import { runPart } from "./run-part.ts";
import { createWorkerClock } from "./worker-clock.ts";
import { watchThread } from "./worker-instrument.ts";
import { createOutbox } from "./worker-outbox.ts";
import type { WorkerOrder, WorkerPort } from "./worker-protocol.ts";

/** What sends the requests of a job. */
function createSender(job: WorkerJob, clock: Clock): { readonly send: PartOptions["send"]; readonly close: () => void } {
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

/** Runs a worker's part of a run, as the main thread tells by `port`. Never rejects: what goes wrong is told, too. */
export async function serveOrder(order: WorkerOrder, port: WorkerPort): Promise<void> {
  const { worker, job, plan, part, memory, maxCostUsd, moment } = order;
  const clock = createWorkerClock(moment);
  const board = openBoard(memory, plan.phases);
  const stopping = new AbortController();
  const aborting = new AbortController();
  setMaxListeners(0, stopping.signal, aborting.signal);
  const outbox = createOutbox(clock, (lines) => port.post({ type: "records", lines }));
  const started = new Promise<bigint>((resolve) => {
    port.listen((message) => {
      switch (message.type) {
        case "start":
          return resolve(message.startNs);
        case "taken":
          return outbox.taken();
        case "stop":
          return stopping.abort();
        case "abort":
          return aborting.abort();
      }
    });
  });

  try {
    const { send, close } = createSender(job, clock);
    port.post({ type: "ready" });
    const startNs = await started;
    const thread = watchThread(worker);
    try {
      const onStop = (): void => port.post({ type: "stopped" });
      const signals = { stopSignal: stopping.signal, abortSignal: aborting.signal };
      const result = await runPart({
        plan,
        part,
        worker,
        board,
        clock,
        startNs,
        maxCostUsd,
        send,
        onRecord: outbox.add,
        onStop,
        ...signals,
      });
      await outbox.flush();
      port.post({ type: "done", result, load: thread.stop() });
    } finally {
      close();
    }
  } catch (error) {
    await outbox.flush();
    const code = error instanceof LensError ? error.code : null;
    port.post({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
  }
}
