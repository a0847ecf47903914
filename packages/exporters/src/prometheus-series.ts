import type { PrometheusHistogram, PrometheusMetric, PrometheusScalar } from "./prometheus-metrics.ts";
import { histogramSamples, type PrometheusLabels, type PrometheusSample } from "./prometheus-text.ts";

/** A metric that is kept up to date in this process, and all its series. */
export interface LiveMetric {
  readonly metric: PrometheusMetric;
  samples(): readonly PrometheusSample[];
  /** Forgets all values; the series stay, and begin anew. */
  reset(): void;
}

/** One number of a metric; it is not there until something is first added, be it 0. */
export interface LiveCounter {
  add(amount: number): void;
}

/** The durations of one series; none are there until the first. */
export interface LiveHistogram {
  /** Takes in a duration, in whole nanoseconds. */
  record(durationNs: number): void;
}

/** A metric whose series are opened by their labels. Open each once, and keep it. */
export interface LiveSeries<Series> extends LiveMetric {
  open(labels: PrometheusLabels): Series;
}

const NS_PER_SECOND = 1e9;

/** Keeps a counter. */
export function createLiveCounters(metric: PrometheusScalar): LiveSeries<LiveCounter> {
  const all: { readonly labels: PrometheusLabels; value: number | null }[] = [];
  return {
    metric,
    open(labels) {
      const own: (typeof all)[number] = { labels, value: null };
      all.push(own);
      return {
        add(amount) {
          own.value = (own.value ?? 0) + amount;
        },
      };
    },
    samples: () => all.flatMap(({ labels, value }) => (value === null ? [] : [{ name: metric.name, labels, value }])),
    reset() {
      for (const own of all) own.value = null;
    },
  };
}

/** The index of the first bound that a value does not exceed; their number where it exceeds all. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value <= (bounds[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Keeps a histogram. It counts in whole nanoseconds, so that no sum depends on the order of its parts. */
export function createLiveHistograms(metric: PrometheusHistogram): LiveSeries<LiveHistogram> {
  const boundsNs = metric.bucketsSeconds.map((bound) => Math.round(bound * NS_PER_SECOND));
  const empty = () => ({ counts: boundsNs.map(() => 0), count: 0, sumNs: 0 });
  const all: { readonly labels: PrometheusLabels; kept: ReturnType<typeof empty> }[] = [];

  function samplesOf({ labels, kept: { counts, count, sumNs } }: (typeof all)[number]): readonly PrometheusSample[] {
    if (count === 0) return [];
    let seen = 0;
    const cumulative = counts.map((samples) => (seen += samples));
    return histogramSamples(metric, labels, { cumulative, count, sum: sumNs / NS_PER_SECOND });
  }

  return {
    metric,
    open(labels) {
      const own: (typeof all)[number] = { labels, kept: empty() };
      all.push(own);
      return {
        record(durationNs) {
          const { kept } = own;
          const bucket = bucketOf(boundsNs, durationNs);
          if (bucket < boundsNs.length) kept.counts[bucket] = (kept.counts[bucket] ?? 0) + 1;
          kept.count += 1;
          kept.sumNs += durationNs;
        },
      };
    },
    samples: () => all.flatMap(samplesOf),
    reset() {
      for (const own of all) own.kept = empty();
    },
  };
}
