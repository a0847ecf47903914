import type { Distribution } from "./distribution.ts";
import { sumOf, sumOfKnown, sumTables } from "./sums.ts";
import { mergeDistributions } from "./merge-distributions.ts";
import { MOST_BINS, MOST_CHOSEN_BINS, type SeriesBin, type SeriesSummary } from "./series.ts";
import { type TimeWindow, uniteWindows } from "./time-window.ts";

const widthMs = (binNs: number): number => binNs / 1e6;
/** The place of bin 0 on the line of all bins of its width, the first of which begins at the epoch. */
const firstOf = ({ originMs, binNs }: SeriesSummary): number => Math.round(originMs / widthMs(binNs));
const spanOf = ({ bins }: SeriesSummary): number => (bins.at(-1)?.index ?? 0) + 1;

/** The doublings that bring bins of one width to another. */
const doublings = (fromNs: number, toNs: number): number => Math.round(Math.log2(toNs / fromNs));

function mergeBins(bins: readonly SeriesBin[], index: number): SeriesBin {
  const pool = (distributions: readonly Distribution[]): Distribution => mergeDistributions(distributions, { independent: 0 });
  const scheduled = bins.flatMap(({ responseTtft }) => responseTtft ?? []);
  return {
    index,
    sent: sumOf(bins, ({ sent }) => sent),
    answered: sumOf(bins, ({ answered }) => answered),
    failed: sumOf(bins, ({ failed }) => failed),
    errors: sumTables(bins.map(({ errors }) => errors)),
    outputTokens: sumOfKnown(bins, ({ outputTokens }) => outputTokens),
    goodput: sumOfKnown(bins, ({ goodput }) => goodput),
    ttft: pool(bins.map(({ ttft }) => ttft)),
    chunkGap: pool(bins.map(({ chunkGap }) => chunkGap)),
    tpot: pool(bins.map(({ tpot }) => tpot)),
    e2e: pool(bins.map(({ e2e }) => e2e)),
    responseTtft: scheduled.length === 0 ? null : pool(scheduled),
  };
}

/**
 * One width that holds all: the widest, doubled until there are no more bins than a single run would have. Where runs lie far apart, the
 * time between them does not count.
 */
function commonWidthNs(series: readonly SeriesSummary[]): number {
  const most = series.some((one) => spanOf(one) > MOST_BINS) ? MOST_CHOSEN_BINS : MOST_BINS;
  const covered = uniteWindows(
    series.map((one): TimeWindow => ({ fromMs: one.originMs, toMs: (firstOf(one) + spanOf(one)) * widthMs(one.binNs) })),
  );
  let binNs = Math.max(...series.map((one) => one.binNs));
  const count = (): number => sumOf(covered, ({ fromMs, toMs }) => Math.ceil(toMs / widthMs(binNs)) - Math.floor(fromMs / widthMs(binNs)));
  // However wide a bin is, each run lies in one or two of them: of more runs than that, none is joined.
  while (count() > most && covered.length * 2 <= most) binNs *= 2;
  return binNs;
}

/** The series of all requests together, bin by bin as one run would have kept them. Null for none. Throws as `mergeDistributions` does. */
export function mergeSeries(series: readonly SeriesSummary[]): SeriesSummary | null {
  if (series.length === 0) return null;
  const binNs = commonWidthNs(series);
  const bins = new Map<number, SeriesBin[]>();
  for (const one of series) {
    const scale = 2 ** doublings(one.binNs, binNs);
    for (const bin of one.bins) {
      const index = Math.floor((firstOf(one) + bin.index) / scale);
      bins.set(index, [...(bins.get(index) ?? []), bin]);
    }
  }
  const ordered = [...bins].toSorted(([left], [right]) => left - right);
  const first = ordered[0]?.[0] ?? 0;
  return { binNs, originMs: first * widthMs(binNs), bins: ordered.map(([index, parts]) => mergeBins(parts, index - first)) };
}
