import { DEFINITIONS } from "./definitions.ts";
import { parseGate } from "./gate.ts";
import { createHistogram } from "./histogram.ts";
import { fromDistribution } from "./distribution.ts";
import { summarizeInstrument } from "./instrument.ts";
import { judgeGate } from "./judge-gate.ts";
import { kneeOf } from "./knee.ts";
import type { SweepSummary } from "./load-summary.ts";
import { checkMergeable } from "./merge-check.ts";
import { mergeGroups } from "./merge-group.ts";
import { mergeResources } from "./merge-load.ts";
import type { GroupSummary, InstrumentSummary, Report, RunManifest } from "./report.ts";
import { notesOn, notesOnShards } from "./summarize.ts";
import { mostOf, sumOf } from "./sums.ts";
import type { ThresholdOutcome } from "./threshold-outcome.ts";
import { lengthNs, type TimeWindow, uniteWindows } from "./time-window.ts";

/** How reports are merged. */
export interface MergeOptions {
  /** What to call each report in a message, such as its file; `report 1` and so on unless given. */
  readonly names?: readonly string[];
}

const NS_PER_MS = 1e6;
/** Shards that ran together for less than this share of the time, and apart for longer than this, did not make the load that was planned. */
const LEAST_TOGETHER = 0.9;
const LONGEST_APART_MS = 1000;

const spanOf = ({ run }: Report): TimeWindow => ({ fromMs: run.startedAtMs, toMs: run.startedAtMs + run.durationNs / NS_PER_MS });

/** The value that all have; null where they differ. */
function common<T>(values: readonly T[]): T | null {
  const [first = null] = values;
  return values.every((value) => JSON.stringify(value) === JSON.stringify(first)) ? first : null;
}

function mergeVersions(versions: readonly RunManifest["versions"][]): RunManifest["versions"] {
  const names = new Set(versions.flatMap(Object.keys));
  return Object.fromEntries([...names].map((name) => [name, [...new Set(versions.flatMap((of) => of[name] ?? []))].join(", ")]));
}

function mergeRuns(first: Report, reports: readonly Report[]): RunManifest {
  const runs = reports.map(({ run }) => run);
  const numbers = runs.flatMap(({ shards }) => shards?.numbers ?? []);
  const { shards } = first.run;
  return {
    startedAtMs: Math.min(...runs.map(({ startedAtMs }) => startedAtMs)),
    durationNs: lengthNs(uniteWindows(reports.map(spanOf))),
    mode: first.run.mode,
    command: first.run.command,
    seed: first.run.seed,
    options: first.run.options,
    versions: mergeVersions(runs.map(({ versions }) => versions)),
    machine: common(runs.map(({ machine }) => machine)),
    interrupted: runs.some(({ interrupted }) => interrupted),
    shards: shards && { of: shards.of, numbers: numbers.toSorted((a, b) => a - b) },
  };
}

/** Groups of one label, which the reports have in their order, by label in the order in which the labels first occur. */
export function groupsByLabel(reports: readonly Report[]): readonly (readonly GroupSummary[])[] {
  const byLabel = new Map<string, GroupSummary[]>();
  for (const group of reports.flatMap(({ groups }) => groups)) {
    const same = byLabel.get(group.target.label);
    if (same === undefined) byLabel.set(group.target.label, [group]);
    else same.push(group);
  }
  return [...byLabel.values()];
}

/** Groups of one label become one. */
const mergeAllGroups = (reports: readonly Report[]): readonly GroupSummary[] =>
  groupsByLabel(reports).flatMap(([first, ...others]) => (first === undefined ? [] : [mergeGroups(first, others)]));

/** What the figures of parts gave rise to is found anew in the whole: these are the notes besides. */
export function keptNotes(reports: readonly Report[]): readonly string[] {
  return reports.flatMap((report) => {
    const ofFigures = new Set([...notesOnShards(report.run), ...report.groups.flatMap(notesOn)]);
    return report.notes.filter((note) => !ofFigures.has(note));
  });
}

/** What several instruments say together. */
export function mergeInstruments(parts: readonly InstrumentSummary[]): InstrumentSummary {
  const lateness = createHistogram();
  for (const part of parts) lateness.merge(fromDistribution(part.lateness));
  return summarizeInstrument(
    {
      lateness,
      compared: sumOf(parts, ({ compared }) => compared),
      tainted: sumOf(parts, ({ taintedShare, compared }) => Math.round((taintedShare ?? 0) * compared)),
    },
    // How many cores there are for how many threads differs from process to process.
    { resources: mergeResources(parts.flatMap(({ resources }) => resources ?? [])), cores: null },
  );
}

/** The knee is that of the merged levels. */
function mergeSweeps(reports: readonly Report[], groups: readonly GroupSummary[]): readonly SweepSummary[] {
  const sweeps = reports.flatMap((report) => report.sweeps);
  const labels = [...new Set(sweeps.map(({ label }) => label))];
  return labels.flatMap((label) => {
    const same = sweeps.filter((sweep) => sweep.label === label);
    const levels = groups.filter(({ target, level }) => level !== null && target.label === `${label} @ ${level.value}`);
    return same.slice(0, 1).map((sweep) => ({ ...sweep, knee: kneeOf(levels), endedEarly: same.some(({ endedEarly }) => endedEarly) }));
  });
}

/** What holds of parts need not hold of the whole: thresholds are judged anew. Those that are relative to a report cannot be, without it. */
function judgeAnew(reports: readonly Report[], groups: readonly GroupSummary[]): readonly ThresholdOutcome[] {
  const held = new Map(
    reports.flatMap(({ thresholds }) => thresholds.filter(isAbsolute).map((outcome) => [`${outcome.text}\n${outcome.label}`, outcome])),
  );
  return [...held.values()].flatMap(({ text, label }) => {
    const group = groups.find(({ target }) => target.label === label);
    return group === undefined ? [] : [judgeGate(parseGate(text), group, new Map())];
  });
}

const isAbsolute = ({ reference }: ThresholdOutcome): boolean => reference === null;

/** What to say where not all of them ran at once from the first start to the last end. */
function notesOnCourse(reports: readonly Report[]): readonly string[] {
  const spans = reports.map(spanOf);
  const least = (read: (span: TimeWindow) => number): number => -mostOf(spans, (span) => -read(span));
  const togetherMs = least(({ toMs }) => toMs) - mostOf(spans, ({ fromMs }) => fromMs);
  const allMs = mostOf(spans, ({ toMs }) => toMs) - least(({ fromMs }) => fromMs);
  const share = Math.max(0, togetherMs) / allMs;
  if (allMs - togetherMs <= LONGEST_APART_MS || share >= LEAST_TOGETHER) return [];
  return [`The shards ran together for ${Math.floor(share * 100)} % of the time: the rest of it had less load than was planned.`];
}

function mergeNotes(reports: readonly Report[], run: RunManifest, groups: readonly GroupSummary[]): readonly string[] {
  const kept = keptNotes(reports);
  const found = run.shards === null ? [] : [...notesOnCourse(reports)];
  if (reports.length > 1 && run.machine === null && reports.some((report) => report.run.machine !== null))
    found.push("Several machines measured, so none is named.");
  if (reports.some(({ thresholds }) => thresholds.some((outcome) => !isAbsolute(outcome))))
    found.push("Thresholds that are relative to another report were left out: judge them anew.");
  return [...new Set([...kept, ...found]), ...notesOnShards(run), ...groups.flatMap(notesOn)];
}

/**
 * One report of what several are of: the shards of a run, or runs of the same command. Requests, outcomes, tokens and histograms are exactly those of
 * one run that had sent it all; money, deviations and the mean of very long runs agree but for their last digits; throughput is over the time
 * that any of them ran. Clocks of different machines are taken at their word. Throws `INVALID_ARGUMENT` for reports that do not belong
 * together, saying why, and for histograms that cannot be read.
 */
export function mergeReports(reports: readonly Report[], { names = [] }: MergeOptions = {}): Report {
  checkMergeable(reports.map((report, index) => ({ report, name: names[index] ?? `report ${index + 1}` })));
  const [first] = reports as readonly [Report];
  const groups = mergeAllGroups(reports);
  const run = mergeRuns(first, reports);
  return {
    schema: 1,
    tool: first.tool,
    run,
    definitions: DEFINITIONS,
    groups,
    sweeps: mergeSweeps(reports, groups),
    searches: [],
    thresholds: judgeAnew(reports, groups),
    instrument: mergeInstruments(reports.map(({ instrument }) => instrument)),
    notes: mergeNotes(reports, run, groups),
  };
}
