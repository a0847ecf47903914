import { LensError } from "@lens/core";
import type { ComparisonSide, GroupSummary, Report } from "@lens/metrics";

/** Results to compare. */
export interface ComparisonSource {
  /** The name of the file or baseline; null where they were measured for this comparison. */
  readonly name: string | null;
  readonly report: Report;
}

/** A base and its candidate, by their places among the sides. */
export interface SidePair {
  readonly base: number;
  readonly candidate: number;
}

/** What is compared with what. */
export interface Pairing {
  /** Each under a label of its own. */
  readonly sides: readonly ComparisonSide[];
  readonly pairs: readonly SidePair[];
  /** What the sources say of themselves, and what is compared with nothing, in sentences. */
  readonly notes: readonly string[];
}

interface Entry {
  readonly source: ComparisonSource;
  readonly group: GroupSummary;
}

const nameOf = ({ name }: ComparisonSource): string => name ?? "this run";
const labelOf = ({ group }: Entry): string => group.target.label;
const listed = (labels: readonly string[]): string => labels.map((label) => `\`${label.slice(0, 60)}\``).join(", ");

const entriesOf = (source: ComparisonSource): readonly Entry[] => source.report.groups.map((group) => ({ source, group }));

const notesOf = ({ name, report }: ComparisonSource): readonly string[] =>
  name === null ? report.notes : report.notes.map((note) => `Of ${name}: ${note}`);

/** Names the sides so that no two have one label: by their source where they are of one target. */
function nameSides(entries: readonly Entry[]): readonly ComparisonSide[] {
  const taken = new Set<string>();
  return entries.map((entry) => {
    const { source, group } = entry;
    const isShared = entries.some((other) => other !== entry && labelOf(other) === labelOf(entry));
    const wanted = isShared ? `${labelOf(entry)} (${nameOf(source)})` : labelOf(entry);
    let label = wanted;
    for (let count = 2; taken.has(label); count += 1) label = `${wanted} ${count}`;
    taken.add(label);
    const { run, instrument } = source.report;
    return { source: source.name, run, instrument, group: { ...group, target: { ...group.target, label } } };
  });
}

/** The first group of one source with each other one. */
function pairWithin(source: ComparisonSource): Pairing {
  const entries = entriesOf(source);
  if (entries.length < 2)
    throw new LensError(
      "INVALID_ARGUMENT",
      `Expected two groups in ${nameOf(source)}, or something to compare it with, got ${entries.length === 1 ? `only ${listed(entries.map(labelOf))}` : "none"}.`,
    );
  return {
    sides: nameSides(entries),
    pairs: entries.slice(1).map((_, index) => ({ base: 0, candidate: index + 1 })),
    notes: notesOf(source),
  };
}

/** The entries of a source with those of the base that they are to be compared with: the only one, or that of the same label. */
function matchEntries(base: readonly Entry[], source: ComparisonSource): readonly { readonly base: Entry; readonly candidate: Entry }[] {
  const candidates = entriesOf(source);
  const [first, ...others] = base;
  const isOnly = others.length === 0 && (candidates.length === 1 || source.name === null);
  const matched = candidates.flatMap((candidate) => {
    const found = isOnly ? first : base.find((entry) => labelOf(entry) === labelOf(candidate));
    return found === undefined ? [] : [{ base: found, candidate }];
  });
  if (matched.length > 0) return matched;
  const bases = base.map(labelOf);
  throw new LensError(
    "INVALID_ARGUMENT",
    `Expected a target that is in both results, got ${listed(bases)} in the base and ${listed(candidates.map(labelOf))} in ${nameOf(source)}.`,
  );
}

/**
 * Decides what is compared with what: the first group of a single source with its others; of several sources the first is the base, and groups go
 * together that are alone in theirs or have the same label. Throws `INVALID_ARGUMENT` where nothing goes together.
 */
export function pairSides(sources: readonly ComparisonSource[]): Pairing {
  const [first, ...rest] = sources;
  if (first === undefined) throw new LensError("INVALID_ARGUMENT", "Expected results to compare, got none.");
  if (rest.length === 0) return pairWithin(first);
  const empty = sources.find(({ report }) => report.groups.length === 0);
  if (empty !== undefined) throw new LensError("INVALID_ARGUMENT", `Expected groups to compare, got none in ${nameOf(empty)}.`);
  const base = entriesOf(first);
  const matched = rest.flatMap((source) => matchEntries(base, source));
  const entries = [...new Set([...matched.map((pair) => pair.base), ...matched.map((pair) => pair.candidate)])];
  const all = [base, ...rest.map(entriesOf)].flat();
  const pairs = matched.map((pair) => ({ base: entries.indexOf(pair.base), candidate: entries.indexOf(pair.candidate) }));
  const isUsed = ({ source, group }: Entry): boolean => entries.some((entry) => entry.source === source && entry.group === group);
  const unused = all.filter((entry) => !isUsed(entry));
  const leftOut = unused.map((entry) => `${labelOf(entry)} of ${nameOf(entry.source)} has no counterpart, and is left out.`);
  return { sides: nameSides(entries), pairs, notes: [...sources.flatMap(notesOf), ...leftOut] };
}
