/** A stretch of wall time, on the clock of `RequestRecord.startedAtMs`. */
export interface TimeWindow {
  readonly fromMs: number;
  readonly toMs: number;
}

const NS_PER_MS = 1e6;

/** The time that any of these cover, in order and without overlaps. One of which the end is before the beginning is none. */
export function uniteWindows(windows: readonly TimeWindow[]): readonly TimeWindow[] {
  const united: TimeWindow[] = [];
  const ordered = windows.filter(({ fromMs, toMs }) => toMs >= fromMs).toSorted((a, b) => a.fromMs - b.fromMs);
  for (const window of ordered) {
    const last = united.at(-1);
    if (last === undefined || window.fromMs > last.toMs) united.push(window);
    else united[united.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, window.toMs) };
  }
  return united;
}

/** How long windows that do not overlap are together. */
export function lengthNs(windows: readonly TimeWindow[]): number {
  return windows.reduce((sum, { fromMs, toMs }) => sum + Math.round((toMs - fromMs) * NS_PER_MS), 0);
}
