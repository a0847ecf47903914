import { createHash } from "node:crypto";
import { formatDuration, type Target } from "@lens/core";
import { formatInstant, formatNumber, formatPlural, formatUsd } from "../format.ts";
import { type Content, html, type Markup, ownCode } from "./markup.ts";
import { fullName, shortText } from "./names.ts";
import { type SparklineBin, statusSparkline } from "./status-sparkline.ts";
import { text as style } from "./status.css?bundled";

/** `up`: the last round was answered. `paused`: the day's money is spent. `waiting`: there was no round yet. */
export type TargetState = "up" | "down" | "paused" | "waiting";

/** How a target does at present. Plain JSON. */
export interface TargetStatus {
  readonly target: Target;
  readonly state: TargetState;
  /** How its last round of probes ended; null before the first. */
  readonly last: {
    readonly endedAtMs: number;
    readonly sent: number;
    readonly answered: number;
    /** How the request that is shown ended: a kind of outcome or the code of an error. */
    readonly outcome: string;
    /** Why it failed, in words; null where it did not. */
    readonly message: string | null;
    readonly ttftNs: number | null;
    readonly e2eNs: number | null;
    readonly outputTokensPerSecond: number | null;
    /** Null where it could not be priced. */
    readonly costUsd: number | null;
  } | null;
  /** The last hours in short stretches, oldest first; those without requests are left out. */
  readonly history: readonly SparklineBin[];
}

/** What a monitor shows of itself and its targets. Plain JSON. */
export interface MonitorStatus {
  readonly tool: { readonly name: string; readonly version: string };
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly intervalNs: number;
  readonly probesPerRound: number;
  /** How long a stretch of the histories is, and how far back they go. */
  readonly historyBinMs: number;
  readonly historyMs: number;
  readonly budget: { readonly limitUsd: number | null; readonly spentUsd: number; readonly exhausted: boolean };
  /** What stands against the monitor itself, in sentences, such as a configuration that could not be read. */
  readonly notes: readonly string[];
  readonly targets: readonly TargetStatus[];
}

const REFRESH_SECONDS = 15;

const GRAVEST_FIRST: readonly TargetState[] = ["down", "paused", "waiting", "up"];

/** How far back a sparkline may go: a young monitor would draw all that it knows into a corner of six hours. */
const SPANS_MS = [0.5, 1, 2, 4].map((hours) => hours * 3_600_000);

const STATES: Readonly<Record<TargetState, { readonly mark: string; readonly word: string; readonly tone: string }>> = {
  up: { mark: "✓", word: "up", tone: "good" },
  down: { mark: "✗", word: "down", tone: "bad" },
  paused: { mark: "!", word: "paused", tone: "doubtful" },
  waiting: { mark: "…", word: "waiting", tone: "faint" },
};

const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** The policy to send with a status page: nothing is loaded, no script runs, and no other page may frame it. */
export const STATUS_POLICY = `${policy}; frame-ancestors 'none'`;

/** Nothing may be added within, lest its hash be another. */
const styleElement: Markup = { markup: `<style>${ownCode(style).markup}</style>` };

const fact = (name: string, value: Content): Markup =>
  html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
const duration = (durationNs: number | null): string => (durationNs === null ? "–" : formatDuration(durationNs));

function ago(atMs: number, nowMs: number): string {
  return `${formatDuration(Math.max(0, Math.round((nowMs - atMs) / 1000)) * 1e9)} ago`;
}

function lastRound({ last }: TargetStatus, { nowMs }: MonitorStatus): Content {
  if (last === null) return html`<p class="faint">No round has ended yet.</p>`;
  const { endedAtMs, sent, answered, outcome, message, ttftNs, e2eNs, outputTokensPerSecond, costUsd } = last;
  const pace = outputTokensPerSecond === null ? "–" : formatNumber(outputTokensPerSecond);
  return html`<dl>
      ${fact("TTFT", duration(ttftNs))}${fact("E2E", duration(e2eNs))}${fact("tokens/s", pace)}
      ${fact("cost", costUsd === null ? "–" : formatUsd(costUsd))}${fact("answered", `${answered} of ${sent}`)}
      ${fact("last round", html`<time title="${formatInstant(endedAtMs)}">${ago(endedAtMs, nowMs)}</time>`)}
    </dl>
    ${message === null ? null : html`<p class="bad"><code>${outcome}</code> ${shortText(message.replace(`${outcome}: `, ""))}</p>`}`;
}

function targetCard(target: TargetStatus, status: MonitorStatus, spanMs: number): Markup {
  const { mark, word, tone } = STATES[target.state];
  const { label, provider, model } = target.target;
  const named = label === `${provider}:${model}` ? null : html`<small>${fullName(`${provider}:${model}`)}</small>`;
  return html`<li class="${tone}-edge">
    <h2>${fullName(label)} ${named} <span class="${tone}">${mark} ${word}</span></h2>
    ${statusSparkline(target.history, { untilMs: status.nowMs, spanMs, binMs: status.historyBinMs })} ${lastRound(target, status)}
  </li> `;
}

/** How far back all sparklines go: far enough for what is known of any target. */
function spanOf({ targets, nowMs, historyMs }: MonitorStatus): number {
  const knownMs = Math.max(0, ...targets.map(({ history: [first] }) => (first === undefined ? 0 : nowMs - first.fromMs)));
  return SPANS_MS.find((spanMs) => spanMs >= knownMs) ?? historyMs;
}

/** How many targets are in each state, the gravest first. */
function summary(targets: readonly TargetStatus[]): Content {
  const counts = GRAVEST_FIRST.map((state) => ({ ...STATES[state], count: targets.filter((target) => target.state === state).length }));
  return counts.filter(({ count }) => count > 0).map(({ tone, word, count }) => html`<strong class="${tone}">${count} ${word}</strong> `);
}

function budgetInWords({ limitUsd, spentUsd, exhausted }: MonitorStatus["budget"]): Content {
  const spent = `${formatUsd(spentUsd)} spent this UTC day`;
  // What is not priced costs something all the same.
  if (limitUsd === null) return spentUsd === 0 ? null : html` · ${spent}`;
  if (exhausted)
    return html` · <strong class="doubtful">The day's budget of ${formatUsd(limitUsd)} is spent: probes pause until midnight UTC.</strong>`;
  return html` · ${spent} of ${formatUsd(limitUsd)}`;
}

/** The status page of a monitor, in one file that needs neither scripts nor anything beside it, and asks for itself anew every quarter of a minute. */
export function renderStatusPage(status: MonitorStatus): string {
  const { tool, targets, nowMs, startedAtMs, intervalNs, probesPerRound, budget, notes } = status;
  const spanMs = spanOf(status);
  const ordered = GRAVEST_FIRST.flatMap((state) => targets.filter((target) => target.state === state));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${{ markup: policy }}" />
        <meta http-equiv="refresh" content="${REFRESH_SECONDS}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <title>${targets.filter(({ state }) => state === "down").length} down of ${targets.length} · lens monitor</title>
        ${styleElement}
      </head>
      <body>
        <header>
          <h1>Latency monitor</h1>
          <p>${summary(targets)}</p>
          <p class="faint">
            Each target every ${formatDuration(intervalNs)}, ${formatPlural(probesPerRound, "request")} a round${budgetInWords(budget)}
          </p>
          ${notes.map((note) => html`<p class="doubtful">${shortText(note)}</p>`)}
        </header>
        <main>
          <ul>
            ${ordered.map((target) => targetCard(target, status, spanMs))}
          </ul>
        </main>
        <footer>
          ${formatInstant(nowMs)}, running for ${formatDuration(Math.round(nowMs - startedAtMs) * 1e6)} · ${tool.name} ${tool.version} ·
          <a href="metrics">metrics</a> · <a href="report.json">report</a>
        </footer>
      </body>
    </html>`;
  return `${page.markup}\n`;
}
