import type { InstrumentState, Report, RunManifest } from "@lens/metrics";
import { writeGroup } from "./console-group.ts";
import { writeResources } from "./console-load.ts";
import { levelsByTarget, writeLevels } from "./console-sweep.ts";
import { writeThresholds } from "./console-thresholds.ts";
import type { SyncExporter } from "./exporter.ts";
import { formatInstant } from "./format.ts";
import { createPage, type Page, type Tone } from "./page.ts";

const TONES: Readonly<Record<InstrumentState, Tone>> = { fine: "good", "client-limited": "doubtful", unknown: "doubtful" };

function writeManifest(page: Page, { tool, run }: Report): void {
  const versions = Object.entries(run.versions).map(([name, version]) => `${name} ${version}`);
  const machine = run.machine === null ? [] : [`${run.machine.platform} ${run.machine.arch}`, `${run.machine.cores} × ${run.machine.cpu}`];
  const seed = run.seed === null ? [] : [`seed ${run.seed}`];
  const started = formatInstant(run.startedAtMs);
  page.field("run", [started, `${tool.name} ${tool.version}`, ...versions, ...machine, ...seed, ...describeShards(run)], "dim");
}

function describeShards({ shards }: RunManifest): readonly string[] {
  if (shards === null) return [];
  const { of, numbers } = shards;
  return [numbers.length === of ? `${of} shards` : `shard ${numbers.join(", ")} of ${of}`];
}

/** The report for people: tables of 80 columns, whatever the names in them. */
export const consoleExporter: SyncExporter = {
  id: "console",
  extension: "txt",
  render(report, { color = false, explain = false } = {}) {
    const page = createPage({ color, definitions: explain ? report.definitions : null });
    const { run, groups, instrument, notes } = report;
    if (run.interrupted) {
      page.line("INTERRUPTED: the figures are of what was done until then.", "bad");
      page.blank();
    }
    if (groups.length === 0) {
      page.line("No request was recorded.", "bad");
      page.blank();
    }
    for (const group of groups) if (group.level === null) writeGroup(page, group, run);
    for (const levels of levelsByTarget(groups)) writeLevels(page, levels, report);
    writeThresholds(page, report);
    if (groups.length > 0) {
      page.text(instrument.verdict, 0, TONES[instrument.state]);
      page.explain("instrument.lateness");
      if (instrument.resources !== null) writeResources(page, instrument.resources);
    }
    for (const note of notes) page.text(`Note: ${note}`, 0, "doubtful");
    page.blank();
    writeManifest(page, report);
    return page.toString();
  },
};
