import type { RequestRecord } from "@lens/core";
import {
  chunkGapsNs,
  connectNs,
  type Distribution,
  dnsNs,
  e2eNs,
  formatFigure,
  type GroupSummary,
  isAnswered,
  type Measure,
  type PriceBook,
  responseE2eNs,
  responseTtfoNs,
  responseTtftNs,
  type ThresholdMetric,
  tlsNs,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "@lens/metrics";

/** A duration, in a record and in the figures of many. */
interface Duration {
  readonly read: Measure;
  readonly of: (group: GroupSummary) => Distribution | null;
}

const longestGapNs: Measure = (record) =>
  chunkGapsNs(record).reduce<number | null>((longest, gapNs) => Math.max(longest ?? 0, gapNs), null);

const DURATIONS: Readonly<Partial<Record<ThresholdMetric, Duration>>> = {
  ttft: { read: ttftNs, of: (group) => group.ttft },
  ttfo: { read: ttfoNs, of: (group) => group.ttfo },
  ttfb: { read: ttfbNs, of: (group) => group.ttfb },
  tpot: { read: tpotNs, of: (group) => group.tpot },
  itl: { read: longestGapNs, of: (group) => group.itl },
  chunkGap: { read: longestGapNs, of: (group) => group.chunkGap },
  e2e: { read: e2eNs, of: (group) => group.e2e },
  "response.ttft": { read: responseTtftNs, of: (group) => group.response?.ttft ?? null },
  "response.ttfo": { read: responseTtfoNs, of: (group) => group.response?.ttfo ?? null },
  "response.e2e": { read: responseE2eNs, of: (group) => group.response?.e2e ?? null },
  "phases.dns": { read: dnsNs, of: (group) => group.phases.dns },
  "phases.connect": { read: connectNs, of: (group) => group.phases.connect },
  "phases.tls": { read: tlsNs, of: (group) => group.phases.tls },
};

interface Found {
  readonly record: RequestRecord;
  readonly value: number;
}

function largest(records: readonly RequestRecord[], read: Measure): Found | null {
  let found: Found | null = null;
  for (const record of records) {
    const value = read(record);
    if (value !== null && (found === null || value > found.value)) found = { record, value };
  }
  return found;
}

/** Which request it was, by all names that lead to it. */
function nameOf({ id, reply, attempts }: RequestRecord): string {
  const provider = reply.requestId === null ? "" : `, the provider's ${reply.requestId}`;
  const tries = attempts.length > 1 ? `, tried ${attempts.length} times` : "";
  return `request ${id}${provider}${tries}`;
}

/** Which requests of which target are looked at, and at what prices. */
export interface WorstContext {
  readonly group: GroupSummary;
  readonly records: readonly RequestRecord[];
  readonly prices: PriceBook;
}

/** The answered request with the worst figure of a metric, in words: `slowest` or `dearest`, and which it is. Null for metrics without one. */
export function worstRequest(
  metric: ThresholdMetric,
  { group, records, prices }: WorstContext,
): readonly [name: string, words: string] | null {
  const own = records.filter((record) => record.phase === "measured" && record.target.label === group.target.label && isAnswered(record));
  const isMoney = metric.startsWith("costUsd.");
  const duration = DURATIONS[metric] ?? null;
  const read: Measure | null = isMoney ? (record) => prices.price(record)?.totalUsd ?? null : (duration?.read ?? null);
  const found = read === null ? null : largest(own, read);
  if (found !== null)
    return [isMoney ? "dearest" : "slowest", `${formatFigure(found.value, isMoney ? "USD" : "ns")}, ${nameOf(found.record)}`];
  const maxNs = duration?.of(group)?.maxNs ?? null;
  return maxNs === null ? null : ["slowest", formatFigure(maxNs, "ns")];
}
