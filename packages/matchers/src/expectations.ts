import { LensError } from "@lens/core";
import {
  formatFigure,
  formatSlo,
  type GroupSummary,
  judgeGate,
  limitedMetrics,
  parseSlo,
  parseThreshold,
  type PriceBook,
  type SloName,
  type SummaryOptions,
  type Threshold,
  type ThresholdMetric,
} from "@lens/metrics";
import { demandSamples, type Finding, plural, samplingAdvice } from "./finding.ts";
import type { Subject } from "./subject.ts";

/** A duration such as `"800ms"` or `"1.5s"`; a number is milliseconds. */
export type Limit = string | number;

/** How `toHavePercentileBelow` judges. */
export interface PercentileOptions {
  /** Fails with fewer requests than this, whatever the figure; as few as the percentile can be read from unless given. */
  readonly minSamples?: number;
}

/** How `toCostLessThan` judges. */
export interface CostOptions {
  /** What the limit is of: all requests together, or each on average; `all` unless given. */
  readonly per?: "all" | "request";
  /** Prices the requests (`loadPriceBook`); the public list prices unless given. */
  readonly prices?: PriceBook;
}

/** The longest that each of these may take in a good request. */
export type SloLimits = Readonly<Partial<Record<SloName, Limit>>>;

/** How `toMeetSlo` judges. */
export interface SloOptions {
  /** The share of requests that has to be good, from 0 to 1; all of them unless given. */
  readonly share?: number;
}

/** What is expected, before it is known of what. */
export interface Expectation {
  /** How requests have to be summed up for it. */
  readonly options: SummaryOptions;
  readonly judge: (subject: Subject) => readonly Finding[];
}

function refuse(expected: string, got: unknown): never {
  throw new LensError("INVALID_ARGUMENT", `Expected ${expected}, got \`${String(got).slice(0, 60)}\`.`);
}

/** Judges each target by a threshold. `advise` says what to do where that cannot be done. */
function byThreshold(
  threshold: Threshold,
  advise: (group: GroupSummary) => readonly string[],
  worst: readonly ThresholdMetric[] = [threshold.metric],
) {
  return ({ groups }: Subject): readonly Finding[] =>
    groups.map((group) => {
      const outcome = judgeGate(threshold, group);
      return { outcome, group, worst, advice: outcome.met === null ? advise(group) : [] };
    });
}

/** Every request's time to first token lies below the limit; a failed request has none, and so breaches it. */
export function ttftBelow(limit: Limit): Expectation {
  return { options: {}, judge: byThreshold(parseThreshold(`ttft max < ${limit}`), () => []) };
}

/** The percentile of a metric lies below the limit; failed requests count as slower than any that was answered. */
export function percentileBelow(
  metric: ThresholdMetric,
  percentile: number,
  limit: Limit,
  { minSamples = 1 }: PercentileOptions = {},
): Expectation {
  if (!Number.isSafeInteger(minSamples) || minSamples < 1) refuse("`minSamples` to be a whole number from 1 up", minSamples);
  const threshold = parseThreshold(`${metric} p${percentile} < ${limit}`);
  const judge = byThreshold(threshold, (group) => samplingAdvice(threshold, group));
  return { options: {}, judge: (subject) => judge(subject).map((finding) => demandSamples(finding, minSamples)) };
}

function pricingAdvice({ costUsd }: GroupSummary): readonly string[] {
  if (costUsd.unpriced === 0) return [];
  return [
    `The price of ${plural(costUsd.unpriced, "request")} is not known: the model is in no price list, or the provider reported no usage. \`{ prices: await loadPriceBook([…]) }\` of @lens/metrics takes prices of your own.`,
  ];
}

/** What the requests cost together, or on average, lies below the limit in US dollars. */
export function costLessThan(limitUsd: number, { per = "all", prices }: CostOptions = {}): Expectation {
  if (!(limitUsd >= 0 && limitUsd < Infinity)) refuse("a cost in US dollars, such as 0.01", limitUsd);
  const metric = per === "all" ? "costUsd.total" : "costUsd.perRequest";
  const words = per === "all" ? "cost" : "cost per request";
  const threshold: Threshold = {
    text: `${words} < ${formatFigure(limitUsd, "USD")}`,
    metric,
    statistic: null,
    operator: "<",
    limit: limitUsd,
    unit: "USD",
  };
  return { options: prices === undefined ? {} : { priceBook: prices }, judge: byThreshold(threshold, pricingAdvice) };
}

function goodputAdvice({ goodput, requests }: GroupSummary): readonly string[] {
  const unknown = requests - (goodput?.judged ?? 0);
  return unknown === 0
    ? []
    : [`${plural(unknown, "request")} of ${requests} lack a figure that has a limit, as TPOT where no usage is reported.`];
}

/** The share of requests that met every objective is at least as large as asked for; failed requests met none. */
export function meetSlo(limits: SloLimits | string, { share = 1 }: SloOptions = {}): Expectation {
  if (!(share > 0 && share <= 1)) refuse("`share` to be more than 0 and at most 1", share);
  const written = typeof limits === "string" ? limits : Object.entries(limits).map(([name, limit]) => `${name}=${limit}`);
  const slo = parseSlo(String(written));
  const words = formatSlo(slo);
  const text = `${words} in ${share === 1 ? "every request" : `${formatFigure(share, "share")} of requests`}`;
  const threshold: Threshold = { text, metric: "goodput", statistic: null, operator: ">=", limit: share, unit: "share" };
  const judge = byThreshold(threshold, goodputAdvice, limitedMetrics(slo));
  return {
    options: { slo },
    judge(subject) {
      // A report has counted its good requests already, by what was asked for then.
      const other = subject.groups.find(({ goodput }) => goodput === null || formatSlo(goodput.slo) !== words);
      if (other !== undefined)
        refuse(`figures that were measured with the SLOs ${words}`, other.goodput === null ? "none" : formatSlo(other.goodput.slo));
      return judge(subject);
    },
  };
}
