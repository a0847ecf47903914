import type { LoadResult, SearchResult } from "@lens/load";
import {
  type GroupLoad,
  type GroupSummary,
  joinReports,
  kneeOf,
  type LoadSummary,
  type Report,
  type RunManifest,
  type SearchSummary,
  type SweepSummary,
} from "@lens/metrics";
import { createManifest, TOOL } from "./manifest.ts";
import { loadsOf, type MeasuredLoad, type Run, type TargetResult } from "./measure-targets.ts";
import { summarizeResources } from "./resources.ts";
import { toShardSet } from "./shard.ts";
import { notesOnTrace } from "./trace-plan.ts";

/** The report of a run. */
export function createReport(run: Run, results: readonly TargetResult[]): Report {
  const manifest = createRunManifest(run, results);
  const measured = results.flatMap((result) => result.measured);
  const present = run.history?.session ?? 0;
  const sessions = [...new Set([...run.summaries.sessions(), present])];
  const parts = sessions.map((session) => {
    const sent = measured.filter((part) => part.session === session);
    return run.summaries.of(session).report({
      tool: TOOL,
      run: manifest,
      notes: session === present ? [...run.notes, ...stopNotes(run), ...results.flatMap(traceNotes), ...results.flatMap(searchNotes)] : [],
      loads: joinLoads(sent),
      resources: summarizeResources([...new Set(sent.map(({ load }) => load))]),
    });
  });
  const [only, ...more] = parts;
  const report = only !== undefined && more.length === 0 ? only : joinReports(parts, { tool: TOOL, run: manifest });
  const groups = report.groups.map((group) => probedGroup(group, results));
  return {
    ...report,
    groups,
    thresholds: run.gates.judge(
      groups,
      run.session.targets.map(({ label }) => label),
    ),
    sweeps: run.load.levels === null ? [] : results.map((result) => summarizeSweep(run, result, groups)),
    searches: results.flatMap(({ target, search }) => (search === null ? [] : [summarizeSearch(target.label, search)])),
  };
}

function createRunManifest(run: Run, results: readonly TargetResult[]): RunManifest {
  const { io, settings, workload, session, signal, load } = run;
  const { shard } = load.planAt();
  const loads = loadsOf(results);
  return createManifest(
    {
      command: run.command,
      mode: load.mode,
      startedAtMs: loads[0]?.startedAtMs ?? io.clock.epochMs(),
      durationNs: loads.reduce((sum, { durationNs }) => sum + durationNs, 0),
      interrupted: signal.aborted || lastLoads(results).some(({ stoppedBy }) => stoppedBy === "signal"),
      // The order in which several targets are asked by turns is random, too.
      seed: run.command === "compare" || workload.isRandom ? workload.seed : load.seed,
      ...(shard === undefined ? {} : { shards: toShardSet(shard) }),
      targets: session.targets.map((target) => target.label),
      settings: { ...settings, ...settingsInForce(run) },
      prompt: workload.fingerprint,
    },
    io,
  );
}

/** What ended each load at last. */
function lastLoads(results: readonly TargetResult[]): readonly LoadResult[] {
  const measured = results.flatMap((result) => result.measured);
  return [...new Map(measured.map(({ label, load }) => [label, load])).values()];
}

/** Defaults that another setting puts out of force are no settings of the run; those that come of others are. */
function settingsInForce({ load, settings }: Run): Readonly<Record<string, unknown>> {
  const plan = load.planAt();
  const single = load.levels === null && load.search === null;
  const { warmup = null, requests } = plan;
  const spanned = warmup === null ? 0 : "requests" in warmup ? warmup.requests : settings.warmup;
  return {
    concurrency: load.mode === "open" ? undefined : single && plan.load.mode === "closed" ? plan.load.concurrency : settings.concurrency,
    requests: load.search !== null && load.search.span === null ? undefined : (requests ?? undefined),
    warmup: single ? spanned : settings.warmup,
  };
}

/** What was sent for each group; a search may send several loads for one. */
function joinLoads(measured: readonly MeasuredLoad[]): ReadonlyMap<string, GroupLoad> {
  const joined = new Map<string, GroupLoad>();
  for (const { label, level, load } of measured) {
    const before = joined.get(label)?.load;
    const { stoppedBy, workers, schedule, crashes } = load;
    const summed: LoadSummary = {
      stoppedBy,
      workers,
      schedule,
      sent: load.sent + (before?.sent ?? 0),
      lost: load.lost + (before?.lost ?? 0),
      crashes: [...(before?.crashes ?? []), ...crashes],
    };
    joined.set(label, { level, load: summed });
  }
  return joined;
}

/** A search knows best which requests of a level count. */
function probedGroup(group: GroupSummary, results: readonly TargetResult[]): GroupSummary {
  const probes = results.flatMap(({ search }) => search?.probes ?? []);
  const probe = probes.findLast(({ group: { target } }) => target.label === group.target.label);
  return probe === undefined ? group : { ...probe.group, level: group.level, load: group.load };
}

function summarizeSweep({ load }: Run, { target, measured, endedEarly }: TargetResult, groups: readonly GroupSummary[]): SweepSummary {
  const labels = measured.map(({ label }) => label);
  const levels = groups.filter((group) => labels.includes(group.target.label));
  return { label: target.label, kind: load.kind, knee: kneeOf(levels), endedEarly };
}

function summarizeSearch(label: string, { status, kind, slo, highestMet, lowestMissed, verdict, probes }: SearchResult): SearchSummary {
  return {
    label,
    kind,
    thresholds: slo.map(({ text }) => text),
    status,
    highestMet,
    lowestMissed,
    verdict,
    probes: probes.map(({ level, met, certain, trend, results }) => ({
      level,
      met,
      certain,
      growing: trend === "growing",
      reasons: results.map(({ reason }) => reason),
    })),
  };
}

function stopNotes({ watch }: Run): readonly string[] {
  const reason = watch?.reason() ?? null;
  return reason === null ? [] : [`Stopped early: ${reason}.`];
}

const traceNotes = ({ measured }: TargetResult): readonly string[] =>
  measured.flatMap(({ load: { trace } }) => (trace === null ? [] : notesOnTrace(trace)));

/** What is to be known of the levels that are the bounds of an answer. */
function searchNotes({ target, search }: TargetResult): readonly string[] {
  if (search === null) return [];
  const bounds = search.probes.filter(({ level }) => level === search.highestMet || level === search.lowestMissed);
  return bounds.flatMap(({ level, notes }) => notes.map((note) => `${target.label} @ ${level}: ${note}`));
}
