import { Worker } from "node:worker_threads";
import { workerCode } from "./worker-code.ts";
import type { FromWorker, WorkerHandle, WorkerOrder } from "./worker-protocol.ts";

/** Starts a worker thread. */
export function spawnWorker(order: WorkerOrder): WorkerHandle {
  // Without the flags of the main thread: what those load (hooks, instrumentation) would run between the socket and the stamp.
  const worker = new Worker(workerCode(), { workerData: order, execArgv: [] });
  let failure: string | null = null;
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    post: (message) => worker.postMessage(message),
    listen(onMessage, onExit) {
      worker.on("message", (message: FromWorker) => onMessage(message));
      worker.on("error", (error) => {
        failure = error instanceof Error ? error.message : String(error);
      });
      worker.on("exit", (code) => onExit(failure ?? `exit code ${code}`));
    },
    terminate: async () => void (await worker.terminate()),
  };
}
