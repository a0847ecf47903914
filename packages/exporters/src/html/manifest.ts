import { formatDuration } from "@lens/core";
import type { InstrumentSummary, Report, RunManifest } from "@lens/metrics";
import { formatCount, formatInstant, formatPlural, formatShare } from "../format.ts";
import { shortFigure } from "./figures.ts";
import { instrumentVerdict } from "./header.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { shortName, shortText } from "./names.ts";
import type { Definitions, Section } from "./section.ts";
import { facts, folded } from "./table.ts";

const BYTES_PER_MB = 1e6;

function optionsOf({ options }: RunManifest): Content {
  const set = Object.entries(options).filter(([, value]) => value !== null);
  if (set.length === 0) return null;
  return html`<code>${set.map(([name, value]) => `${shortName(name)}=${shortText(String(value))}`).join("  ")}</code>`;
}

function machineOf({ machine }: RunManifest): string | null {
  return machine === null
    ? null
    : `${shortName(machine.platform)} ${shortName(machine.arch)} · ${machine.cores} × ${shortName(machine.cpu)}`;
}

/** All that is needed to repeat a run. */
export function showRun(run: RunManifest, tool: Report["tool"]): Markup {
  const versions = Object.entries(run.versions).map(([name, version]) => `${shortName(name)} ${shortName(version)}`);
  const shards = run.shards === null ? null : `${run.shards.numbers.join(", ")} of ${run.shards.of}`;
  return facts([
    ["command", run.command === null ? null : html`<code>${shortText(run.command)}</code>`],
    ["started", formatInstant(run.startedAtMs)],
    ["took", formatDuration(run.durationNs)],
    ["seed", run.seed === null ? null : String(run.seed)],
    ["shards", shards],
    ["options", optionsOf(run)],
    ["tool", `${tool.name} ${tool.version}`],
    ["versions", versions.join(" · ")],
    ["machine", machineOf(run)],
  ]);
}

/** What the instrument says of its own error, and what measuring cost the machine. */
export function showInstrument(instrument: InstrumentSummary): Markup {
  const { lateness, taintedShare, compared, resources } = instrument;
  const bound =
    lateness.count === 0
      ? null
      : `p50 ${shortFigure(lateness, "p50Ns")} · p95 ${shortFigure(lateness, "p95Ns")} · max ${formatDuration(lateness.maxNs ?? 0)}`;
  const tainted = taintedShare === null ? null : `${formatShare(taintedShare)} of ${formatPlural(compared, "request")}`;
  const used =
    resources === null
      ? null
      : [
          formatPlural(resources.threads, "thread"),
          `event loop ${formatShare(resources.utilization.mean)} busy (at most ${formatShare(resources.utilization.max)})`,
          `${formatPlural(resources.gc.count, "GC pause")}, longest ${formatDuration(resources.gc.maxNs)}`,
          `CPU ${formatDuration(resources.cpuNs)}${resources.cpuScope === "process" ? " of the process" : ""}`,
          `memory up to ${formatCount(resources.rss.maxBytes / BYTES_PER_MB)} MB`,
        ].join(" · ");
  return html`<p>${instrumentVerdict(instrument)}</p>
    ${facts([
      ["stamps late by at most", bound],
      ["late by more than 1 % of the TTFT", tainted],
      ["measured by", used],
    ])}`;
}

/** Every definition that the document carries. */
export function showDefinitions(definitions: Definitions): Markup {
  const all = Object.entries(definitions).map(([name, { definition, unit }]): readonly [Content, Content] => [
    html`<code>${shortName(name)}</code>`,
    html`${shortText(definition)} <span class="faint">${unit}</span>`,
  ]);
  return folded("What each metric means", facts(all));
}

/** What measured, how right it was, and how to repeat it. */
export function manifestSection({ run, tool, instrument, groups, definitions }: Report): Section {
  const body = html`${groups.length === 0 ? null : showInstrument(instrument)} ${showRun(run, tool)} ${showDefinitions(definitions)}`;
  return { id: "run", title: "Instrument and run", body, charts: [] };
}
