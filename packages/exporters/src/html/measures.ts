import type { Distribution, GroupSummary, MetricName } from "@lens/metrics";
import { formatNumber } from "../format.ts";

/** A duration that the report shows by table and chart. */
export interface Measure {
  readonly metric: MetricName;
  /** As short as the field has it. */
  readonly title: string;
  readonly words: string;
  /** Null where the group has none. */
  readonly of: (group: GroupSummary) => Distribution | null;
}

/** In the order in which a request lives through them. */
const MEASURES: readonly Measure[] = [
  { metric: "ttft", title: "TTFT", words: "time to first token", of: ({ ttft }) => ttft },
  { metric: "ttfo", title: "TTFO", words: "time to first output", of: ({ ttfo }) => ttfo },
  { metric: "chunkGap", title: "Chunk gap", words: "between neighbouring chunks", of: ({ chunkGap }) => chunkGap },
  { metric: "tpot", title: "TPOT", words: "time per output token", of: ({ tpot }) => tpot },
  { metric: "e2e", title: "E2E", words: "to the end of the answer", of: ({ e2e }) => e2e },
  { metric: "response.ttft", title: "Response TTFT", words: "from when it was due", of: ({ response }) => response?.ttft ?? null },
  { metric: "response.e2e", title: "Response E2E", words: "from when it was due", of: ({ response }) => response?.e2e ?? null },
];

const GAPS_OF_TOKENS: Partial<Measure> = { metric: "itl", title: "ITL", words: "inter-token latency", of: ({ itl }) => itl };

/** The measures of which any group has samples. TTFO only where it is not the TTFT, and gaps as ITL where a chunk is a token in all groups. */
export function measuresOf(groups: readonly GroupSummary[]): readonly Measure[] {
  const isFirstOutputApart = groups.some(({ ttft, ttfo }) => ttft.hdr !== ttfo.hdr);
  const withGaps = groups.filter(({ chunkGap }) => chunkGap.count > 0);
  const isTokenByToken = withGaps.every(({ itl }) => itl !== null);
  return MEASURES.flatMap((measure) => {
    if (measure.metric === "ttfo" && !isFirstOutputApart) return [];
    if (!groups.some((group) => (measure.of(group)?.count ?? 0) > 0)) return [];
    return measure.metric === "chunkGap" && isTokenByToken ? [{ ...measure, ...GAPS_OF_TOKENS }] : [measure];
  });
}

/** What must be known of a group's gaps; null where a chunk is a token. */
export function gapRemark({ itl, tokens }: GroupSummary): string | null {
  if (itl !== null) return null;
  return tokens.perChunk === null
    ? "Tokens per chunk unknown: a gap may not be the time between tokens."
    : `${formatNumber(tokens.perChunk)} tokens per chunk: a gap is not the time between tokens.`;
}
