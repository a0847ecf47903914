import type { GroupSummary } from "./report.ts";

/** Latency at a level of load. */
export interface LoadPoint {
  /** Above 0: requests in flight, or requests per second. */
  readonly level: number;
  /** A percentile or mean of it, whichever is looked at; null where there is none. */
  readonly latencyNs: number | null;
}

/** A rise by less than this over the whole sweep has no knee. */
const LEAST_RISE = 1.5;
/** A curve that stays this near to its chord (as a share of the axes) is as good as straight. */
const LEAST_DISTANCE = 0.1;

/**
 * The level up to which load costs little latency: the point farthest below the chord from the first to the last point, as Kneedle has it (Satopää et
 * al., 2011), with both axes logarithmic. There, a server's two regimes are straight lines that meet at its capacity: latency that does
 * not depend on the load, and latency in proportion to it. One of the given levels, so no finer than they are. Null where there is no knee:
 * for fewer than three points, and for latency that hardly rises, or rises evenly from the first level on.
 */
export function findKnee(points: readonly LoadPoint[]): number | null {
  const curve = points
    .flatMap(({ level, latencyNs }) =>
      latencyNs === null || latencyNs <= 0 ? [] : [{ level, x: Math.log(level), y: Math.log(latencyNs) }],
    )
    .toSorted((a, b) => a.x - b.x);
  const first = curve.at(0);
  const last = curve.at(-1);
  if (curve.length < 3 || first === undefined || last === undefined || last.y - first.y < Math.log(LEAST_RISE)) return null;
  const below = curve.map(({ level, x, y }) => ({
    level,
    distance: (x - first.x) / (last.x - first.x) - (y - first.y) / (last.y - first.y),
  }));
  const knee = below.reduce((farthest, point) => (point.distance > farthest.distance ? point : farthest));
  return knee.distance >= LEAST_DISTANCE ? knee.level : null;
}

/** The knee of the levels of a sweep, by the median of what a user waited for a whole answer. Null as `findKnee` says. */
export function kneeOf(levels: readonly GroupSummary[]): number | null {
  return findKnee(levels.map(({ level, response, e2e }) => ({ level: level?.value ?? 0, latencyNs: (response?.e2e ?? e2e).p50Ns })));
}
