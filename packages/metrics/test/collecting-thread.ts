import { type MessagePort, parentPort, workerData } from "node:worker_threads";
import { createCollector } from "../src/collector.ts";
import { portionsOf, type ThreadOrder } from "./threads.ts";

const { thread, posts } = workerData as ThreadOrder;
const collector = createCollector();
const post = (message: unknown): void => (parentPort as MessagePort).postMessage(message, []);

for (const portion of portionsOf(thread)) {
  if (posts === "records") post(portion);
  else {
    portion.forEach(collector.add);
    post(collector.report());
    collector.reset();
  }
}
