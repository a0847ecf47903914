import { type EventLoopUtilization, performance, PerformanceObserver } from "node:perf_hooks";
import type { InstrumentLoad, ThreadLoad } from "./result.ts";

const NS_PER_MS = 1e6;
const NS_PER_US = 1e3;
const SAMPLE_EVERY_MS = 1_000;

interface CpuUsage {
  readonly user: number;
  readonly system: number;
}

/** Node has it from 23.9 on; the types of Node 20 do not. */
const { threadCpuUsage } = process as { threadCpuUsage?: () => CpuUsage };

const cpuNs = (): number => {
  const { user, system } = threadCpuUsage?.() ?? process.cpuUsage();
  return (user + system) * NS_PER_US;
};

/** Watches what the calling thread has to do; `stop` tells. `worker` is its number, null for the thread that asked for the run. */
export function watchThread(worker: number | null): { readonly stop: () => ThreadLoad } {
  const startNs = process.hrtime.bigint();
  const startCpuNs = cpuNs();
  const start = performance.eventLoopUtilization();
  let before: EventLoopUtilization = start;
  let busiest: number | null = null;
  let count = 0;
  let totalMs = 0;
  let maxMs = 0;

  const noteCollections = (entries: readonly { readonly duration: number }[]): void => {
    for (const { duration } of entries) {
      count += 1;
      totalMs += duration;
      maxMs = Math.max(maxMs, duration);
    }
  };
  const observer = new PerformanceObserver((list) => noteCollections(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  const sampler = setInterval(() => {
    const present = performance.eventLoopUtilization();
    busiest = Math.max(busiest ?? 0, performance.eventLoopUtilization(present, before).utilization);
    before = present;
  }, SAMPLE_EVERY_MS);
  sampler.unref();

  return {
    stop() {
      clearInterval(sampler);
      noteCollections(observer.takeRecords());
      observer.disconnect();
      const mean = performance.eventLoopUtilization(start).utilization;
      return {
        worker,
        elapsedNs: Number(process.hrtime.bigint() - startNs),
        utilization: { mean, max: Math.max(busiest ?? mean, mean) },
        gc: { count, totalNs: Math.round(totalMs * NS_PER_MS), maxNs: Math.round(maxMs * NS_PER_MS) },
        cpuNs: cpuNs() - startCpuNs,
        cpuScope: threadCpuUsage === undefined ? "process" : "thread",
      };
    },
  };
}

/** Watches the memory of the process; `stop` tells. */
export function watchMemory(): { readonly stop: () => InstrumentLoad["rss"] } {
  const startBytes = process.memoryUsage.rss();
  let maxBytes = startBytes;
  const look = (): number => {
    const bytes = process.memoryUsage.rss();
    maxBytes = Math.max(maxBytes, bytes);
    return bytes;
  };
  const sampler = setInterval(look, SAMPLE_EVERY_MS);
  sampler.unref();
  return {
    stop() {
      clearInterval(sampler);
      const endBytes = look();
      return { startBytes, maxBytes, endBytes };
    },
  };
}
