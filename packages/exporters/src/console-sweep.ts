import { formatDuration } from "@lens/core";
import {
  type Distribution,
  type GroupSummary,
  type LoadLevel,
  needsCaution,
  type Report,
  type SearchSummary,
  type SweepSummary,
} from "@lens/metrics";
import { writeTroubles } from "./console-load.ts";
import { writeFailures } from "./console-group.ts";
import { formatNumber, formatShare } from "./format.ts";
import type { Page } from "./page.ts";

/** A group that is one level of several. */
export type LevelGroup = GroupSummary & { readonly level: LoadLevel };

interface Column {
  readonly title: string;
  readonly width: number;
  readonly show: (group: LevelGroup) => string;
}

const NOT_AVAILABLE = "n/a";
const CAUTION_LINE = "~ fewer than 10 samples lie beyond: take it with caution";

const number = (value: number | null | undefined): string => (value === null || value === undefined ? NOT_AVAILABLE : formatNumber(value));

/** A level as people would type it. */
const shownLevel = (value: number): string => Number(value.toPrecision(4)).toString();

function percentile(distribution: Distribution, which: 50 | 95): string {
  const valueNs = which === 50 ? distribution.p50Ns : distribution.p95Ns;
  if (valueNs === null) return NOT_AVAILABLE;
  return `${needsCaution(distribution.count, which) ? "~" : ""}${formatDuration(valueNs)}`;
}

const goodput: Column = {
  title: "goodput",
  width: 10,
  show: ({ goodput: found }) => (found === null || found.share === null ? NOT_AVAILABLE : formatShare(found.share)),
};
const tokensPerSecond: Column = { title: "tokens/s", width: 10, show: ({ throughput }) => number(throughput.systemTokensPerSecond) };

/** Where SLOs were given, goodput takes the place of the tokens: a line has no more room. */
const sharedColumns = (judged: boolean): readonly Column[] => [
  { title: "answered/s", width: 11, show: ({ throughput }) => number(throughput.requestsPerSecond) },
  { title: "TTFT p50", width: 10, show: ({ ttft }) => percentile(ttft, 50) },
  { title: "TTFT p95", width: 10, show: ({ ttft }) => percentile(ttft, 95) },
  { title: "E2E p95", width: 10, show: ({ e2e }) => percentile(e2e, 95) },
  judged ? goodput : tokensPerSecond,
  {
    title: "failed",
    width: 8,
    show: ({ requests, outcomes }) => (requests === 0 ? NOT_AVAILABLE : formatShare(1 - (outcomes.ok + outcomes.truncated) / requests)),
  },
];

function columnsOf({ level: { kind }, goodput: judged }: LevelGroup): readonly Column[] {
  const shared = sharedColumns(judged !== null);
  const level = { title: kind === "rate" ? "due/s" : "at once", width: 9, show: (group: LevelGroup) => shownLevel(group.level.value) };
  if (kind === "concurrency") return [level, ...shared];
  return [level, { title: "sent/s", width: 9, show: ({ load }) => number(load?.schedule?.deliveredRatePerSecond) }, ...shared];
}

/** The name of a target without the level behind it. */
export function nameOf({ target, level }: LevelGroup): string {
  const suffix = ` @ ${level.value}`;
  return target.label.endsWith(suffix) ? target.label.slice(0, -suffix.length) : target.label;
}

/** The levels of each target, in the order in which they first occurred. */
export function levelsByTarget(groups: readonly GroupSummary[]): readonly (readonly LevelGroup[])[] {
  const byName = new Map<string, LevelGroup[]>();
  for (const group of groups) {
    if (group.level === null) continue;
    const leveled: LevelGroup = { ...group, level: group.level };
    byName.set(nameOf(leveled), [...(byName.get(nameOf(leveled)) ?? []), leveled]);
  }
  return [...byName.values()];
}

/** A level with its unit: `4 requests/s`, `8 at once`. */
export const levelInWords = ({ kind, value }: LoadLevel): string =>
  kind === "rate" ? `${shownLevel(value)} requests/s` : `${shownLevel(value)} at once`;

function writeSweep(page: Page, { kind, knee, endedEarly }: SweepSummary): void {
  const place = knee === null ? "none in these levels" : `at ${levelInWords({ kind, value: knee })}`;
  page.field("knee", knee === null ? [place] : [place, "the median E2E rises from there on"]);
  if (endedEarly) page.field("ENDED", ["most requests of the last level failed: no further one was tried"], "bad");
}

function writeSearch(page: Page, { status, kind, verdict, probes, highestMet, lowestMissed }: SearchSummary): void {
  for (const { level, reasons } of probes) {
    if (level !== highestMet && level !== lowestMissed) continue;
    page.text(`${levelInWords({ kind, value: level })}: ${reasons.join("; ")}`, 2, "dim");
  }
  page.text(verdict, 0, status === "found" || status === "not-found" ? "good" : "bad");
}

/** Writes latency against load: one line a level, in the order of the levels; then the knee, or the answer of a search. */
export function writeLevels(page: Page, groups: readonly LevelGroup[], { run, sweeps, searches }: Report): void {
  const [first] = groups;
  if (first === undefined) return;
  const name = nameOf(first);
  page.line(name, "title");
  const place = first.target.origin === null ? [] : [first.target.origin];
  page.field("", [...place, "latency against load", `took ${formatDuration(run.durationNs)}`], "dim");
  page.blank();
  const columns = columnsOf(first);
  page.line(columns.map(({ title, width }) => title.padStart(width)).join(""), "dim");
  const sorted = groups.toSorted((one, other) => one.level.value - other.level.value);
  const lines = sorted.map((group) => columns.map(({ width, show }) => show(group).padStart(width)).join(""));
  for (const line of lines) page.line(line);
  if (lines.some((line) => line.includes("~"))) page.line(CAUTION_LINE, "dim");
  page.blank();
  for (const group of sorted) {
    writeFailures(page, group, `failed @ ${shownLevel(group.level.value)}`);
    writeTroubles(page, group);
  }
  for (const sweep of sweeps) if (sweep.label === name) writeSweep(page, sweep);
  for (const search of searches) if (search.label === name) writeSearch(page, search);
  page.blank();
}
