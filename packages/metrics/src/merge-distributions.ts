import {
  type Distribution,
  fromDistribution,
  fromRateDistribution,
  fromTokenDistribution,
  type RateDistribution,
  type SampleOptions,
  type TokenDistribution,
  toDistribution,
  toRateDistribution,
  toTokenDistribution,
} from "./distribution.ts";
import { createHistogram, type Histogram } from "./histogram.ts";

function pool(histograms: readonly Histogram[]): Histogram {
  const pooled = createHistogram();
  for (const histogram of histograms) pooled.merge(histogram);
  return pooled;
}

/**
 * The distribution of all samples together. Buckets, count, minimum and maximum are exact, and so is the mean as long as the sum stays below 2^53 (104
 * days of nanoseconds). The deviation was rounded when it was written, so its last digits may differ from those of one run. Throws as `fromDistribution` does.
 */
export function mergeDistributions(distributions: readonly Distribution[], options: SampleOptions = {}): Distribution {
  return toDistribution(pool(distributions.map(fromDistribution)), options);
}

/** As `mergeDistributions`, of rates. */
export function mergeRateDistributions(distributions: readonly RateDistribution[]): RateDistribution {
  return toRateDistribution(pool(distributions.map(fromRateDistribution)));
}

/** As `mergeDistributions`, of tokens. */
export function mergeTokenDistributions(distributions: readonly TokenDistribution[]): TokenDistribution {
  return toTokenDistribution(pool(distributions.map(fromTokenDistribution)));
}

/** As `mergeDistributions`, field by field, of objects that hold nothing else. */
export function mergeEach<T extends { readonly [Name in keyof T]: Distribution }>(objects: readonly T[]): T | null {
  const [first] = objects;
  if (first === undefined) return null;
  const names = Object.keys(first) as (keyof T)[];
  return Object.fromEntries(names.map((name) => [name, mergeDistributions(objects.map((object) => object[name]))])) as T;
}
