import type { SampleSeries } from "./blocks.ts";
import { COMPARABLE_MEASURES, type ComparableMeasure, readSamples } from "./comparable.ts";
import { compareFailures } from "./compare-failures.ts";
import { compareSamples } from "./compare-samples.ts";
import type { EffectiveSamples } from "./effective-sample.ts";
import { type CompareSettings, fewerRequests, type Finding, findingsOf, type GroupPair } from "./finding.ts";
import type { GroupSummary } from "./report.ts";

/** All that was found of two groups. */
export interface PairFindings {
  readonly pair: GroupPair;
  readonly findings: readonly Finding[];
  /** Names of percentiles that a sample of either cannot support, such as `ttft p99`. */
  readonly unsupported: readonly string[];
  /** Measures whose samples had to be taken for independent. */
  readonly untimed: readonly string[];
  /** Measures that bins do not keep. */
  readonly unbinned: readonly string[];
  /** Measures that could not be compared by stretches of the same time though they should have been. */
  readonly unpaired: readonly string[];
}

/** What was found of a pair so far. */
interface Collected {
  readonly pair: GroupPair;
  readonly findings: Finding[];
  readonly unsupported: string[];
  readonly untimed: string[];
  readonly unbinned: string[];
  readonly unpaired: string[];
  /** How many independent requests each group's are worth to its median TTFT. */
  worth: EffectiveSamples | null;
}

/** A series whose samples depend on one another as those of TTFT do. */
const worthOnly = (series: SampleSeries, independent: number | undefined): SampleSeries => ({
  ...series,
  independent: Math.max(1, independent ?? series.independent),
});

function compareMeasure(
  { metric, percentiles, readBin }: ComparableMeasure,
  [base, candidate]: readonly [SampleSeries, SampleSeries],
  settings: CompareSettings,
  collected: Collected,
): void {
  const worth = readBin === null ? collected.worth : null;
  const found = compareSamples(worthOnly(base, worth?.base), worthOnly(candidate, worth?.candidate), { ...settings, percentiles });
  if (found === null) return;
  const { paired, timed } = found;
  if (metric === "ttft") collected.worth = found.percentiles[0]?.effectiveSamples ?? null;
  collected.findings.push(...findingsOf(metric, found, fewerRequests(collected.pair), settings));
  for (const percentile of percentiles)
    if (!found.percentiles.some((of) => of.percentile === percentile)) collected.unsupported.push(`${metric} p${percentile}`);
  if (readBin === null) collected.unbinned.push(metric);
  else if (!timed) collected.untimed.push(metric);
  else if (settings.paired && !paired) collected.unpaired.push(metric);
}

/**
 * What tells the groups of each pair apart, measure by measure, so that the histograms of only one measure are in memory at a time. Throws
 * `INVALID_ARGUMENT` where one cannot be read.
 */
export function findDifferences(pairs: readonly GroupPair[], settings: CompareSettings): readonly PairFindings[] {
  const all = pairs.map((pair): Collected => ({
    pair,
    findings: [],
    unsupported: [],
    untimed: [],
    unbinned: [],
    unpaired: [],
    worth: null,
  }));
  for (const measure of COMPARABLE_MEASURES) {
    const series = new Map<GroupSummary, SampleSeries | null>();
    const seriesOf = (group: GroupSummary): SampleSeries | null => {
      if (!series.has(group)) series.set(group, readSamples(group, measure));
      return series.get(group) ?? null;
    };
    for (const collected of all) {
      const { pair } = collected;
      if (!measure.adds(pair.base) && !measure.adds(pair.candidate)) continue;
      const [base, candidate] = [seriesOf(pair.base), seriesOf(pair.candidate)];
      if (base !== null && candidate !== null) compareMeasure(measure, [base, candidate], settings, collected);
    }
  }
  for (const { pair, findings } of all) if (fewerRequests(pair) > 0) findings.push(compareFailures(pair, settings));
  return all;
}
