import { parentPort, workerData } from "node:worker_threads";
import { rehearseTransport } from "@lens/providers";
import type { ToWorker, WorkerOrder } from "./worker-protocol.ts";
import { serveOrder } from "./worker-serve.ts";

if (parentPort !== null) {
  const port = parentPort;
  // Before the start is set: the first requests shall find code that was compiled.
  await rehearseTransport();
  await serveOrder(workerData as WorkerOrder, {
    post: (message) => port.postMessage(message),
    listen: (onMessage) => void port.on("message", (message: ToWorker) => onMessage(message)),
  });
  port.close();
}
