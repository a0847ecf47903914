import type { ErrorCode } from "@lens/core";
import { createHistogram, type Distribution, fromDistribution, type GroupSummary, type SeriesBin, type SeriesSummary } from "@lens/metrics";

/** A stretch of a group's run. Latencies are null where it has too few samples. */
export interface Stretch {
  /** Its beginning, and its length, in seconds from the start of the run. */
  readonly fromS: number;
  readonly lengthS: number;
  readonly sent: number;
  readonly failed: number;
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  readonly outputTokens: number | null;
  /** Requests that met every SLO; null where that is not known. */
  readonly goodput: number | null;
  readonly ttft: StretchLatency;
  readonly chunkGap: StretchLatency;
  readonly e2e: StretchLatency;
}

/** What a latency was in a stretch. */
export interface StretchLatency {
  readonly count: number;
  /** The mean where there is but one sample. */
  readonly p50Ns: number | null;
  readonly p95Ns: number | null;
}

/** The run of one group, in as many stretches as it is drawn with. */
export interface Course {
  readonly label: string;
  readonly color: number;
  readonly stretches: readonly Stretch[];
}

const NS_PER_SECOND = 1e9;
const MS_PER_SECOND = 1e3;
/** That many samples make a p95. */
const SAMPLES_FOR_P95 = 20;
/** A run is not drawn with fewer stretches for the sake of a percentile. */
const FEWEST_STRETCHES = 12;
/** In all groups together: more would be too many to draw, and to keep in the page. */
const MOST_STRETCHES = 768;

/** How many bins make a stretch: enough for most to hold a p95, few enough to see the run go on, and no more than may be drawn. */
function binsPerStretch({ bins }: SeriesSummary, groups: number): number {
  const spanned = (bins.at(-1)?.index ?? 0) + 1;
  const answered = bins.reduce((sum, bin) => sum + bin.answered, 0);
  const most = Math.max(FEWEST_STRETCHES, Math.floor(MOST_STRETCHES / groups));
  let joined = 1;
  while (spanned / joined > most) joined *= 2;
  while ((answered / spanned) * joined < SAMPLES_FOR_P95 && spanned / (joined * 2) >= FEWEST_STRETCHES) joined *= 2;
  return joined;
}

function latencyOf(distributions: readonly Distribution[]): StretchLatency {
  const [only, ...others] = distributions.filter(({ count }) => count > 0);
  if (only === undefined) return { count: 0, p50Ns: null, p95Ns: null };
  if (others.length === 0) return { count: only.count, p50Ns: only.p50Ns ?? only.meanNs, p95Ns: only.p95Ns };
  const all = createHistogram();
  for (const distribution of [only, ...others]) all.merge(fromDistribution(distribution));
  return { count: all.moments().count, p50Ns: all.percentile(50), p95Ns: all.percentile(95) };
}

const sumOf = (bins: readonly SeriesBin[], count: (bin: SeriesBin) => number): number => bins.reduce((sum, bin) => sum + count(bin), 0);

/** The sum of what is known; null where nothing is. */
function knownSum(bins: readonly SeriesBin[], count: (bin: SeriesBin) => number | null): number | null {
  const known = bins.flatMap((bin) => count(bin) ?? []);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0);
}

function errorsOf(bins: readonly SeriesBin[]): Stretch["errors"] {
  const errors: Partial<Record<ErrorCode, number>> = {};
  for (const bin of bins)
    for (const [code, count] of Object.entries(bin.errors) as [ErrorCode, number][]) errors[code] = (errors[code] ?? 0) + count;
  return errors;
}

function stretchOf(bins: readonly SeriesBin[], fromS: number, lengthS: number): Stretch {
  return {
    fromS,
    lengthS,
    sent: sumOf(bins, ({ sent }) => sent),
    failed: sumOf(bins, ({ failed }) => failed),
    errors: errorsOf(bins),
    outputTokens: knownSum(bins, ({ outputTokens }) => outputTokens),
    goodput: knownSum(bins, ({ goodput }) => goodput),
    ttft: latencyOf(bins.map(({ ttft }) => ttft)),
    chunkGap: latencyOf(bins.map(({ chunkGap }) => chunkGap)),
    e2e: latencyOf(bins.map(({ e2e }) => e2e)),
  };
}

/** A group's run in stretches of equal length, those without requests included. Empty without a series. */
function stretchesOf({ series }: GroupSummary, startedAtMs: number, groups: number): readonly Stretch[] {
  if (series === null) return [];
  const joined = binsPerStretch(series, groups);
  const count = Math.floor((series.bins.at(-1)?.index ?? 0) / joined) + 1;
  const lengthS = (series.binNs * joined) / NS_PER_SECOND;
  const originS = (series.originMs - startedAtMs) / MS_PER_SECOND;
  const places: SeriesBin[][] = Array.from({ length: count }, () => []);
  for (const bin of series.bins) places[Math.floor(bin.index / joined)]?.push(bin);
  return places.map((bins, place) => stretchOf(bins, originS + place * lengthS, lengthS));
}

/** What the courses of several groups are drawn against. */
export interface CourseOptions {
  /** Wall time of the start of the run. */
  readonly startedAtMs: number;
}

/** The runs of groups that have one. */
export function coursesOf(groups: readonly GroupSummary[], { startedAtMs }: CourseOptions): readonly Course[] {
  return groups.flatMap((group, color) => {
    const stretches = stretchesOf(group, startedAtMs, groups.length);
    return stretches.length === 0 ? [] : [{ label: group.target.label, color, stretches }];
  });
}
