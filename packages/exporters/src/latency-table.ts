import { type Distribution, type GroupSummary, type MetricName, needsCaution } from "@lens/metrics";
import { decimalsOf, formatNumber, formatShortCount } from "./format.ts";

/** One metric of the table. */
export interface LatencyRow {
  readonly label: string;
  readonly metric: MetricName;
  readonly distribution: Distribution;
  /** What must be known beside the figures; null where nothing. */
  readonly remark: string | null;
}

const LABEL_WIDTH = 15;
const UNIT_WIDTH = 3;
const COUNT_WIDTH = 6;
const CELL_WIDTH = 8;
const PERCENTILES = [
  [50, "p50Ns", "p50"],
  [90, "p90Ns", "p90"],
  [95, "p95Ns", "p95"],
  [99, "p99Ns", "p99"],
  [99.9, "p999Ns", "p999"],
] as const;
const NOT_AVAILABLE = "n/a";
const CAUTION = "~";
/** For an interval that has no end on one side. */
const OPEN = "±?";
const UNITS = [
  ["µs", 1e3],
  ["ms", 1e6],
  ["s", 1e9],
] as const;
const MOST_DECIMALS = 3;
const NS_PER_MS = 1e6;
const NS_PER_10_S = 1e10;

/** The metrics of a group that have samples, in the order in which a request lives through them. */
export function latencyRows(group: GroupSummary): readonly LatencyRow[] {
  const { ttft, ttfo, ttfb, chunkGap, itl, tpot, e2e, response, tokens } = group;
  const perChunk = tokens.perChunk === null ? "tokens per chunk unknown" : `${formatNumber(tokens.perChunk)} tokens/chunk`;
  const rows: LatencyRow[] = [
    { label: "TTFB", metric: "ttfb", distribution: ttfb, remark: null },
    { label: "TTFT", metric: "ttft", distribution: ttft, remark: null },
  ];
  // Where every first token is text, it would be the same line twice.
  if (ttfo.hdr !== ttft.hdr) rows.push({ label: "TTFO", metric: "ttfo", distribution: ttfo, remark: null });
  if (itl === null)
    rows.push({
      label: "chunk gap",
      metric: "chunkGap",
      distribution: chunkGap,
      remark: `chunk gap (${perChunk}): not the time between tokens`,
    });
  else rows.push({ label: "ITL", metric: "itl", distribution: itl, remark: null });
  rows.push(
    { label: "TPOT", metric: "tpot", distribution: tpot, remark: null },
    { label: "E2E", metric: "e2e", distribution: e2e, remark: null },
  );
  if (response !== null) {
    rows.push({ label: "response TTFT", metric: "response.ttft", distribution: response.ttft, remark: null });
    if (response.ttfo.hdr !== response.ttft.hdr)
      rows.push({ label: "response TTFO", metric: "response.ttfo", distribution: response.ttfo, remark: null });
    rows.push({ label: "response E2E", metric: "response.e2e", distribution: response.e2e, remark: null });
  }
  return rows.filter((row) => row.distribution.count > 0);
}

/** The titles of the columns. */
export function headLine(): string {
  const titles = ["p50", "p90", "p95", "p99", "p99.9", "max", "mean"].map((title) => title.padStart(CELL_WIDTH));
  return `${" ".repeat(LABEL_WIDTH)}${" ".repeat(UNIT_WIDTH)}${"n".padStart(COUNT_WIDTH)}${titles.join("")}`;
}

/** One line of the table, all its figures in one unit. It takes 80 columns. */
export function figureLine({ label, distribution }: LatencyRow): string {
  const { unit, cells } = cellsOf(distribution);
  return `${label.padEnd(LABEL_WIDTH)}${unit.padEnd(UNIT_WIDTH)}${formatShortCount(distribution.count).padStart(COUNT_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join("")}`;
}

/** How sure the percentiles of such a line are: the distance to the farther end of each interval. Null where nothing is known of any. */
export function intervalLine({ distribution }: LatencyRow): string | null {
  const { nsPerUnit } = cellsOf(distribution);
  const cells = PERCENTILES.map(([, field, name]) => {
    const valueNs = distribution[field];
    const interval = distribution.intervalsNs[name];
    if (valueNs === null) return "";
    if (interval === undefined || interval.lower === null || interval.upper === null) return OPEN;
    return showDistance(Math.max(interval.upper - valueNs, valueNs - interval.lower) / nsPerUnit, valueNs / nsPerUnit);
  });
  if (cells.every((cell) => cell === "" || cell === OPEN)) return null;
  return `${" ".repeat(LABEL_WIDTH + UNIT_WIDTH + COUNT_WIDTH)}${cells.map((cell) => cell.padStart(CELL_WIDTH)).join("")}`.trimEnd();
}

/** A distance with the decimals of its value, or as many more as show one digit of it. */
function showDistance(distance: number, value: number): string {
  const needed = distance === 0 ? 0 : Math.ceil(-Math.log10(distance));
  return `±${distance.toFixed(Math.min(MOST_DECIMALS, Math.max(decimalsOf(value), needed)))}`;
}

/** What the marks in the lines mean; only those that occur. */
export function markLines(rows: readonly LatencyRow[]): readonly string[] {
  const cells = rows.flatMap((row) => cellsOf(row.distribution).cells);
  const marks: string[] = [];
  const intervals = rows.flatMap((row) => intervalLine(row) ?? []);
  if (intervals.length > 0)
    marks.push(
      `± at 95 % confidence, the wider side${intervals.some((line) => line.includes(OPEN)) ? "; ±? too few samples beyond to bound it" : ""}`,
    );
  if (cells.some((cell) => cell.startsWith(CAUTION))) marks.push("~ fewer than 10 samples lie beyond: take it with caution");
  const smallest = Math.min(
    ...rows.filter((row) => cellsOf(row.distribution).cells.includes(NOT_AVAILABLE)).map((row) => row.distribution.count),
  );
  if (Number.isFinite(smallest))
    marks.push(`n/a (n=${formatShortCount(smallest)}) too few samples: p50 needs 2, p90 10, p95 20, p99 100, p99.9 1000`);
  return marks;
}

interface Cells {
  readonly unit: string;
  readonly nsPerUnit: number;
  readonly cells: readonly string[];
}

function cellsOf(distribution: Distribution): Cells {
  const { count, maxNs, meanNs, p50Ns } = distribution;
  const typicalNs = p50Ns ?? meanNs ?? 0;
  const first = typicalNs >= NS_PER_10_S ? 2 : (maxNs ?? 0) < NS_PER_MS ? 0 : 1;
  const inUnit = (nsPerUnit: number): readonly string[] => {
    const show = (valueNs: number | null): string =>
      valueNs === null ? NOT_AVAILABLE : (valueNs / nsPerUnit).toFixed(decimalsOf(valueNs / nsPerUnit));
    const percentiles = PERCENTILES.map(([percentile, field]) => {
      const valueNs = distribution[field];
      return valueNs !== null && needsCaution(count, percentile) ? `${CAUTION}${show(valueNs)}` : show(valueNs);
    });
    return [...percentiles, show(maxNs), show(meanNs)];
  };
  for (const [unit, nsPerUnit] of UNITS.slice(first)) {
    const cells = inUnit(nsPerUnit);
    if (cells.every((cell) => cell.length < CELL_WIDTH)) return { unit, nsPerUnit, cells };
  }
  return { unit: "s", nsPerUnit: 1e9, cells: inUnit(1e9) };
}
