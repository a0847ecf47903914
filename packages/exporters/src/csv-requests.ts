import type { RequestRecord, ServerTimings } from "@lens/core";
import {
  chunkGapsNs,
  connectNs,
  dnsNs,
  e2eNs,
  effectiveTokensPerSecond,
  isTainted,
  lastAttempt,
  type Measure,
  outputTokensPerSecond,
  type RequestCost,
  responseE2eNs,
  responseTtfoNs,
  responseTtftNs,
  tlsNs,
  tokensPerChunk,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "@lens/metrics";
import { type Cell, type Column, openCsv } from "./csv-text.ts";
import type { RecordExporter } from "./exporter.ts";

interface Row {
  readonly record: RequestRecord;
  /** Null where it cannot be priced. */
  readonly cost: RequestCost | null;
}

const DURATIONS: Readonly<Record<string, Measure>> = {
  ttftNs,
  ttfoNs,
  ttfbNs,
  tpotNs,
  e2eNs,
  "response.ttftNs": responseTtftNs,
  "response.ttfoNs": responseTtfoNs,
  "response.e2eNs": responseE2eNs,
  "phases.dnsNs": dnsNs,
  "phases.connectNs": connectNs,
  "phases.tlsNs": tlsNs,
};
const SERVER: readonly (keyof ServerTimings)[] = [
  "queueMs",
  "loadMs",
  "promptMs",
  "generationMs",
  "totalMs",
  "perTokenMs",
  "ttftMs",
  "processingMs",
];
const TOKENS = ["inputTokens", "cacheReadTokens", "cacheWriteTokens", "outputTokens", "reasoningTokens"] as const;
const REPLY = ["model", "requestId", "serviceTier"] as const;

const column = (title: string, read: (record: RequestRecord) => Cell): Column<Row> => ({ title, read: ({ record }) => read(record) });

function largest(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((most, value) => Math.max(most, value));
}

function labelsCell({ labels }: RequestRecord): string | null {
  return Object.keys(labels).length === 0 ? null : JSON.stringify(labels);
}

const IDENTITY: readonly Column<Row>[] = [
  column("id", ({ id }) => id),
  ...(["label", "provider", "model", "origin"] as const).map((name) => column(`target.${name}`, ({ target }) => target[name])),
  column("phase", ({ phase }) => phase),
  column("labels", labelsCell),
  column("startedAtMs", ({ startedAtMs }) => startedAtMs),
  column("queuedNs", ({ queuedNs }) => queuedNs),
];

const OUTCOME: readonly Column<Row>[] = [
  column("outcome", ({ outcome }) => outcome.kind),
  column("finishReason", ({ outcome }) => outcome.finishReason),
  column("error.code", ({ outcome }) => outcome.error?.code ?? null),
  column("error.message", ({ outcome }) => outcome.error?.message ?? null),
  column("status", (record) => lastAttempt(record)?.status ?? null),
  column("attempts", ({ attempts }) => attempts.length),
  column("connectionReused", (record) => lastAttempt(record)?.reused ?? null),
];

const CONTENT: readonly Column<Row>[] = [
  column("chunks", ({ arrivals }) => arrivals.atNs.length),
  column("longestChunkGapNs", (record) => largest(chunkGapsNs(record))),
  column("outputTokensPerSecond", outputTokensPerSecond),
  column("effectiveTokensPerSecond", effectiveTokensPerSecond),
  ...TOKENS.map((name) => column(`tokens.${name}`, ({ usage }) => usage?.[name] ?? null)),
  column("tokens.source", ({ usageSource }) => usageSource),
  column("tokens.perChunk", tokensPerChunk),
  { title: "costUsd", read: ({ cost }) => cost?.totalUsd ?? null },
  column("costUsd.reported", ({ reply }) => reply.costUsd),
];

const COLUMNS: readonly Column<Row>[] = [
  ...IDENTITY,
  ...OUTCOME,
  ...Object.entries(DURATIONS).map(([title, read]) => column(title, read)),
  ...CONTENT,
  ...REPLY.map((name) => column(`reply.${name}`, ({ reply }) => reply[name])),
  ...SERVER.map((name) => column(`server.${name}`, ({ server }) => server?.[name] ?? null)),
  column("latenessNs", ({ latenessNs }) => latenessNs),
  column("tainted", isTainted),
];

/** One row a request, with the figures that it gives to its target's. Warm-up and drain are rows too, told apart by `phase`. */
export const csvRequestsExporter: RecordExporter = {
  id: "csv-requests",
  extension: "csv",
  async open({ priceBook = null } = {}) {
    const { head, line } = await openCsv(COLUMNS);
    return { head, line: (record) => line({ record, cost: priceBook?.price(record) ?? null }) };
  },
};
