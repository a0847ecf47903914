import type { Target } from "@lens/core";
import { comparePairs, resolveCompareOptions } from "./compare.ts";
import type { CompareOptions, GroupComparison, MetricComparison } from "./comparison.ts";
import type { GroupSummary } from "./report.ts";

/** A group among others, by one figure. */
export interface RankedGroup {
  readonly target: Target;
  /** In the figure's unit. */
  readonly value: number;
  /** 1 more than the number of groups that are called faster. Groups that are not told apart may share it. */
  readonly place: number;
}

/** The groups by one figure. */
export interface MetricRanking extends Pick<MetricComparison, "metric" | "statistic" | "unit"> {
  /** By place, then by value; groups without the figure are absent. */
  readonly places: readonly RankedGroup[];
}

/** Groups in order, with ties. Plain JSON. */
export interface Ranking extends Omit<GroupComparison, "base" | "candidate" | "metrics"> {
  readonly metrics: readonly MetricRanking[];
  /** Each group with each later one; p-values are corrected for all that was looked at in all of them. */
  readonly comparisons: readonly GroupComparison[];
}

/** What is known of a group by one figure. */
interface Standing {
  readonly group: GroupSummary;
  readonly value: number;
  readonly beatenBy: number;
}

/** What is known of the groups by one figure. */
interface Table {
  readonly row: MetricComparison;
  readonly standings: Map<GroupSummary, Standing>;
}

const keyOf = ({ metric, statistic }: MetricComparison): string => `${metric} ${statistic ?? ""}`;

function note(table: Table, group: GroupSummary, value: number | null, isBeaten: boolean): void {
  if (value === null) return;
  const beatenBy = (table.standings.get(group)?.beatenBy ?? 0) + (isBeaten ? 1 : 0);
  table.standings.set(group, { group, value, beatenBy });
}

function toRanking({ row, standings }: Table): MetricRanking {
  const { metric, statistic, unit } = row;
  const sign = unit === "per second" ? -1 : 1;
  const places = [...standings.values()]
    .toSorted((left, right) => left.beatenBy - right.beatenBy || sign * (left.value - right.value))
    .map(({ group, value, beatenBy }) => ({ target: group.target, value, place: beatenBy + 1 }));
  return { metric, statistic, unit, places };
}

/**
 * Ranks groups by each figure that they can be compared by: each is compared with each, and stands behind those that are called faster. Groups that
 * cannot be told apart from one another may share a place. Throws as `compareGroups` does.
 */
export function rankGroups(groups: readonly GroupSummary[], options: CompareOptions): Ranking {
  const settings = resolveCompareOptions(options);
  const pairs = groups.flatMap((base, index) => groups.slice(index + 1).map((candidate) => ({ base, candidate })));
  const comparisons = comparePairs(pairs, settings);
  const tables = new Map<string, Table>();
  pairs.forEach(({ base, candidate }, index) => {
    for (const row of comparisons[index]?.metrics ?? []) {
      const table = tables.get(keyOf(row)) ?? { row, standings: new Map() };
      tables.set(keyOf(row), table);
      note(table, base, row.base, row.verdict === "faster");
      note(table, candidate, row.candidate, row.verdict === "slower");
    }
  });
  const notes = new Set(comparisons.flatMap((comparison) => comparison.notes));
  return { ...settings, metrics: [...tables.values()].map(toRanking), comparisons, notes: [...notes] };
}
