import type { ComparisonReport, GroupSummary } from "@lens/metrics";
import { levelInWords, levelsByTarget, nameOf } from "./console-sweep.ts";
import type { SyncExporter } from "./exporter.ts";
import { comparisonSection, rankingSection, showAnswers } from "./html/comparison.ts";
import { renderPage } from "./html/document.ts";
import { aboutRun, header, instrumentVerdict, interruption, noteList } from "./html/header.ts";
import { latencySection } from "./html/latency.ts";
import { loadSection } from "./html/load.ts";
import { manifestSection, showDefinitions, showInstrument, showRun } from "./html/manifest.ts";
import { html } from "./html/markup.ts";
import { shortName } from "./html/names.ts";
import { outcomeSection } from "./html/outcomes.ts";
import { timeSection } from "./html/over-time.ts";
import { overviewSection } from "./html/overview.ts";
import { requestSection } from "./html/requests.ts";
import type { Section } from "./html/section.ts";
import { thresholdSection } from "./html/thresholds.ts";

/** The targets of a report by name, without the levels of load behind them. */
function targetNames(groups: readonly GroupSummary[]): readonly string[] {
  const swept = levelsByTarget(groups).flatMap(([first]) => (first === undefined ? [] : [nameOf(first)]));
  return [...groups.filter(({ level }) => level === null).map(({ target }) => target.label), ...swept];
}

/** The levels of each target behind one another, from the lowest up. Those of the only target there is go by their load alone. */
function inOrder(groups: readonly GroupSummary[]): readonly GroupSummary[] {
  const sets = levelsByTarget(groups).map((levels) => levels.toSorted((one, other) => one.level.value - other.level.value));
  const [only, ...others] = sets;
  if (only === undefined) return groups;
  if (only.length === groups.length)
    return only.map((group) => ({ ...group, target: { ...group.target, label: levelInWords(group.level) } }));
  return [...groups.filter(({ level }) => level === null), ...only, ...others.flat()];
}

const windowTitle = (names: readonly string[]): string =>
  names.length === 0
    ? "Latency of an empty run"
    : `Latency of ${names.slice(0, 3).map(shortName).join(", ")}${names.length > 3 ? " and others" : ""}`;

/** A report as one page for a browser: self-contained, and with all of its figures in tables as well as in charts. */
export const htmlExporter: SyncExporter = {
  id: "html",
  extension: "html",
  render(report, { records = [] } = {}) {
    const { definitions, run, tool } = report;
    const groups = inOrder(report.groups);
    const names = targetNames(report.groups);
    const sections: readonly Section[] = [
      ...overviewSection(
        groups.filter(({ level }) => level === null),
        definitions,
      ),
      ...loadSection(report),
      ...thresholdSection(report),
      ...latencySection(groups, definitions),
      ...timeSection(groups, run, definitions),
      ...requestSection(records, report.groups),
      ...outcomeSection(groups, definitions),
      manifestSection(report),
    ];
    return renderPage({ title: windowTitle(names), header: header(report, names), sections, tool });
  },
};

function titleOf({ sides, comparisons: [only, ...others] }: ComparisonReport): string {
  if (only !== undefined && others.length === 0) return `${shortName(only.candidate.label)} against ${shortName(only.base.label)}`;
  return sides.map(({ group }) => shortName(group.target.label)).join(" · ");
}

function comparisonHeader(report: ComparisonReport) {
  const { sides, notes } = report;
  const runs = [...new Set(sides.map(({ run }) => run))];
  // A doubt stands among the notes already.
  const told = sides.filter(({ instrument }) => !notes.some((note) => note.includes(instrument.verdict)));
  const verdicts = [...new Map(told.map(({ instrument }) => [instrument.verdict, instrument])).values()];
  return html`<header>
    <h1>${titleOf(report)}</h1>
    ${runs.map((run) =>
      aboutRun(
        run,
        sides.filter((side) => side.run === run).map(({ group }) => group.target.origin),
      ),
    )}
    ${interruption(runs)} ${showAnswers(report)} ${verdicts.map((instrument) => html`<p>${instrumentVerdict(instrument)}</p>`)}
    ${noteList(notes)}
  </header> `;
}

function sidesSection({ sides, tool, definitions }: ComparisonReport): Section {
  const shown = sides.map(
    ({ group, source, run, instrument }) =>
      html`<details>
        <summary>${shortName(group.target.label)}${source === null ? null : ` from ${shortName(source)}`}</summary>
        ${showInstrument(instrument)} ${showRun(run, tool)}
      </details> `,
  );
  return { id: "run", title: "Instrument and runs", body: html`${shown} ${showDefinitions(definitions)}`, charts: [] };
}

/** A comparison as one page for a browser, as `htmlExporter` has a report. */
export const htmlComparisonExporter: SyncExporter<ComparisonReport> = {
  id: "html",
  extension: "html",
  render(report) {
    const { sides, definitions, ranking, tool } = report;
    const groups = sides.map(({ group }) => group);
    const [first] = sides;
    const names = groups.map(({ target }) => target.label);
    const sections: readonly Section[] = [
      comparisonSection(report),
      ...rankingSection(ranking),
      ...overviewSection(groups, definitions),
      ...latencySection(groups, definitions),
      ...(first === undefined || sides.some(({ run }) => run.startedAtMs !== first.run.startedAtMs)
        ? []
        : timeSection(groups, first.run, definitions)),
      ...outcomeSection(groups, definitions),
      sidesSection(report),
    ];
    return renderPage({ title: `Comparison: ${windowTitle(names)}`, header: comparisonHeader(report), sections, tool });
  },
};
