import type { GroupComparison } from "./comparison.ts";
import type { Ranking } from "./rank.ts";
import type { Definition, GroupSummary, InstrumentSummary, RunManifest } from "./report.ts";

/** One of the groups that are compared, and where it comes from. */
export interface ComparisonSide {
  /** The name of the file or baseline that it was saved in; null where it was measured for this comparison. */
  readonly source: string | null;
  readonly run: RunManifest;
  readonly instrument: InstrumentSummary;
  /** Its label is that of no other side. */
  readonly group: GroupSummary;
}

/** What a comparison came to: plain JSON, and all that an exporter of comparisons sees. */
export interface ComparisonReport {
  readonly schema: 1;
  readonly kind: "comparison";
  readonly tool: { readonly name: string; readonly version: string };
  /** The definition of every metric, by its name. */
  readonly definitions: Readonly<Record<string, Definition>>;
  /** All groups, a base before its candidates. */
  readonly sides: readonly ComparisonSide[];
  /** One a candidate, with its base. */
  readonly comparisons: readonly GroupComparison[];
  /** Of all groups by each figure; null for two, and where several bases have candidates of their own. */
  readonly ranking: Ranking | null;
  /** What a reader should know before trusting a verdict, in sentences. */
  readonly notes: readonly string[];
}
