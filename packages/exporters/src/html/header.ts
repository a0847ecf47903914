import { formatDuration } from "@lens/core";
import type { GroupSummary, InstrumentState, InstrumentSummary, Report, RunManifest } from "@lens/metrics";
import { formatCount, formatInstant, formatNumber, formatPlural, formatShare, formatUsd } from "../format.ts";
import { levelInWords } from "../console-sweep.ts";
import { answered, durationRange, failedShare, shortFigure } from "./figures.ts";
import { type Content, html, type Markup } from "./markup.ts";
import { fullName, shortName, shortText } from "./names.ts";

/** How each state of the instrument is shown. */
const STATE_TONES: Readonly<Record<InstrumentState, string>> = { fine: "good", "client-limited": "doubtful", unknown: "doubtful" };

const MODES: Readonly<Record<RunManifest["mode"], string>> = {
  single: "one request",
  closed: "closed loop",
  open: "open loop",
  unknown: "schedule not known",
};

/** More would push the rest out of sight; the section on load has them all. */
const MOST_LOAD_TILES = 4;

/** A figure of the header. */
interface Tile {
  readonly name: string;
  readonly figure: string;
  readonly below: Content;
}

const tile = ({ name, figure, below }: Tile): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd class="figure">${figure}</dd>
    <dd>${below}</dd>
  </div> `;

/** Several figures side by side. */
const tiles = (all: readonly Tile[]): Markup => html`<dl class="tiles">${all.map(tile)}</dl>`;

/** Sentences that a reader should know before trusting a figure; nothing where there are none. */
export const noteList = (notes: readonly string[]): Content =>
  notes.length === 0
    ? null
    : html`<ul class="notes">
        ${notes.map((note) => html`<li>${shortText(note)}</li>`)}
      </ul>`;

/** Says that a run was stopped before its end; nothing where it was not. */
export const interruption = (runs: readonly RunManifest[]): Content =>
  runs.some(({ interrupted }) => interrupted)
    ? html`<p class="answer bad"><strong>Interrupted:</strong> the figures are of what was done until then.</p>`
    : null;

/** How far the instrument itself can be trusted. */
export const instrumentVerdict = ({ state, verdict }: InstrumentSummary): Markup =>
  html`<span class="${STATE_TONES[state]}"><strong>${state === "fine" ? "✓" : "!"}</strong> ${shortText(verdict)}</span>`;

/** Where, when and how a run was made. */
export function aboutRun(run: RunManifest, origins: readonly (string | null)[]): Markup {
  const known = [...new Set(origins.flatMap((origin) => origin ?? []))];
  const places = known.length > 3 ? [`${formatCount(known.length)} servers`] : known.map(shortName);
  const parts = [...places, MODES[run.mode], formatInstant(run.startedAtMs), `took ${formatDuration(run.durationNs)}`];
  return html`<p class="about">${parts.join(" · ")}</p>`;
}

/** What was spent on all groups together, and how much of it is known. */
function costInWords(groups: readonly GroupSummary[]): { readonly figure: string; readonly below: string } {
  const priced = groups.filter(({ costUsd }) => costUsd.total !== null);
  const total = priced.reduce((sum, { costUsd }) => sum + (costUsd.total ?? 0), 0);
  const requests = priced.reduce((sum, { costUsd }) => sum + costUsd.priced, 0);
  const unpriced = groups.reduce((sum, { costUsd }) => sum + costUsd.unpriced, 0);
  if (requests === 0) return { figure: "unpriced", below: "no price is known" };
  const partly = unpriced === 0 ? "" : `, ${formatPlural(unpriced, "request")} unpriced`;
  return { figure: formatUsd(total), below: `${formatUsd(total / requests)} a request${partly}` };
}

function latencyTile(name: string, group: GroupSummary, of: "ttft" | "tpot" | "chunkGap" | "e2e"): Tile {
  const distribution = group[of];
  const range = durationRange(distribution.intervalsNs.p50 ?? { lower: null, upper: null });
  const sure = range === null ? "too few for an interval" : `95 %: ${range}`;
  return {
    name,
    figure: shortFigure(distribution, "p50Ns"),
    below: html`${sure}<br />p95 ${shortFigure(distribution, "p95Ns")}`,
  };
}

function paceTile(group: GroupSummary): readonly Tile[] {
  if (group.tpot.count > 0) return [latencyTile("TPOT, median", group, "tpot")];
  return group.chunkGap.count > 0 ? [latencyTile("Chunk gap, median", group, "chunkGap")] : [];
}

function throughputTile({ throughput }: GroupSummary): readonly Tile[] {
  const { requestsPerSecond, systemTokensPerSecond } = throughput;
  if (requestsPerSecond === null) return [];
  const tokens = systemTokensPerSecond === null ? "tokens/s unknown" : `${formatNumber(systemTokensPerSecond)} tokens/s`;
  return [{ name: "Throughput", figure: `${formatNumber(requestsPerSecond)}/s`, below: html`answers<br />${tokens}` }];
}

function goodputTile({ goodput }: GroupSummary): readonly Tile[] {
  if (goodput === null || goodput.share === null) return [];
  const { share, met, judged, interval } = goodput;
  const range =
    interval.lower === null || interval.upper === null
      ? ""
      : `95 %: ${formatShare(interval.lower).replace(" %", "")}–${formatShare(interval.upper)}`;
  return [
    { name: "Goodput", figure: formatShare(share), below: html`${range}<br />${formatCount(met)} of ${formatCount(judged)} met all SLOs` },
  ];
}

function requestsTile(groups: readonly GroupSummary[]): Tile {
  const requests = groups.reduce((sum, group) => sum + group.requests, 0);
  const failed = requests - groups.reduce((sum, group) => sum + answered(group), 0);
  const share = requests === 0 ? "" : ` (${formatShare(failed / requests)})`;
  return {
    name: "Requests",
    figure: formatCount(requests),
    below: failed === 0 ? "all were answered" : html`<span class="bad">${formatCount(failed)} not answered${share}</span>`,
  };
}

/** The figures of one target. */
function figuresOf(group: GroupSummary): Markup {
  const latencies =
    group.ttft.count === 0 && group.e2e.count === 0
      ? []
      : [latencyTile("TTFT, median", group, "ttft"), ...paceTile(group), latencyTile("E2E, median", group, "e2e")];
  return tiles([
    ...latencies,
    ...throughputTile(group),
    ...goodputTile(group),
    requestsTile([group]),
    { name: "Cost", ...costInWords([group]) },
  ]);
}

/** The answer for one target, in a sentence. */
function answerFor(group: GroupSummary): Markup {
  const failed = failedShare(group) ?? 0;
  if (group.e2e.count === 0)
    return html`<p class="answer bad">
      <strong>None of its ${formatPlural(group.requests, "request")} was answered:</strong> there are no latencies.
    </p>`;
  const range = durationRange(group.ttft.intervalsNs.p50 ?? { lower: null, upper: null });
  const sure = range === null ? html`` : html` (95 % sure: ${range})`;
  const first =
    group.ttft.count === 0
      ? html`It`
      : html`The first token comes after <strong>${shortFigure(group.ttft, "p50Ns")}</strong>${sure}, and the answer`;
  const trouble = failed === 0 ? null : html` <span class="bad">${formatShare(failed)} of the requests were not answered.</span>`;
  return html`<p class="answer">
    ${first} is whole after <strong>${shortFigure(group.e2e, "p50Ns")}</strong>, in the median of
    ${formatPlural(answered(group), "answer")}.${trouble}
  </p>`;
}

/** What was found of the load that targets bear. */
function loadTiles({ sweeps, searches }: Report): readonly Tile[] {
  const several = new Set([...sweeps, ...searches].map(({ label }) => label)).size > 1;
  const suffix = (label: string): string => (several ? `, ${shortName(label)}` : "");
  const highest = searches.map(({ label, kind, highestMet, thresholds }) => ({
    name: `Highest load${suffix(label)}`,
    figure: highestMet === null ? "none" : levelInWords({ kind, value: highestMet }),
    below: `that meets ${shortText(thresholds.join(", "))}`,
  }));
  const knees = sweeps.map(({ label, kind, knee }) => ({
    name: `Knee${suffix(label)}`,
    figure: knee === null ? "none" : levelInWords({ kind, value: knee }),
    below: knee === null ? "in these levels" : "the median E2E rises from there on",
  }));
  return [...highest, ...knees].slice(0, MOST_LOAD_TILES);
}

function thresholdsInWords({ thresholds }: Report): Content {
  if (thresholds.length === 0) return null;
  const met = thresholds.filter((outcome) => outcome.met === true).length;
  const isMet = met === thresholds.length;
  return html`<p>
    <a href="#thresholds" class="${isMet ? "good" : "bad"}"
      ><strong>${isMet ? "✓" : "✗"}</strong> ${formatCount(met)} of ${formatPlural(thresholds.length, "threshold")} met</a
    >
  </p>`;
}

function titleOf(names: readonly string[]): Content {
  const [first, ...others] = names;
  if (first === undefined) return "An empty run";
  return others.length === 0 ? fullName(first) : `${formatCount(names.length)} targets`;
}

/** What a report comes to, before all else: which target, how fast, how sure, what it cost, and whether the instrument can be trusted. */
export function header(report: Report, names: readonly string[]): Markup {
  const { run, groups, instrument, notes } = report;
  const [only] = groups;
  const isOne = only !== undefined && groups.length === 1;
  const answers = report.searches.map(({ verdict }) => html`<p class="answer">${shortText(verdict)}</p>`);
  return html`<header>
    <h1>${titleOf(names)}</h1>
    ${aboutRun(
      run,
      groups.map(({ target }) => target.origin),
    )}
    ${interruption([run])} ${groups.length === 0 ? html`<p class="answer bad">No request was recorded.</p>` : null} ${answers}
    ${isOne ? answerFor(only) : null}
    ${isOne ? figuresOf(only) : groups.length === 0 ? null : tiles([...loadTiles(report), requestsTile(groups), { name: "Cost", ...costInWords(groups) }])}
    ${groups.length === 0 ? null : html`<p>${instrumentVerdict(instrument)}</p>`} ${thresholdsInWords(report)} ${noteList(notes)}
  </header> `;
}
