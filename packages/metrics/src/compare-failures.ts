import { pairBlocks } from "./blocks.ts";
import { readFailures } from "./comparable.ts";
import { effectiveSamples } from "./effective-sample.ts";
import { type CompareSettings, fewerRequests, type Finding, type GroupPair, wholeSamples } from "./finding.ts";
import { fisherExact, shareDifferenceInterval } from "./share-difference.ts";
import { criticalValue } from "./student.ts";
import { failedRequests } from "./threshold-metric.ts";

/** A share of requests by so much more is never too little to matter. */
const MOST_SHARE_MARGIN = 0.01;

/** How the shares of failed requests differ: of as many requests as they are worth, since failures come in bursts. Both must have requests. */
export function compareFailures(pair: GroupPair, { margin, confidence, paired }: CompareSettings): Finding {
  const { base, candidate } = pair;
  const failed = { base: failedRequests(base), candidate: failedRequests(candidate) };
  const blocks = pairBlocks(readFailures(base, failed.base), readFailures(candidate, failed.candidate), paired);
  // Of the values 0 and 1, the first place is that of the answered.
  const effective = blocks.timed
    ? effectiveSamples(blocks, { base: 0, candidate: 0 })
    : { base: base.requests, candidate: candidate.requests };
  const trials = (share: number, worth: number) => ({ hits: Math.round(share * Math.floor(worth)), count: Math.floor(worth) });
  const shares = { base: failed.base / base.requests, candidate: failed.candidate / candidate.requests };
  const [from, to] = [trials(shares.base, effective.base), trials(shares.candidate, effective.candidate)];
  const difference = shares.candidate - shares.base;
  const interval = shareDifferenceInterval(from, to, confidence);
  const shareMargin = Math.min(margin, MOST_SHARE_MARGIN);
  return {
    row: {
      metric: "errorRate",
      statistic: null,
      unit: "share",
      ...shares,
      difference,
      differenceShare: difference,
      interval,
      effectSize: difference,
      rankPValue: null,
      pValue: fisherExact(from, to),
      effectiveSamples: wholeSamples(effective),
    },
    margin: shareMargin,
    plan: {
      difference,
      margin: shareMargin,
      standardError: ((interval.upper ?? 1) - (interval.lower ?? -1)) / (2 * criticalValue(1 - confidence)),
      degrees: Infinity,
      requests: fewerRequests(pair),
      fewest: 0,
    },
  };
}
