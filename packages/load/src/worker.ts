import { parentPort, workerData } from "node:worker_threads";
import type { ToWorker, WorkerOrder } from "./worker-protocol.ts";
import { serveOrder } from "./worker-serve.ts";

if (parentPort !== null) {
  const port = parentPort;
  await serveOrder(workerData as WorkerOrder, {
    post: (message) => port.postMessage(message),
    listen: (onMessage) => void port.on("message", (message: ToWorker) => onMessage(message)),
  });
  port.close();
}
