import { formatDuration } from "@lens/core";
import type { Phase } from "@lens/metrics";

const BAR_COLUMNS = 36;

/** The phases as lines of a waterfall, 80 columns wide. */
export function renderWaterfall(phases: readonly Phase[], paint: (bar: string) => string): readonly string[] {
  const totalNs = Math.max(1, ...phases.map((phase) => phase.toNs));
  const column = (atNs: number): number => Math.floor((atNs / totalNs) * BAR_COLUMNS);
  return phases.map(({ name, fromNs, toNs }) => {
    const start = Math.min(column(fromNs), BAR_COLUMNS - 1);
    const bar = "█".repeat(column(toNs) - start) || "▏";
    return `  ${name.slice(0, 20).padEnd(20)} ${formatDuration(toNs - fromNs).padStart(9)}  ${" ".repeat(start)}${paint(bar)}`;
  });
}
