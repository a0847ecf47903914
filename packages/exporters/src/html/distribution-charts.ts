import { cumulativeCounts, type Distribution, fromDistribution, type Histogram, type PercentileName } from "@lens/metrics";
import { type AxisSpec, type ChartSpec, drawn, lineOf, type Whisker } from "./chart.ts";

/** A distribution among others of the same measure. */
export interface NamedDistribution {
  readonly label: string;
  readonly color: number;
  readonly distribution: Distribution;
}

/** What is drawn of several distributions of one measure. */
export interface DistributionCharts {
  readonly percentiles: ChartSpec;
  readonly cumulative: ChartSpec;
  readonly histogram: ChartSpec;
}

type ValueAxis = AxisSpec & { readonly range: readonly [number, number] };

interface Line extends NamedDistribution {
  readonly samples: Histogram;
  readonly count: number;
}

const STEPS = 60;
const [FEWEST_BINS, MOST_BINS] = [12, 60];
const STEPS_PER_DECADE = 16;
/** Beyond, whiskers of several lines hide one another. */
const MOST_LINES_WITH_WHISKERS = 2;
/** Where the largest value is more than so many medians, an axis in proportion would show it alone. */
const LARGEST_IN_MEDIANS = 8;
/** Values so far below the largest are drawn at the edge of a logarithmic axis. */
const LOG_RANGE = 1e5;
/** Places on the axis are rounded: this is less than a sample, and more than the rounding. */
const ROUNDING = 1e-3;
const PERCENTILES: Readonly<Record<PercentileName, number>> = { p50: 50, p90: 90, p95: 95, p99: 99, p999: 99.9 };

const tailOf = (percentile: number): number => -Math.log10(1 - percentile / 100);

function valueAxis(title: string, lines: readonly Line[]): ValueAxis {
  const smallest = Math.min(...lines.map(({ distribution }) => distribution.minNs ?? 0));
  const largest = Math.max(1, ...lines.map(({ distribution }) => distribution.maxNs ?? 0));
  const median = Math.min(...lines.map(({ distribution }) => distribution.p50Ns ?? distribution.meanNs ?? largest));
  const log = largest > LARGEST_IN_MEDIANS * Math.max(median, largest / LOG_RANGE);
  const low = log ? Math.max(smallest, largest / LOG_RANGE) : smallest;
  // One sample, or many that are alike, want some room about them.
  const room = largest - low < largest / 100 ? largest / 20 : 0;
  return { title, unit: "ns", log, range: [low - room, largest + room] };
}

/** The share of the samples that do not exceed each value. */
const sharesUpTo = ({ samples, count }: Line, values: readonly number[]): readonly number[] =>
  cumulativeCounts(samples, values).map((upTo) => upTo / count);

/** Values that cut an axis into so many parts. */
function edgesOf({ log, range: [low, high] }: ValueAxis, parts: number): readonly number[] {
  const at = (share: number): number => (log ? low * (high / low) ** share : low + (high - low) * share);
  return [...Array.from({ length: parts }, (_, index) => at(index / parts)), high];
}

function whiskersOf({ distribution }: Line): readonly Whisker[] {
  return Object.entries(distribution.intervalsNs).flatMap(([name, { lower, upper }]) => {
    if (lower === null || upper === null) return [];
    return [{ x: drawn(tailOf(PERCENTILES[name as PercentileName])), lower: drawn(lower), upper: drawn(upper) }];
  });
}

/** As far as at least one sample lies beyond; the slowest hundredth takes as much room as all that is faster than nine tenths. */
function percentileChart(id: string, y: AxisSpec, lines: readonly Line[]): ChartSpec {
  const end = Math.log10(Math.max(2, ...lines.map(({ count }) => count)));
  const steps = Math.ceil(end * STEPS_PER_DECADE);
  const named = Object.values(PERCENTILES)
    .map(tailOf)
    .filter((x) => x < end);
  const even = Array.from({ length: steps + 1 }, (_, index) => (index / steps) * end);
  const xs = [...new Set([...even, ...named].map(drawn))].toSorted((one, other) => one - other);
  const withWhiskers = lines.length <= MOST_LINES_WITH_WHISKERS;
  return {
    id,
    description: `${y.title} by percentile, the slow tail stretched`,
    x: { title: "percentile", unit: "tail", log: false, range: null },
    y: { ...y, range: null },
    xs,
    series: lines.map((line) => {
      const { label, color, count, samples } = line;
      const values = xs.map((x) => {
        const beyond = count * 10 ** -x;
        if (beyond < 1 - ROUNDING) return null;
        return drawn(samples.valueAtRank(Math.max(1, Math.ceil(count - beyond - ROUNDING))));
      });
      return lineOf(label, color, values, withWhiskers ? { whiskers: whiskersOf(line) } : {});
    }),
    marks: [],
    group: null,
  };
}

/** As many stretches as the samples are worth: with fewer in each, they would show chance. */
function histogramChart(id: string, x: ValueAxis, lines: readonly Line[]): ChartSpec {
  const bins = Math.max(FEWEST_BINS, Math.min(MOST_BINS, Math.round(Math.sqrt(Math.max(...lines.map(({ count }) => count))))));
  const edges = edgesOf(x, bins);
  return {
    id,
    description: `${x.title}: share of the samples in each of ${bins} stretches of values`,
    x,
    y: { title: "samples", unit: "share", log: false, range: null },
    xs: edges.map(drawn),
    series: lines.map((line) => {
      const upTo = sharesUpTo(line, edges);
      // The first stretch holds what lies at or below its edge, too; the last edge ends the last one.
      const values = edges.map((_, bin) => (upTo[bin + 1] ?? 1) - (bin === 0 ? 0 : (upTo[bin] ?? 0)));
      return lineOf(line.label, line.color, values.map(drawn), { shape: lines.length === 1 ? "area" : "step" });
    }),
    marks: [],
    group: x.title,
  };
}

/** The three views of one measure: percentiles, cumulative shares, and a histogram, all over the same values. Lines without samples are left out. */
export function distributionCharts(id: string, title: string, named: readonly NamedDistribution[]): DistributionCharts {
  const lines = named
    .filter(({ distribution }) => distribution.count > 0)
    .map((line): Line => ({ ...line, samples: fromDistribution(line.distribution), count: line.distribution.count }));
  const axis = valueAxis(title, lines);
  const edges = edgesOf(axis, STEPS);
  return {
    percentiles: percentileChart(`${id}-percentiles`, axis, lines),
    cumulative: {
      id: `${id}-cumulative`,
      description: `${title}: share of the samples up to each value`,
      x: axis,
      y: { title: "samples up to it", unit: "share", log: false, range: [0, 1] },
      xs: edges.map(drawn),
      series: lines.map((line) => lineOf(line.label, line.color, sharesUpTo(line, edges).map(drawn))),
      marks: [],
      group: title,
    },
    histogram: histogramChart(`${id}-histogram`, axis, lines),
  };
}
