import { DEFINITIONS } from "./definitions.ts";
import { groupsByLabel, keptNotes, mergeInstruments } from "./merge.ts";
import { mergeGroups } from "./merge-group.ts";
import { joinLoads } from "./merge-load.ts";
import type { GroupSummary, Report, RunManifest } from "./report.ts";
import { notesOn, notesOnShards } from "./summarize.ts";

/** A single group stays as it is, to the last digit. */
function joinGroups([first, ...others]: readonly GroupSummary[]): readonly GroupSummary[] {
  if (first === undefined || others.length === 0) return first === undefined ? [] : [first];
  return [{ ...mergeGroups(first, others), load: joinLoads([first, ...others].flatMap(({ load }) => load ?? [])) }];
}

/**
 * One report of what one program measured one after the other: its scenarios side by side, and the parts of a run that was broken off and went on as
 * one group. Nothing need be the same in all of them, unlike in what `mergeReports` takes: the caller says what run they are of. Throws
 * `INVALID_ARGUMENT` for histograms that cannot be read.
 */
export function joinReports(reports: readonly Report[], { tool, run }: Pick<Report, "tool"> & { readonly run: RunManifest }): Report {
  const groups = groupsByLabel(reports).flatMap(joinGroups);
  return {
    schema: 1,
    tool,
    run,
    definitions: DEFINITIONS,
    groups,
    sweeps: reports.flatMap(({ sweeps }) => sweeps),
    searches: reports.flatMap(({ searches }) => searches),
    thresholds: reports.flatMap(({ thresholds }) => thresholds),
    instrument: mergeInstruments(reports.map(({ instrument }) => instrument)),
    notes: [...new Set([...keptNotes(reports), ...notesOnShards(run), ...groups.flatMap(notesOn)])],
  };
}
