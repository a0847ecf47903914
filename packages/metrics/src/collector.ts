import { type Clock, LensError, type RequestRecord, systemClock, type Target } from "@lens/core";
import { version } from "../package.json";
import { DEFINITIONS } from "./definitions.ts";
import { createGroup, type Group } from "./group.ts";
import { createInstrumentTally } from "./instrument.ts";
import { mergeInstruments } from "./merge.ts";
import { mergeGroups } from "./merge-group.ts";
import type { GroupSummary, InstrumentSummary, Report } from "./report.ts";
import { formatSlo } from "./slo.ts";
import { completeRun, notesOn, type SummaryOptions } from "./summarize.ts";

/** How records are collected. */
export interface CollectorOptions extends SummaryOptions {
  /** How many groups are kept apart; 64 unless given. A group takes 0.1 to 2 MB. */
  readonly maxGroups?: number;
  /** Says when the collecting began and how long it has lasted. */
  readonly clock?: Pick<Clock, "epochMs">;
  /** Who collects, as reports say it. */
  readonly tool?: Report["tool"];
}

/** Gathers records of a program that runs on and on. Its functions can be handed over by themselves, as in `onRecord: collector.add`. */
export interface Collector {
  /** Takes in one request, in a few microseconds. */
  add(record: RequestRecord): void;
  /**
   * All figures since the start or the last reset. A group is one provider, model and label; where the label is the user's own, the
   * group's has provider and model behind it.
   */
  report(): Report;
  /**
   * Takes in what another collector gathered, as in another thread: a report is plain JSON. Let the other reset when it has reported, so that
   * nothing counts twice. Throws `INVALID_ARGUMENT` for figures that do not go together, such as those of other SLOs.
   */
  merge(report: Report): void;
  /** Forgets all figures. */
  reset(): void;
}

const DEFAULT_MAX_GROUPS = 64;
/** A group makes way for a new one after as long as this without a request. Were it sooner, names that take turns would drive each other out. */
const IDLE_MS = 3600 * 1000;
const NS_PER_MS = 1e6;
const OTHERS: Target = { provider: "(others)", model: "(others)", label: "(others)", origin: null };
const TOOL: Report["tool"] = { name: "@lens/metrics", version };

interface Entry {
  readonly target: Target;
  readonly group: Group;
  usedMs: number;
}

/** A label that the user chose may stand for several providers and models. */
function nameOf({ provider, model, label }: Target): string {
  const own = `${provider}:${model}`;
  return label === own ? label : `${label} (${own})`;
}

/** Adds a group to those of the same label. */
function join(groups: Map<string, GroupSummary>, group: GroupSummary): void {
  const { label } = group.target;
  const known = groups.get(label);
  groups.set(label, known === undefined ? group : mergeGroups(known, [group]));
}

const asOthers = (group: GroupSummary): GroupSummary => ({ ...group, target: OTHERS });

/**
 * Starts a collection. Memory has an end: with `maxGroups` groups, a new one takes the place of the one that was used least recently if that has been
 * idle for an hour, and else joins the group `(others)`, as does what had to make way. Throws `INVALID_ARGUMENT` unless `maxGroups` is a whole number from 1 up.
 */
export function createCollector(options: CollectorOptions = {}): Collector {
  const { maxGroups = DEFAULT_MAX_GROUPS, clock = systemClock, tool = TOOL, ...summaryOptions } = options;
  const { priceBook = null, window = null, slo = null, binNs = null } = summaryOptions;
  if (!Number.isSafeInteger(maxGroups) || maxGroups < 1)
    throw new LensError("INVALID_ARGUMENT", `Expected \`maxGroups\` to be a whole number from 1 up, got \`${maxGroups}\`.`);

  /** By label, since a label nearly always stands for one provider and model. */
  let entries = new Map<string, Entry[]>();
  let entryCount = 0;
  let others: Group | null = null;
  /** What had to make way, and what was merged. */
  let kept = new Map<string, GroupSummary>();
  let instrument = createInstrumentTally();
  let instruments: InstrumentSummary[] = [];
  let startedAtMs = clock.epochMs();

  const groupOf = (target: Target): Group => createGroup({ target, priceBook, window, slo, binNs });

  function leastRecent(): Entry | null {
    let found: Entry | null = null;
    for (const same of entries.values()) for (const entry of same) if (found === null || entry.usedMs < found.usedMs) found = entry;
    return found;
  }

  /** Makes room for one more group; false where nobody is idle. */
  function makeRoom(nowMs: number): boolean {
    if (entryCount < maxGroups) return true;
    const oldest = leastRecent();
    if (oldest === null || nowMs - oldest.usedMs < IDLE_MS) return false;
    const same = (entries.get(oldest.target.label) ?? []).filter((entry) => entry !== oldest);
    if (same.length === 0) entries.delete(oldest.target.label);
    else entries.set(oldest.target.label, same);
    entryCount -= 1;
    join(kept, asOthers(oldest.group.summary()));
    return true;
  }

  function open({ target, startedAtMs: usedMs }: RequestRecord): Group {
    if (!makeRoom(usedMs)) return (others ??= groupOf(OTHERS));
    const group = groupOf({ ...target, label: nameOf(target) });
    entries.set(target.label, [...(entries.get(target.label) ?? []), { target, group, usedMs }]);
    entryCount += 1;
    return group;
  }

  function find(record: RequestRecord): Group {
    const { provider, model, label } = record.target;
    const entry = entries.get(label)?.find(({ target }) => target.provider === provider && target.model === model);
    if (entry === undefined) return open(record);
    if (record.startedAtMs > entry.usedMs) entry.usedMs = record.startedAtMs;
    return entry.group;
  }

  function summaries(): readonly GroupSummary[] {
    const groups = new Map<string, GroupSummary>();
    for (const same of entries.values()) for (const { group } of same) join(groups, group.summary());
    for (const group of kept.values()) join(groups, group);
    if (others !== null) join(groups, others.summary());
    return [...groups.values()];
  }

  return {
    add(record) {
      find(record).add(record);
      instrument.add(record);
    },
    report() {
      const groups = summaries();
      return {
        schema: 1,
        tool,
        run: completeRun({ startedAtMs, durationNs: Math.max(0, Math.round((clock.epochMs() - startedAtMs) * NS_PER_MS)) }),
        definitions: DEFINITIONS,
        groups,
        sweeps: [],
        searches: [],
        thresholds: [],
        instrument: mergeInstruments([instrument.summary({ resources: null, cores: null }), ...instruments]),
        notes: groups.flatMap(notesOn),
      };
    },
    merge(report) {
      const own = slo === null ? "none" : formatSlo(slo);
      for (const { goodput, target } of report.groups) {
        const theirs = goodput === null ? "none" : formatSlo(goodput.slo);
        if (theirs !== own)
          throw new LensError("INVALID_ARGUMENT", `Expected \`${target.label}\` to be held against the SLOs ${own}, got ${theirs}.`);
      }
      const merged = new Map(kept);
      for (const group of report.groups) join(merged, merged.has(group.target.label) || merged.size < maxGroups ? group : asOthers(group));
      instruments = [mergeInstruments([...instruments, report.instrument])];
      kept = merged;
      startedAtMs = Math.min(startedAtMs, report.run.startedAtMs);
    },
    reset() {
      entries = new Map();
      entryCount = 0;
      others = null;
      kept = new Map();
      instrument = createInstrumentTally();
      instruments = [];
      startedAtMs = clock.epochMs();
    },
  };
}
