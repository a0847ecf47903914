import { setMaxListeners } from "node:events";
import { LensError } from "@lens/core";
import { openBoard } from "./board.ts";
import { openPart } from "./run-part.ts";
import { openSender } from "./sender.ts";
import { createWorkerClock } from "./worker-clock.ts";
import { watchThread } from "./worker-instrument.ts";
import { createOutbox } from "./worker-outbox.ts";
import type { WorkerOrder, WorkerPort } from "./worker-protocol.ts";
import { createTurnstile } from "./worker-turnstile.ts";

/** To begin a request takes about 0.2 ms, so that a turn is drawn out by less than 2 ms. */
const STARTS_PER_TURN = 8;

/** Runs a worker's part of a run, as the main thread tells by `port`. Never rejects: what goes wrong is told, too. */
export async function serveOrder(order: WorkerOrder, port: WorkerPort): Promise<void> {
  const { worker, job, plan, part, memory, maxCostUsd, sendLog, moment } = order;
  const clock = createWorkerClock(moment);
  const board = openBoard(memory, plan);
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
    const ready = await openPart(plan, part);
    const { close, ...sender } = await openSender(job, plan.seed, clock);
    port.post({ type: "ready" });
    const startNs = await started;
    const thread = watchThread(worker);
    try {
      const onStop = (): void => port.post({ type: "stopped" });
      const signals = { stopSignal: stopping.signal, abortSignal: aborting.signal };
      const result = await ready.run({
        worker,
        board,
        clock,
        startNs,
        maxCostUsd,
        sendLog,
        ...sender,
        begin: createTurnstile(STARTS_PER_TURN),
        onRecord: outbox.add,
        onStop,
        ...signals,
      });
      await outbox.flush();
      port.post({ type: "done", result, load: thread.stop() });
    } finally {
      await close();
      await ready.close();
    }
  } catch (error) {
    await outbox.flush();
    const code = error instanceof LensError ? error.code : null;
    port.post({ type: "failed", code, message: error instanceof Error ? error.message : String(error) });
  }
}
