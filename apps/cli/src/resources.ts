import type { LoadResult } from "@lens/load";
import type { ResourceSummary } from "@lens/metrics";

/** What several runs, one after the other, cost the machine. Null without any thread that tells. */
export function summarizeResources(runs: readonly LoadResult[]): ResourceSummary | null {
  const told = runs.filter(({ instrument }) => instrument.threads.length > 0);
  const threads = told.flatMap(({ instrument }) => instrument.threads);
  const [first] = told;
  const last = told.at(-1);
  const [thread] = threads;
  if (first === undefined || last === undefined || thread === undefined) return null;
  const elapsedNs = threads.reduce((sum, each) => sum + each.elapsedNs, 0);
  const busyNs = threads.reduce((sum, each) => sum + each.elapsedNs * each.utilization.mean, 0);
  return {
    threads: Math.max(...told.map(({ instrument }) => instrument.threads.length)),
    utilization: {
      mean: elapsedNs === 0 ? 0 : busyNs / elapsedNs,
      max: Math.max(...threads.map(({ utilization }) => utilization.max)),
    },
    gc: {
      count: threads.reduce((sum, { gc }) => sum + gc.count, 0),
      totalNs: threads.reduce((sum, { gc }) => sum + gc.totalNs, 0),
      maxNs: Math.max(...threads.map(({ gc }) => gc.maxNs)),
    },
    cpuNs: told.reduce((sum, run) => sum + cpuOf(run), 0),
    cpuScope: thread.cpuScope,
    rss: {
      startBytes: first.instrument.rss.startBytes,
      maxBytes: Math.max(...told.map(({ instrument }) => instrument.rss.maxBytes)),
      endBytes: last.instrument.rss.endBytes,
    },
  };
}

/** Where each thread can only tell of the whole process, all tell of the same time. */
function cpuOf({ instrument: { threads } }: LoadResult): number {
  const times = threads.map(({ cpuNs }) => cpuNs);
  return threads[0]?.cpuScope === "process" ? Math.max(...times) : times.reduce((sum, cpuNs) => sum + cpuNs, 0);
}
