import type { ComparisonVerdict, MetricComparison } from "./comparison.ts";
import type { Finding } from "./finding.ts";
import { holm } from "./holm.ts";
import { requestsNeeded } from "./requests-needed.ts";

/** Of durations and of failures, all of which are the worse the larger they are. */
function decide({ row, margin }: Finding, adjustedPValue: number | null, confidence: number): ComparisonVerdict {
  const { differenceShare, interval } = row;
  const { lower, upper } = interval;
  if (differenceShare === null || adjustedPValue === null) return "not-enough-data";
  const isApart = (lower !== null && lower > 0) || (upper !== null && upper < 0);
  if (isApart && Math.abs(differenceShare) > margin && adjustedPValue < 1 - confidence) return differenceShare > 0 ? "slower" : "faster";
  return lower !== null && upper !== null && lower >= -margin && upper <= margin ? "no-difference" : "not-enough-data";
}

/**
 * The verdicts on the findings of each pair, all of which are one family: however many there are, the probability that any is called faster or slower
 * though there is no difference is at most 1 − confidence.
 */
export function decideAll(pairs: readonly (readonly Finding[])[], confidence: number): readonly (readonly MetricComparison[])[] {
  const adjusted = holm(pairs.flat().map(({ row }) => row.pValue));
  const tail = (1 - confidence) / Math.max(1, adjusted.length);
  let next = 0;
  return pairs.map((findings) =>
    findings.map((finding) => {
      const adjustedPValue = adjusted[next] ?? null;
      next += 1;
      const verdict = decide(finding, adjustedPValue, confidence);
      const open = verdict === "not-enough-data";
      return { ...finding.row, adjustedPValue, verdict, requestsNeeded: open ? requestsNeeded({ ...finding.plan, tail }) : null };
    }),
  );
}
