import { LensError } from "@lens/core";
import { formatSlo } from "./slo.ts";
import type { GroupSummary, Report } from "./report.ts";

/** A report, and what to call it in a message. */
export interface NamedReport {
  readonly name: string;
  readonly report: Report;
}

/** The simulator that each process starts for itself has a port of its own, and all of them answer alike. */
const SIMULATOR = "sim";

function refuse(why: string): never {
  throw new LensError("INVALID_ARGUMENT", `Expected reports that belong together: ${why}.`);
}

const shown = (value: string | number | null): string => (value === null ? "nothing" : `\`${String(value).slice(0, 60)}\``);

/** The first that differs is told. */
function requireSame(
  what: string,
  [one, other]: readonly [NamedReport, NamedReport],
  read: (report: Report) => string | number | null,
): void {
  const [first, second] = [read(one.report), read(other.report)];
  if (first !== second) refuse(`${what} is ${shown(first)} in ${one.name} and ${shown(second)} in ${other.name}`);
}

/** The part of a version that says whether two of them mean the same by a report: before 1.0 the second number does. */
function compatibility(version: string): string {
  const [major = "", minor = ""] = version.split(".");
  return major === "0" ? `0.${minor}` : major;
}

function checkRuns(pair: readonly [NamedReport, NamedReport]): void {
  requireSame("the tool", pair, ({ tool }) => tool.name);
  requireSame("the tool's version", pair, ({ tool }) => compatibility(tool.version));
  requireSame("the command", pair, ({ run }) => run.command);
  requireSame("the mode", pair, ({ run }) => run.mode);
  requireSame("the seed", pair, ({ run }) => run.seed);
  const names = new Set(pair.flatMap(({ report }) => Object.keys(report.run.options)));
  for (const name of names) requireSame(`the option \`${name.slice(0, 60)}\``, pair, ({ run }) => optionOf(run.options[name]));
  requireSame("the number of shards", pair, ({ run }) => run.shards?.of ?? null);
}

const optionOf = (value: string | number | boolean | null | undefined): string | null =>
  value === undefined || value === null ? null : String(value);

/** Enough of the figures that no two runs have them in common. */
function figuresOf({ report }: NamedReport): string {
  return JSON.stringify(report.groups.map(({ target, requests, ttft, e2e }) => [target.label, requests, ttft.hdr, e2e.hdr]));
}

function checkTwice([one, other]: readonly [NamedReport, NamedReport]): void {
  const [first, second] = [one.report.run, other.report.run];
  const shard = first.shards?.numbers.find((number) => second.shards?.numbers.includes(number));
  if (shard !== undefined) refuse(`shard ${shard} is in ${one.name} and in ${other.name}`);
  if (first.startedAtMs !== second.startedAtMs || first.shards !== null) return;
  if (figuresOf(one) === figuresOf(other)) refuse(`${one.name} and ${other.name} are the same run`);
}

const originOf = ({ target }: GroupSummary): string | null => (target.provider === SIMULATOR ? null : target.origin);

/** What a group is of, beside its label, by what to call it. */
const IDENTITY: Readonly<Record<string, (group: GroupSummary) => string | number | null>> = {
  provider: ({ target }) => target.provider,
  model: ({ target }) => target.model,
  server: originOf,
  level: ({ level }) => (level === null ? null : `${level.kind} ${level.value}`),
  objectives: ({ goodput }) => (goodput === null ? null : formatSlo(goodput.slo)),
};

function checkGroups([one, other]: readonly [NamedReport, NamedReport]): void {
  const known = new Map(one.report.groups.map((group) => [group.target.label, group]));
  const shared = other.report.groups.filter(({ target }) => known.has(target.label));
  const [first, second] = [one.report.groups[0], other.report.groups[0]];
  if (shared.length === 0 && first !== undefined && second !== undefined)
    refuse(`the target is ${shown(first.target.label)} in ${one.name} and ${shown(second.target.label)} in ${other.name}`);
  for (const group of shared) {
    const label = group.target.label;
    for (const [what, read] of Object.entries(IDENTITY))
      requireSame(`the ${what} of ${shown(label)}`, [one, other], ({ groups }) => {
        const found = groups.find(({ target }) => target.label === label);
        return found === undefined ? null : read(found);
      });
  }
}

/** Throws `INVALID_ARGUMENT` for reports that do not belong together, saying why, and which. */
export function checkMergeable(reports: readonly NamedReport[]): void {
  const [first, ...others] = reports;
  if (first === undefined) throw new LensError("INVALID_ARGUMENT", "Expected at least one report to merge, got none.");
  for (const { name, report } of reports)
    if (report.searches.length > 0) refuse(`${name} is of a search, which chose its levels by its own figures alone`);
  for (const other of others) {
    checkRuns([first, other]);
    checkGroups([first, other]);
  }
  reports.forEach((one, index) => reports.slice(index + 1).forEach((other) => checkTwice([one, other])));
}
