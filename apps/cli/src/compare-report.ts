import {
  compareGroups,
  type CompareOptions,
  type ComparisonReport,
  type ComparisonSide,
  DEFINITIONS,
  type GroupComparison,
  type GroupSummary,
  rankGroups,
} from "@lens/metrics";
import type { Pairing, SidePair } from "./compare-sides.ts";
import { runDifferences, sideDoubts } from "./comparability.ts";
import type { ResolvedSettings } from "./config.ts";
import { DEFAULT_SEED } from "./defaults.ts";
import { EXIT_CODES } from "./exit-codes.ts";
import { TOOL } from "./manifest.ts";

/** How groups are compared, as the settings say. */
function compareOptions({ seed = DEFAULT_SEED, margin, confidence, resamples }: ResolvedSettings): Omit<CompareOptions, "paired"> {
  return {
    seed,
    ...(margin === undefined ? {} : { margin }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(resamples === undefined ? {} : { resamples }),
  };
}

const NS_PER_MS = 1e6;
/** Of the stretches of time in which either was asked, so many at least have to be those of both. */
const SHARED_BINS = 0.9;

/** Which stretches of so many nanoseconds, counted from the epoch, have requests of a group. */
function binsOf({ series }: GroupSummary, widthNs: number): ReadonlySet<number> {
  const { binNs, originMs, bins } = series ?? { binNs: 1, originMs: 0, bins: [] };
  // Nanoseconds since the epoch are too many for a number; bins are not.
  const first = Math.round((originMs * NS_PER_MS) / binNs);
  return new Set(bins.map(({ index }) => Math.floor((first + index) / (widthNs / binNs))));
}

/** Whether two groups were asked by turns: this run's were; of saved ones their bins tell, since one after the other they have none in common. */
function ranTogether(base: ComparisonSide, candidate: ComparisonSide): boolean {
  if (base.run !== candidate.run) return false;
  if (base.source === null) return true;
  const widthNs = Math.max(...[base, candidate].map(({ group }) => group.series?.binNs ?? 1));
  const [one, other] = [binsOf(base.group, widthNs), binsOf(candidate.group, widthNs)];
  const shared = [...one].filter((bin) => other.has(bin)).length;
  return shared > 0 && shared >= SHARED_BINS * Math.max(one.size, other.size);
}

/** The report of what was paired. Throws as `compareGroups` does. */
export function createComparison({ sides, pairs, notes }: Pairing, settings: ResolvedSettings): ComparisonReport {
  const options = compareOptions(settings);
  const sideAt = (at: number): ComparisonSide => sides[at] as ComparisonSide;
  const compare = ({ base, candidate }: SidePair): GroupComparison => {
    const paired = ranTogether(sideAt(base), sideAt(candidate));
    return compareGroups(sideAt(base).group, sideAt(candidate).group, { ...options, paired });
  };
  const isOneSet = pairs.every(({ base }) => base === 0);
  const isTogether = pairs.every(({ base, candidate }) => ranTogether(sideAt(base), sideAt(candidate)));
  const ranking =
    isOneSet && sides.length > 2
      ? rankGroups(
          sides.map(({ group }) => group),
          { ...options, paired: isTogether },
        )
      : null;
  const differences = pairs.flatMap(({ base, candidate }) => runDifferences(sideAt(base), sideAt(candidate)));
  return {
    schema: 1,
    kind: "comparison",
    tool: TOOL,
    definitions: DEFINITIONS,
    sides,
    // A ranking holds each with each, those with the first one first.
    comparisons: ranking === null ? pairs.map(compare) : ranking.comparisons.slice(0, pairs.length),
    ranking,
    notes: [...new Set([...notes, ...differences, ...sides.flatMap(sideDoubts)])],
  };
}

/** The exit code of a comparison: a regression where any figure of a candidate is worse than its base's. */
export function exitCodeOfComparison({ comparisons }: ComparisonReport): number {
  const isSlower = comparisons.some(({ metrics }) => metrics.some(({ verdict }) => verdict === "slower"));
  return isSlower ? EXIT_CODES.regression : EXIT_CODES.ok;
}
