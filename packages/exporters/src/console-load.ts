import { formatDuration } from "@lens/core";
import type { GroupSummary, ResourceSummary, ScheduleSummary } from "@lens/metrics";
import { formatCount, formatNumber, formatPlural, formatShare } from "./format.ts";
import type { Page } from "./page.ts";
import { stopReason } from "./stop-reason.ts";

const BYTES_PER_MB = 1e6;

function rates({ targetRatePerSecond, deliveredRatePerSecond }: ScheduleSummary): readonly string[] {
  if (targetRatePerSecond === null || deliveredRatePerSecond === null) return [];
  const off = deliveredRatePerSecond / targetRatePerSecond - 1;
  const sign = off < 0 ? "−" : "+";
  return [
    `${formatNumber(targetRatePerSecond)} requests/s due`,
    `${formatNumber(deliveredRatePerSecond)} sent (${sign}${(Math.abs(off) * 100).toFixed(2)} %)`,
  ];
}

function lag({ sendLag: { p50Ns, p99Ns, maxNs } }: ScheduleSummary): readonly string[] {
  if (maxNs === null) return [];
  const known = [
    ["p50", p50Ns],
    ["p99", p99Ns],
    ["max", maxNs],
  ] as const;
  return [`send lag ${known.flatMap(([name, valueNs]) => (valueNs === null ? [] : [`${name} ${formatDuration(valueNs)}`])).join(", ")}`];
}

function waits({ waitedForSlot, waitedForLimit, waitedForRecords }: ScheduleSummary): readonly string[] {
  const causes = [
    [waitedForSlot, "a free place"],
    [waitedForLimit, "a rate limit"],
    [waitedForRecords, "a slow disk"],
  ] as const;
  return causes.flatMap(([count, cause]) => (count === 0 ? [] : [`${formatPlural(count, "request")} waited for ${cause}`]));
}

/** Writes how an open loop kept its schedule. */
export function writeSchedule(page: Page, { load }: GroupSummary): void {
  const schedule = load?.schedule ?? null;
  if (schedule === null) return;
  page.field("schedule", [...rates(schedule), ...lag(schedule), ...waits(schedule)]);
  page.explain("load.schedule.deliveredRatePerSecond");
  page.explain("load.schedule.sendLag");
}

/** Writes what went wrong in sending; nothing where nothing did. */
export function writeTroubles(page: Page, { load }: GroupSummary): void {
  if (load === null) return;
  const stopped = stopReason(load);
  if (stopped !== null) page.field("STOPPED", [stopped], "bad");
  for (const { worker, reason, lost } of load.crashes)
    page.field("CRASHED", [`worker ${worker}`, `${formatPlural(lost, "request")} lost`, reason], "bad");
}

/** Writes what measuring cost the machine. */
export function writeResources(page: Page, { threads, utilization, gc, cpuNs, cpuScope, rss }: ResourceSummary): void {
  page.field(
    "measured by",
    [
      formatPlural(threads, "thread"),
      `event loop ${formatShare(utilization.mean)} busy (at most ${formatShare(utilization.max)})`,
      `${formatPlural(gc.count, "GC pause")}${gc.count === 0 ? "" : `, longest ${formatDuration(gc.maxNs)}`}`,
      `CPU ${formatDuration(cpuNs)}${cpuScope === "process" ? " of the process" : ""}`,
      `memory up to ${formatCount(rss.maxBytes / BYTES_PER_MB)} MB`,
    ],
    "dim",
  );
}
