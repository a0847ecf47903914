import type { CrashSummary, LoadSummary, ResourceSummary, ScheduleSummary } from "./load-summary.ts";
import { mostOf, sumOf } from "./sums.ts";
import { mergeDistributions } from "./merge-distributions.ts";
import { lengthNs, type TimeWindow, uniteWindows } from "./time-window.ts";

const NS_PER_SECOND = 1e9;

/** What ended a shard early says more of the whole than what ended another as planned. */
const WORST_FIRST = ["crash", "trace", "signal", "budget", "duration", "requests"] as const satisfies readonly LoadSummary["stoppedBy"][];

/** The rate of so many instants: shards that ran at the same time add up, those that ran one after another do not. */
function rateOver(instants: number, windows: readonly (TimeWindow | null)[]): number | null {
  const united = uniteWindows(windows.flatMap((window) => window ?? []));
  const spanNs = lengthNs(united);
  return spanNs === 0 ? null : ((instants - united.length) * NS_PER_SECOND) / spanNs;
}

function hull(windows: readonly (TimeWindow | null)[]): TimeWindow | null {
  const united = uniteWindows(windows.flatMap((window) => window ?? []));
  const [first, last] = [united.at(0), united.at(-1)];
  return first === undefined || last === undefined ? null : { fromMs: first.fromMs, toMs: last.toMs };
}

function mergeSchedules(schedules: readonly ScheduleSummary[]): ScheduleSummary | null {
  if (schedules.length === 0) return null;
  const sent = sumOf(schedules, (schedule) => schedule.sent);
  const [due, started] = [schedules.map((schedule) => schedule.due), schedules.map((schedule) => schedule.started)];
  return {
    sent,
    due: hull(due),
    started: hull(started),
    targetRatePerSecond: rateOver(sent, due),
    deliveredRatePerSecond: rateOver(sent, started),
    sendLag: mergeDistributions(schedules.map(({ sendLag }) => sendLag)),
    waitedForSlot: sumOf(schedules, ({ waitedForSlot }) => waitedForSlot),
    waitedForLimit: sumOf(schedules, ({ waitedForLimit }) => waitedForLimit),
    waitedForRecords: sumOf(schedules, ({ waitedForRecords }) => waitedForRecords),
  };
}

/** Workers are counted on from one process to the next. */
function renumberCrashes(loads: readonly LoadSummary[]): readonly CrashSummary[] {
  let before = 0;
  return loads.flatMap(({ crashes, workers }) => {
    const offset = before;
    before += workers;
    return crashes.map((crash) => ({ ...crash, worker: crash.worker + offset }));
  });
}

/** How the requests of one group were sent by several processes together. Null where it is known of none. */
export function mergeLoads(loads: readonly LoadSummary[]): LoadSummary | null {
  if (loads.length === 0) return null;
  return {
    stoppedBy: WORST_FIRST.find((cause) => loads.some(({ stoppedBy }) => stoppedBy === cause)) ?? "requests",
    sent: sumOf(loads, ({ sent }) => sent),
    lost: sumOf(loads, ({ lost }) => lost),
    workers: sumOf(loads, ({ workers }) => workers),
    crashes: renumberCrashes(loads),
    schedule: mergeSchedules(loads.flatMap(({ schedule }) => schedule ?? [])),
  };
}

/** How the requests of one group were sent by processes one after the other, the next of which went on where one had stopped. Null where it is known of none. */
export function joinLoads(loads: readonly LoadSummary[]): LoadSummary | null {
  const [joined, last] = [mergeLoads(loads), loads.at(-1)];
  if (joined === null || last === undefined) return null;
  return { ...joined, stoppedBy: last.stoppedBy, workers: mostOf(loads, ({ workers }) => workers) };
}

/** What measuring cost several processes together; memory is that of the one with the most. Null where it was watched in none. */
export function mergeResources(resources: readonly ResourceSummary[]): ResourceSummary | null {
  if (resources.length === 0) return null;
  const threads = sumOf(resources, (one) => one.threads);
  return {
    threads,
    utilization: {
      mean: sumOf(resources, (one) => one.utilization.mean * one.threads) / Math.max(1, threads),
      max: mostOf(resources, (one) => one.utilization.max),
    },
    gc: {
      count: sumOf(resources, ({ gc }) => gc.count),
      totalNs: sumOf(resources, ({ gc }) => gc.totalNs),
      maxNs: mostOf(resources, ({ gc }) => gc.maxNs),
    },
    cpuNs: sumOf(resources, ({ cpuNs }) => cpuNs),
    cpuScope: resources.some(({ cpuScope }) => cpuScope === "process") ? "process" : "thread",
    rss: {
      startBytes: mostOf(resources, ({ rss }) => rss.startBytes),
      maxBytes: mostOf(resources, ({ rss }) => rss.maxBytes),
      endBytes: mostOf(resources, ({ rss }) => rss.endBytes),
    },
  };
}
