import { type ErrorCode, formatDuration } from "@lens/core";
import type { SeriesBin } from "./series.ts";

/** A stretch of a run in which requests failed more often than in the rest of it. Times count from the origin of the series. */
export interface ErrorCluster {
  readonly fromNs: number;
  /** Null where it lasted to the end of the run. */
  readonly toNs: number | null;
  /** The most frequent reason; null where none has a code. */
  readonly code: ErrorCode | null;
  readonly failed: number;
  readonly sent: number;
  readonly failedElsewhere: number;
  readonly sentElsewhere: number;
  readonly words: string;
}

const FEWEST_FAILED = 5;
/**
 * How much likelier, as a logarithm, two rates of failure must be than one. Some 2,000 stretches of 64 bins are tried: by chance the best of them
 * comes to this in fewer than 1 of 100 runs.
 */
const LEAST_EVIDENCE = 10;
const USUAL_BINS = 64;
const LEAST_RATIO = 2;

interface Counts {
  readonly failed: number;
  readonly sent: number;
}

interface Stretch extends Counts {
  readonly first: number;
  readonly last: number;
  readonly evidence: number;
}

/** The logarithm of how likely so many failures are at the rate that suits them best. */
function likelihood({ failed, sent }: Counts): number {
  const part = (count: number): number => (count === 0 ? 0 : count * Math.log(count / sent));
  return part(failed) + part(sent - failed);
}

const without = (all: Counts, part: Counts): Counts => ({ failed: all.failed - part.failed, sent: all.sent - part.sent });

/** Kulldorff's scan: the stretch whose rate of failure stands out most from that of the rest. */
function scan(bins: readonly SeriesBin[], all: Counts): Stretch | null {
  const needed = LEAST_EVIDENCE + Math.max(0, Math.log(bins.length / USUAL_BINS));
  let best: Stretch | null = null;
  for (let first = 0; first < bins.length; first += 1) {
    let failed = 0;
    let sent = 0;
    for (let last = first; last < bins.length; last += 1) {
      failed += bins[last]?.failed ?? 0;
      sent += bins[last]?.sent ?? 0;
      const rest = without(all, { failed, sent });
      if (failed < FEWEST_FAILED || rest.sent === 0 || failed / sent < LEAST_RATIO * (rest.failed / rest.sent)) continue;
      const evidence = likelihood({ failed, sent }) + likelihood(rest) - likelihood(all);
      if (evidence >= needed && evidence > (best?.evidence ?? 0)) best = { first, last, failed, sent, evidence };
    }
  }
  return best;
}

function mostFrequent(bins: readonly SeriesBin[]): ErrorCode | null {
  const counts = new Map<ErrorCode, number>();
  for (const { errors } of bins)
    for (const [code, count] of Object.entries(errors) as [ErrorCode, number][]) counts.set(code, (counts.get(code) ?? 0) + count);
  return [...counts].toSorted(([, left], [, right]) => right - left)[0]?.[0] ?? null;
}

function inWords({ fromNs, toNs, code, failed, sent, failedElsewhere, sentElsewhere }: Omit<ErrorCluster, "words">): string {
  const what = code === "RATE_LIMITED" ? "throttled" : "failures";
  const until = toNs === null ? "on" : `to ${formatDuration(toNs)}`;
  const when = fromNs === 0 && toNs !== null ? `up to ${formatDuration(toNs)}` : `from ${formatDuration(fromNs)} ${until}`;
  const why = code === null ? "" : `, ${code} above all`;
  return `${what} ${when}: ${failed} of ${sent} requests failed${why}, and ${failedElsewhere} of ${sentElsewhere} in the rest of the run`;
}

/** The stretch of a run in which failures cluster; null where they do not. */
export function findErrorCluster(bins: readonly SeriesBin[], binNs: number): ErrorCluster | null {
  const all = bins.reduce((sum, { failed, sent }) => ({ failed: sum.failed + failed, sent: sum.sent + sent }), { failed: 0, sent: 0 });
  const found = scan(bins, all);
  if (found === null) return null;
  const { first, last, failed, sent } = found;
  const rest = without(all, found);
  const cluster = {
    fromNs: (bins[first]?.index ?? 0) * binNs,
    toNs: last === bins.length - 1 ? null : ((bins[last]?.index ?? 0) + 1) * binNs,
    code: mostFrequent(bins.slice(first, last + 1)),
    failed,
    sent,
    failedElsewhere: rest.failed,
    sentElsewhere: rest.sent,
  };
  return { ...cluster, words: inWords(cluster) };
}
