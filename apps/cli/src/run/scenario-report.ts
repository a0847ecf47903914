import { joinReports, type Report, type RunManifest } from "@lens/metrics";
import { TOOL } from "../manifest.ts";
import type { RunBreaks } from "./directory.ts";

/** The report of one scenario. */
export interface ScenarioReport {
  /** Null where there is one only, which has no name. */
  readonly name: string | null;
  readonly report: Report;
}

/** One report of all scenarios of a run, whose groups they name. */
export function joinScenarios(scenarios: readonly ScenarioReport[], breaks: RunBreaks): Report {
  const reports = scenarios.map(({ report }) => report);
  const [first, ...others] = reports;
  const run = { ...joinRuns(scenarios), command: commandOf(scenarios) };
  const joined = first !== undefined && others.length === 0 ? { ...first, run } : joinReports(reports, { tool: TOOL, run });
  return { ...joined, notes: [...notesOn(breaks), ...joined.notes] };
}

/** What all have in common; else what is said where they differ. */
function common<T, Otherwise>(values: readonly T[], otherwise: Otherwise): T | Otherwise {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : otherwise;
}

function commandOf(scenarios: readonly ScenarioReport[]): string {
  const names = scenarios.flatMap(({ name }) => name ?? []);
  return names.length === 0 ? (scenarios[0]?.report.run.command ?? "lens run") : `lens run --only ${names.join(",")}`;
}

function joinRuns(scenarios: readonly ScenarioReport[]): RunManifest {
  const runs = scenarios.map(({ report }) => report.run);
  return {
    startedAtMs: Math.min(...runs.map(({ startedAtMs }) => startedAtMs)),
    durationNs: runs.reduce((sum, { durationNs }) => sum + durationNs, 0),
    mode: common(
      runs.map(({ mode }) => mode),
      "unknown",
    ),
    command: null,
    seed: common(
      runs.map(({ seed }) => seed),
      null,
    ),
    options: joinOptions(scenarios),
    versions: runs[0]?.versions ?? {},
    machine: runs[0]?.machine ?? null,
    interrupted: runs.some(({ interrupted }) => interrupted),
    shards: null,
  };
}

/** What holds for all scenarios under its own name, and what differs under those of the scenarios: `chat.concurrency`. */
function joinOptions(scenarios: readonly ScenarioReport[]): RunManifest["options"] {
  const options = scenarios.map(({ name, report }) => ({ name, options: report.run.options }));
  const names = [...new Set(options.flatMap((one) => Object.keys(one.options)))];
  const entries = names.flatMap((option): readonly (readonly [string, string | number | boolean | null])[] => {
    const values = options.map((one) => one.options[option] ?? null);
    if (values.every((value) => value === values[0])) return [[option, values[0] ?? null]];
    return options.flatMap((one) => (one.options[option] === undefined ? [] : [[`${one.name}.${option}`, one.options[option] ?? null]]));
  });
  return Object.fromEntries(entries);
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);
const requests = (count: number): string => (count === 1 ? "1 request was" : `${count} requests were`);

/** What a reader should know of a run that did not go on without a break. */
function notesOn({ count, lost, torn }: RunBreaks): readonly string[] {
  if (count === 0) return [];
  const killed =
    lost === 0
      ? []
      : [`${requests(lost)} under way, or had just ended, when the program was killed: sent once, not again, and counted as aborted.`];
  const cut = torn === 0 ? [] : [`The last record was cut off ${times(torn)}, and dropped.`];
  return [`The run was broken off ${times(count)} and went on later: the pause is in no figure.`, ...killed, ...cut];
}
