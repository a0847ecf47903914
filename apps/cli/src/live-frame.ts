import { formatDuration } from "@lens/core";
import { formatCount, formatNumber, formatShare, printable, sparkline } from "@lens/exporters";
import type { LoadProgress } from "@lens/load";
import { createColors } from "picocolors";
import type { LiveFigures, LiveMetric } from "./live-window.ts";

/** What a run is, as far as it is known before it begins. */
export interface Expectation {
  /** The target, with the level where there are several. */
  readonly label: string;
  /** Measured requests to come; null where time decides. */
  readonly requests: number | null;
  /** How long measured requests are sent; null where their number decides. */
  readonly durationNs: number | null;
  /** Whether the level is a rate, in requests per second, and not a number of requests at once. */
  readonly isRate: boolean;
}

/** The state of a run at one moment. */
export interface LiveState {
  readonly expected: Expectation;
  readonly progress: LoadProgress;
  readonly figures: LiveFigures;
  /** Measured requests that have ended. */
  readonly measured: number;
  /** Since the first of them was sent; null before. */
  readonly measuringNs: number | null;
  /** Whether the user asked to stop. */
  readonly stopping: boolean;
}

export interface FrameOptions {
  readonly color: boolean;
  /** Of the terminal. */
  readonly columns: number;
}

const WIDEST = 80;
const BAR_COLUMNS = 30;
const TREND_COLUMNS = 24;
const NOT_YET = "–";

const shown = (durationNs: number | null): string => (durationNs === null ? NOT_YET : formatDuration(durationNs));

/** How much of a run is done, 0 to 1; null where that cannot be known. With both a number and a time, whichever is nearer its end. */
function shareDone({ expected, measured, measuringNs }: LiveState): number | null {
  const { requests, durationNs } = expected;
  const shares = [...(requests === null ? [] : [measured / requests]), ...(durationNs === null ? [] : [(measuringNs ?? 0) / durationNs])];
  return shares.length === 0 ? null : Math.min(1, Math.max(...shares));
}

function phaseOf({ progress, stopping }: LiveState): string {
  if (stopping) return "stopping";
  return { warmup: "warming up", measured: "measuring", drain: "draining" }[progress.phase ?? "warmup"];
}

function levelOf({ expected, progress: { level } }: LiveState): readonly string[] {
  if (level === null) return [];
  return [expected.isRate ? `${formatNumber(level)} requests/s due` : `${formatCount(level)} at once`];
}

function timeLine(state: LiveState): string {
  const share = shareDone(state);
  const { elapsedNs } = state.progress;
  if (share === null) return formatDuration(elapsedNs);
  const filled = Math.round(share * BAR_COLUMNS);
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_COLUMNS - filled)}`;
  const leftNs = share === 0 || state.measuringNs === null ? null : (state.measuringNs * (1 - share)) / share;
  const left = leftNs === null || share === 1 ? "" : ` · about ${formatDuration(leftNs)} left`;
  return `${bar} ${(share * 100).toFixed(0).padStart(3)} % · ${formatDuration(elapsedNs)}${left}`;
}

function failures({ failedByCode }: LoadProgress): string | null {
  const entries = Object.entries(failedByCode).toSorted(([, one], [, other]) => other - one);
  return entries.length === 0 ? null : entries.map(([code, count]) => `${code} ${formatCount(count)}`).join(", ");
}

function countLine({ progress }: LiveState): string {
  const { sent, done, inFlight, lost } = progress;
  const failed = failures(progress);
  return [
    `sent ${formatCount(sent)}`,
    `done ${formatCount(done)}`,
    `in flight ${formatCount(inFlight)}`,
    ...(lost === 0 ? [] : [`lost ${formatCount(lost)}`]),
    ...(failed === null ? [] : [`failed ${failed}`]),
  ].join(" · ");
}

function rateLine({ figures, expected, progress }: LiveState): string {
  const { requestsPerSecond, tokensPerSecond } = figures;
  const due = expected.isRate && progress.level !== null ? ` of ${formatNumber(progress.level)}` : "";
  const requests = requestsPerSecond === null ? NOT_YET : formatNumber(requestsPerSecond);
  const tokens = tokensPerSecond === null ? NOT_YET : formatNumber(tokensPerSecond);
  return `requests/s ${requests}${due} · tokens/s ${tokens}`;
}

function metricLine(name: string, { p50Ns, p95Ns, p99Ns, trendNs }: LiveMetric): string {
  const cell = (title: string, valueNs: number | null): string => `${title} ${shown(valueNs)}`.padEnd(14);
  return `${name.padEnd(6)}${cell("p50", p50Ns)}${cell("p95", p95Ns)}${cell("p99", p99Ns)}${sparkline(trendNs, TREND_COLUMNS)}`;
}

function instrumentLine({ figures: { latenessNs, limitingShare } }: LiveState): string {
  if (latenessNs === null) return `instrument error ${NOT_YET}`;
  if (limitingShare === null) return `instrument error p99 ${formatDuration(latenessNs)}: fine`;
  return `client-limited: ${formatShare(limitingShare)} of requests tainted, good to ±${formatDuration(latenessNs)}`;
}

/** A run as it stands, in seven lines that are no wider than the terminal, nor than 80 columns. */
export function renderFrame(state: LiveState, { color, columns }: FrameOptions): string {
  const colors = createColors(color);
  const width = Math.min(WIDEST, columns - 1);
  const fit = (line: string): string => Array.from(printable(line)).slice(0, width).join("");
  const isLimited = state.figures.limitingShare !== null;
  const hasFailed = Object.keys(state.progress.failedByCode).length > 0 || state.progress.lost > 0;
  return [
    colors.bold(fit([state.expected.label, ...levelOf(state), phaseOf(state)].join(" · "))),
    colors.cyan(fit(timeLine(state))),
    (hasFailed ? colors.red : String)(fit(countLine(state))),
    fit(rateLine(state)),
    fit(metricLine("TTFT", state.figures.ttft)),
    fit(metricLine("gap", state.figures.gap)),
    (isLimited ? colors.yellow : colors.green)(fit(instrumentLine(state))),
  ].join("\n");
}
