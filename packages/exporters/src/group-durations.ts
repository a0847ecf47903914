import type { Distribution, GroupSummary, MetricName } from "@lens/metrics";

/** The durations of a group by their names, as far as it has samples of them. */
export function groupDurations(group: GroupSummary): readonly (readonly [MetricName, Distribution])[] {
  const { ttfb, ttft, ttfo, chunkGap, tpot, e2e, response } = group;
  const service = { ttfb, ttft, ttfo, chunkGap, tpot, e2e };
  const felt = response === null ? {} : { "response.ttft": response.ttft, "response.ttfo": response.ttfo, "response.e2e": response.e2e };
  const all = Object.entries({ ...service, ...felt }) as [MetricName, Distribution][];
  return all.filter(([, { count }]) => count > 0);
}
