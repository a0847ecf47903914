import { createHistogram, type SampleSeries } from "../src/index.ts";

/** A series of one bin for each list of values, starting with bin `first`. */
export function seriesOf(bins: readonly (readonly number[])[], first = 0): SampleSeries {
  const histogram = createHistogram();
  const samples = bins.map((values, index) => {
    const ofBin = createHistogram();
    for (const value of values) {
      histogram.record(value);
      ofBin.record(value);
    }
    return { index: first + index, histogram: ofBin };
  });
  return { histogram, independent: histogram.moments().count, binNs: 1e9, bins: samples };
}

/** Cuts values into so many bins of equal size. */
export function inBins<T>(values: readonly T[], bins: number): readonly (readonly T[])[] {
  const size = values.length / bins;
  return Array.from({ length: bins }, (_, index) => values.slice(Math.round(index * size), Math.round((index + 1) * size)));
}
