import { type ComparisonVerdict, formatFigure, type GroupComparison, type Interval, type MetricComparison } from "@lens/metrics";
import { formatCount } from "./format.ts";

/** What a comparison comes to, in a sentence or two. */
export interface ComparisonAnswer {
  /** The worst that was found: `slower` where any figure is. */
  readonly verdict: ComparisonVerdict;
  readonly text: string;
}

const METRIC_WORDS: Readonly<Record<string, string>> = {
  ttft: "TTFT",
  ttfo: "TTFO",
  ttfb: "TTFB",
  tpot: "TPOT",
  itl: "ITL",
  chunkGap: "chunk gap",
  e2e: "E2E",
  "response.ttft": "response TTFT",
  "response.ttfo": "response TTFO",
  "response.e2e": "response E2E",
  outputTokensPerSecond: "tokens/s",
  errorRate: "error rate",
};

/** A figure's name for people: `TTFT p95`, `error rate`. */
export function figureName({ metric, statistic }: Pick<MetricComparison, "metric" | "statistic">): string {
  const name = METRIC_WORDS[metric] ?? metric;
  return statistic === null ? name : `${name} ${typeof statistic === "number" ? `p${statistic}` : statistic}`;
}

/** What a verdict is called for a figure: a duration is slower, all else is worse. */
export function verdictWord({ verdict, unit }: Pick<MetricComparison, "verdict" | "unit">): string {
  switch (verdict) {
    case "faster":
      return unit === "ns" ? "faster" : "better";
    case "slower":
      return unit === "ns" ? "slower" : "worse";
    case "no-difference":
      return "no difference";
    case "not-enough-data":
      return "not enough data";
  }
}

/** The size of a share as a percentage with one decimal, or with none where it is large: `8.1`, `250`. */
const percent = (share: number): string => (Math.abs(share) * 100).toFixed(Math.abs(share) < 0.9995 ? 1 : 0);

const sign = (share: number): string => (share < 0 ? "−" : "+");

/** A difference with its sign: `+8.1 %`; points where the figure is itself a share of requests. */
export const signedShare = (share: number, { unit }: Pick<MetricComparison, "unit">): string =>
  `${sign(share)}${percent(share)} ${unit === "share" ? "pt" : "%"}`;

/** The ends of an interval with their signs: `+7.2 … +9.0`; `?` for one that the samples do not bound, and nothing where they bound neither. */
export function signedRange({ lower, upper }: Interval): string {
  if (lower === null && upper === null) return "";
  const end = (share: number | null): string => (share === null ? "?" : `${sign(share)}${percent(share)}`);
  return `${end(lower)} … ${end(upper)}`;
}

/** `8.1 % slower at TTFT p50 (7.2 % … 9.0 %)`, the signs said by the word where that can be. */
function differenceInWords(row: MetricComparison): string {
  const { differenceShare, interval, unit } = row;
  const share = differenceShare ?? 0;
  const ends = share < 0 ? [interval.upper, interval.lower] : [interval.lower, interval.upper];
  const [near, far] = ends.map((end) => (end === null ? "?" : `${percent(end)} ${unit === "share" ? "points" : "%"}`));
  const size = `${percent(share)} ${unit === "share" ? "points" : "%"}`;
  return `${size} ${verdictWord(row)} at ${figureName(row)} (${near} … ${far})`;
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;

/** `slower at TTFT p95 and E2E p50, worse at error rate`: figures by what their verdict is called. */
function verdictsInWords(rows: readonly MetricComparison[]): readonly string[] {
  const words = [...new Set(rows.map(verdictWord))];
  return words.map((word) => `${word} at ${listed(rows.filter((row) => verdictWord(row) === word).map(figureName))}`);
}

/** About how many more requests an undecided figure needs, in words and two digits; empty where no number can be promised. */
export const neededInWords = (requests: number | null): string =>
  requests === null ? "" : `about ${formatCount(Number(requests.toPrecision(2)))} more requests to each`;

/** What is not decided, by the figure that comes first. */
function undecidedInWords([first, ...rest]: readonly MetricComparison[]): string {
  if (first === undefined) return "";
  const needed = neededInWords(first.requestsNeeded);
  const others = rest.length === 0 ? "" : rest.length === 1 ? " and one other figure" : ` and ${rest.length} other figures`;
  return ` at ${figureName(first)}${needed === "" ? "" : ` (${needed})`}${others}`;
}

/** What a comparison comes to: what is slower first, then what is faster, else that nothing is, or that it cannot be told. */
export function answerOf({ base, candidate, metrics, margin }: GroupComparison): ComparisonAnswer {
  const of = (verdict: ComparisonVerdict): readonly MetricComparison[] => metrics.filter((row) => row.verdict === verdict);
  const [slower, faster, same, open] = [of("slower"), of("faster"), of("no-difference"), of("not-enough-data")];
  const [first, ...rest] = [...slower, ...faster];
  if (first !== undefined) {
    const more = rest.length === 0 ? "" : ` It is also ${listed(verdictsInWords(rest))}.`;
    return { verdict: first.verdict, text: `${candidate.label} is ${differenceInWords(first)}.${more}` };
  }
  const both = `${candidate.label} and ${base.label}`;
  if (open.length > 0 || same.length === 0)
    return { verdict: "not-enough-data", text: `Not enough data to tell ${both} apart${undecidedInWords(open)}.` };
  return { verdict: "no-difference", text: `${both} do not differ by more than ${formatFigure(margin, "share")} in any figure.` };
}
