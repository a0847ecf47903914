import { formatDuration } from "@lens/core";
import { formatPlural, formatShare } from "../format.ts";
import { html, type Markup } from "./markup.ts";

/** What a target did in a short stretch of time. */
export interface SparklineBin {
  /** Wall time at which the stretch begins. */
  readonly fromMs: number;
  readonly requests: number;
  readonly answered: number;
  /** Answered requests with a first token, and the sum and the longest of their TTFT. */
  readonly timed: number;
  readonly ttftSumNs: number;
  readonly ttftMaxNs: number;
}

export interface SparklineOptions {
  readonly untilMs: number;
  readonly spanMs: number;
  readonly binMs: number;
}

const HOUR_MS = 3_600_000;
const WIDTH = 360;
const HEIGHT = 40;
/** Room for failures beneath the line. */
const FLOOR = 34;

const round = (value: number): number => Math.round(value * 10) / 10;

/** The line in pieces: a stretch without answers ends one. A piece of one point is a dot. */
function pathOf(points: readonly { readonly x: number; readonly y: number; readonly joined: boolean }[]): string {
  return points.map(({ x, y, joined }) => `${joined ? "L" : "M"}${round(x)} ${round(y)}${joined ? "" : "h0"}`).join("");
}

/** Mean TTFT of each stretch as a line that begins at 0, and beneath it a mark for each stretch in which a request failed. */
export function statusSparkline(bins: readonly SparklineBin[], { untilMs, spanMs, binMs }: SparklineOptions): Markup {
  const shown = bins.filter(({ fromMs }) => fromMs + binMs > untilMs - spanMs);
  const timed = shown.filter((bin) => bin.timed > 0);
  const meanNs = ({ timed: count, ttftSumNs }: SparklineBin): number => ttftSumNs / count;
  const topNs = Math.max(1, ...timed.map(meanNs));
  const x = ({ fromMs }: SparklineBin): number => Math.max(0, ((fromMs + binMs / 2 - (untilMs - spanMs)) / spanMs) * WIDTH);
  const points = timed.map((bin, index) => ({
    x: x(bin),
    y: FLOOR - (meanNs(bin) / topNs) * (FLOOR - 2),
    joined: index > 0 && bin.fromMs - (timed[index - 1]?.fromMs ?? 0) <= 3 * binMs,
  }));
  const failed = shown.filter(({ requests, answered }) => answered < requests);
  const requests = shown.reduce((sum, bin) => sum + bin.requests, 0);
  const answered = shown.reduce((sum, bin) => sum + bin.answered, 0);
  const highestNs = Math.max(0, ...timed.map(({ ttftMaxNs }) => ttftMaxNs));
  const span = spanMs < HOUR_MS ? formatPlural(Math.round(spanMs / 60_000), "minute") : formatPlural(Math.round(spanMs / HOUR_MS), "hour");
  const words =
    requests === 0
      ? `no requests in the last ${span}`
      : `last ${span}: ${formatPlural(requests, "request")}, ${formatShare(answered / requests)} answered` +
        (highestNs === 0 ? "" : `, TTFT at most ${formatDuration(highestNs)}`);
  return html`<figure>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${words}">
      <path class="floor" d="M0 ${FLOOR}H${WIDTH}" />
      <path class="line" d="${pathOf(points)}" />
      ${failed.map((bin) => html`<path class="failed" d="M${round(x(bin))} ${FLOOR + 2}V${HEIGHT}" />`)}
    </svg>
    <figcaption>${words}</figcaption>
  </figure>`;
}
