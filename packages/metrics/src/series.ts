import type { ErrorCode, RequestRecord } from "@lens/core";
import { isAnswered, reportedOutputTokens } from "./derive.ts";
import { type Distribution, toDistribution } from "./distribution.ts";
import type { RequestFigures } from "./figures.ts";
import { createHistogram, type Histogram } from "./histogram.ts";

/** The requests of one bin: those that started in it. Latencies are of the answered ones. */
export interface SeriesBin {
  /** The bin begins `index × binNs` after the origin. */
  readonly index: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
  /** How often each error code ended a request; codes that did not occur are absent. */
  readonly errors: Readonly<Partial<Record<ErrorCode, number>>>;
  /** As reported for answered requests; null where it is for none. */
  readonly outputTokens: number | null;
  /** Requests that met every SLO; null without SLOs, or where none could be judged. */
  readonly goodput: number | null;
  readonly ttft: Distribution;
  readonly chunkGap: Distribution;
  readonly tpot: Distribution;
  readonly e2e: Distribution;
  /** Null where there was no schedule (closed loop). */
  readonly responseTtft: Distribution | null;
}

/**
 * The run of one group in bins of time, by when its requests started. Bins begin at whole multiples of their width on the wall clock,
 * so that those of several groups fall together, and the first and the last one are seldom full.
 */
export interface SeriesSummary {
  /** The width of a bin. */
  readonly binNs: number;
  /** Wall time at which bin 0 begins, which is the first with a request. */
  readonly originMs: number;
  /** In order of time; bins without requests are absent. The distributions of bins have no `intervalsNs`. */
  readonly bins: readonly SeriesBin[];
}

/** The run of a group, as its requests come. */
export interface SeriesTally {
  /** Takes in a request. Its figures are null where it was not answered; `met` says whether it met every SLO, null where that is not known. */
  add(record: RequestRecord, figures: RequestFigures | null, met: boolean | null): void;
  /** The chunk gaps of all bins: as there are so many, nobody else keeps them. */
  chunkGaps(): Histogram;
  /** Null where there were no requests. */
  summary(): SeriesSummary | null;
}

const NS_PER_MS = 1e6;
/** The width to start with; it doubles as the run goes on. */
const FIRST_BIN_NS = 125e6;
/** More bins than this are joined in pairs. */
export const MOST_BINS = 64;
/** As `MOST_BINS`, where the user chose the width: memory has an end all the same. */
export const MOST_CHOSEN_BINS = 1024;

const HISTOGRAMS = ["ttft", "chunkGap", "tpot", "e2e", "responseTtft"] as const;
type HistogramName = (typeof HISTOGRAMS)[number];

interface Bin {
  sent: number;
  answered: number;
  errors: Partial<Record<ErrorCode, number>>;
  outputTokens: number | null;
  judged: number;
  met: number;
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
}

const newBin = (): Bin => ({
  sent: 0,
  answered: 0,
  errors: {},
  outputTokens: null,
  judged: 0,
  met: 0,
  histograms: {
    ttft: createHistogram(),
    chunkGap: createHistogram(),
    tpot: createHistogram(),
    e2e: createHistogram(),
    responseTtft: createHistogram(),
  },
});

/** Adds the requests of `from` to `into`. */
function join(into: Bin, from: Bin): void {
  into.sent += from.sent;
  into.answered += from.answered;
  into.judged += from.judged;
  into.met += from.met;
  if (from.outputTokens !== null) into.outputTokens = (into.outputTokens ?? 0) + from.outputTokens;
  for (const [code, count] of Object.entries(from.errors) as [ErrorCode, number][]) into.errors[code] = (into.errors[code] ?? 0) + count;
  for (const name of HISTOGRAMS) into.histograms[name].merge(from.histograms[name]);
}

function take(bin: Bin, record: RequestRecord, figures: RequestFigures | null): void {
  bin.sent += 1;
  const code = record.outcome.error?.code;
  if (code !== undefined) bin.errors[code] = (bin.errors[code] ?? 0) + 1;
  if (!isAnswered(record) || figures === null) return;
  bin.answered += 1;
  const tokens = reportedOutputTokens(record);
  if (tokens !== null) bin.outputTokens = (bin.outputTokens ?? 0) + tokens;
  const { durationsNs, chunkGapsNs } = figures;
  const { ttft, tpot, e2e, responseTtft, chunkGap } = bin.histograms;
  if (durationsNs.ttft !== null) ttft.record(durationsNs.ttft);
  if (durationsNs.tpot !== null) tpot.record(durationsNs.tpot);
  if (durationsNs.e2e !== null) e2e.record(durationsNs.e2e);
  if (durationsNs.responseTtft !== null) responseTtft.record(durationsNs.responseTtft);
  for (const gapNs of chunkGapsNs) chunkGap.record(gapNs);
}

/** What a bin is shown with. */
interface BinContext {
  readonly index: number;
  readonly scheduled: boolean;
}

function summarizeBin({ sent, answered, errors, outputTokens, judged, met, histograms }: Bin, { index, scheduled }: BinContext): SeriesBin {
  const distribution = (name: HistogramName): Distribution => toDistribution(histograms[name], { independent: 0 });
  return {
    index,
    sent,
    answered,
    failed: sent - answered,
    errors: { ...errors },
    outputTokens,
    goodput: judged === 0 ? null : met,
    ttft: distribution("ttft"),
    chunkGap: distribution("chunkGap"),
    tpot: distribution("tpot"),
    e2e: distribution("e2e"),
    responseTtft: scheduled ? distribution("responseTtft") : null,
  };
}

/** A series whose bins are `chosenNs` wide, or as narrow as some sixty of them can be where that is null. */
export function createSeriesTally(chosenNs: number | null): SeriesTally {
  const mostBins = chosenNs === null ? MOST_BINS : MOST_CHOSEN_BINS;
  let binNs = chosenNs ?? FIRST_BIN_NS;
  // By how many widths they begin after the epoch.
  let bins = new Map<number, Bin>();
  let first = Infinity;
  let last = -Infinity;
  let scheduled = false;

  const indexOf = (atMs: number): number => Math.floor(atMs / (binNs / NS_PER_MS));

  function widen(): void {
    binNs *= 2;
    const wider = new Map<number, Bin>();
    for (const [index, bin] of bins) {
      const there = wider.get(Math.floor(index / 2));
      if (there === undefined) wider.set(Math.floor(index / 2), bin);
      else join(there, bin);
    }
    bins = wider;
    first = Math.floor(first / 2);
    last = Math.floor(last / 2);
  }

  return {
    add(record, figures, met) {
      const { startedAtMs } = record;
      first = Math.min(first, indexOf(startedAtMs));
      last = Math.max(last, indexOf(startedAtMs));
      while (last - first >= mostBins) widen();
      const index = indexOf(startedAtMs);
      let bin = bins.get(index);
      if (bin === undefined) bins.set(index, (bin = newBin()));
      take(bin, record, figures);
      if (met !== null) bin.judged += 1;
      if (met === true) bin.met += 1;
      if (record.queuedNs !== null) scheduled = true;
    },
    chunkGaps() {
      const all = createHistogram();
      for (const { histograms } of bins.values()) all.merge(histograms.chunkGap);
      return all;
    },
    summary() {
      if (bins.size === 0) return null;
      const ordered = [...bins].toSorted(([left], [right]) => left - right);
      return {
        binNs,
        originMs: first * (binNs / NS_PER_MS),
        bins: ordered.map(([index, bin]) => summarizeBin(bin, { index: index - first, scheduled })),
      };
    },
  };
}
