import { formatDuration, type RequestRecord, type ServerTimings } from "@lens/core";
import {
  chunkGapsNs,
  DEFINITIONS,
  e2eNs,
  lastAttempt,
  type MetricName,
  outputTokensPerSecond,
  phasesOf,
  type RequestCost,
  tokensPerChunk,
  tpotNs,
  ttfbNs,
  ttfoNs,
  ttftNs,
} from "@lens/metrics";
import { formatUsd, printable, sparkline } from "@lens/exporters";
import { createColors } from "picocolors";
import { wrapText } from "./printable.ts";
import { describeFailure } from "./verdict.ts";
import { renderWaterfall } from "./waterfall.ts";

export interface ProfileViewOptions {
  /** Null where the request could not be priced. */
  readonly cost: RequestCost | null;
  readonly color: boolean;
  /** Whether to say what each figure means. */
  readonly explain: boolean;
}

/** One request in depth, for people: 80 columns wide. */
export function renderProfile(record: RequestRecord, { cost, color, explain }: ProfileViewOptions): string {
  const colors = createColors(color);
  const lines = [
    colors.bold(printable(record.target.label).slice(0, COLUMNS)),
    ...wrapText(headline(record), COLUMNS - 2).map((line) => `  ${line}`),
    "",
    ...renderWaterfall(phasesOf(record), colors.cyan),
    "",
    ...rows(latencyRows(record)),
    "",
    ...rows([
      ...gapRows(record),
      ...tokenRows(record),
      ["cost", describeCost(record, cost)],
      ...serverRows(record),
      ...replyRows(record),
      ["instrument", describeLateness(record)],
    ]),
    ...(explain ? ["", ...explanations()] : []),
  ];
  return `${lines.join("\n")}\n`;
}

type Row = readonly [name: string, value: string];

const COLUMNS = 80;
const NAME_COLUMNS = 16;
/** A server may give names of any length. */
const LONGEST_VALUE = 640;

function rows(entries: readonly Row[]): readonly string[] {
  return entries.flatMap(([name, value]) =>
    wrapText(value.slice(0, LONGEST_VALUE), COLUMNS - NAME_COLUMNS).map(
      (line, index) => `  ${(index === 0 ? name : "").padEnd(NAME_COLUMNS - 2)}${line}`,
    ),
  );
}

function headline(record: RequestRecord): string {
  const attempt = lastAttempt(record);
  const { kind, finishReason, error } = record.outcome;
  const ending = error !== null ? describeFailure(kind, error) : finishReason === null ? kind : `${kind} (${finishReason})`;
  const connection = attempt?.reused === true ? "connection reused" : "fresh connection";
  const parts = [
    record.target.origin ?? "no server",
    attempt?.status === null || attempt === null ? "no response" : `HTTP ${attempt.status}`,
    connection,
    ending,
  ];
  return printable(parts.join(" · "));
}

const shown = (durationNs: number | null): string => (durationNs === null ? "n/a" : formatDuration(durationNs));

function latencyRows(record: RequestRecord): readonly Row[] {
  const sentNs = lastAttempt(record)?.sentNs ?? null;
  const lastNs = record.arrivals.atNs.at(-1) ?? null;
  const speed = outputTokensPerSecond(record);
  return [
    ["TTFB", `${shown(ttfbNs(record)).padEnd(12)} first byte of the body`],
    ["TTFT", `${shown(ttftNs(record)).padEnd(12)} first token of any kind`],
    ["TTFO", `${shown(ttfoNs(record)).padEnd(12)} first visible text`],
    ["last", `${shown(sentNs === null || lastNs === null ? null : lastNs - sentNs).padEnd(12)} last token`],
    ["E2E", `${shown(e2eNs(record)).padEnd(12)} end of the stream`],
    [
      "TPOT",
      `${shown(tpotNs(record)).padEnd(12)} per output token after the first${speed === null ? "" : `, ${speed.toFixed(1)} tokens/s`}`,
    ],
  ];
}

function gapRows(record: RequestRecord): readonly Row[] {
  const gaps = chunkGapsNs(record);
  if (gaps.length === 0) return [["chunk gaps", "n/a: fewer than two reads with content"]];
  const sorted = gaps.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(gaps.length / 2)] ?? null;
  const perChunk = tokensPerChunk(record);
  return [
    ["chunk gaps", `${gaps.length}: min ${shown(sorted[0] ?? null)}, median ${shown(middle)}, max ${shown(sorted.at(-1) ?? null)}`],
    ["", sparkline(gaps, 60)],
    ["tokens/chunk", perChunk === null ? "n/a" : perChunk.toFixed(2)],
  ];
}

function tokenRows({ usage, usageSource }: RequestRecord): readonly Row[] {
  if (usage === null) return [["tokens", "usage not reported"]];
  const count = (tokens: number | null): string => (tokens === null ? "n/a" : String(tokens));
  const details = [
    `input ${count(usage.inputTokens)}${usage.cacheReadTokens === null || usage.cacheReadTokens === 0 ? "" : ` (${usage.cacheReadTokens} cached)`}`,
    `output ${count(usage.outputTokens)}${usage.reasoningTokens === null || usage.reasoningTokens === 0 ? "" : ` (${usage.reasoningTokens} reasoning)`}`,
  ];
  return [["tokens", `${details.join(", ")}; ${usageSource}`]];
}

function describeCost({ reply }: RequestRecord, cost: RequestCost | null): string {
  const computed =
    cost === null ? "unpriced" : `${formatUsd(cost.totalUsd)} (price of ${cost.price.modelId}, ${cost.price.source}, ${cost.price.asOf})`;
  return reply.costUsd === null ? computed : `${computed}; the provider says ${formatUsd(reply.costUsd)}`;
}

const SERVER_WORDS: readonly (readonly [keyof ServerTimings, string])[] = [
  ["queueMs", "queue"],
  ["loadMs", "load"],
  ["promptMs", "prompt"],
  ["generationMs", "generation"],
  ["totalMs", "total"],
  ["processingMs", "processing"],
];

function serverRows(record: RequestRecord): readonly Row[] {
  const { server } = record;
  if (server === null) return [];
  const told = SERVER_WORDS.flatMap(([key, word]) => (server[key] === null ? [] : [`${word} ${shown(server[key] * 1e6)}`]));
  const result: Row[] = told.length > 0 ? [["server says", told.join(", ")]] : [];
  if (server.ttftMs !== null) result.push(["server TTFT", beside(server.ttftMs, ttftNs(record))]);
  if (server.perTokenMs !== null) result.push(["server TPOT", beside(server.perTokenMs, tpotNs(record))]);
  return result;
}

function beside(serverMs: number, oursNs: number | null): string {
  const theirs = shown(serverMs * 1e6);
  if (oursNs === null || serverMs === 0) return theirs;
  const percent = (oursNs / (serverMs * 1e6) - 1) * 100;
  return `${theirs}; measured here ${shown(oursNs)} (${percent >= 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %)`;
}

function replyRows({ reply, target }: RequestRecord): readonly Row[] {
  const entries: Row[] = [];
  if (reply.model !== null)
    entries.push(["model", reply.model === target.model ? reply.model : `${reply.model} (asked for ${target.model})`]);
  if (reply.requestId !== null) entries.push(["request id", reply.requestId]);
  if (reply.serviceTier !== null) entries.push(["service tier", reply.serviceTier]);
  const limits = Object.entries(reply.rateLimit);
  limits.forEach(([name, value], index) => entries.push([index === 0 ? "rate limits" : "", `${name}: ${value}`]));
  return entries.map(([name, value]) => [name, printable(value)]);
}

function describeLateness({ latenessNs }: RequestRecord): string {
  return latenessNs === null ? "lateness was not observed" : `stamps are at most ${shown(latenessNs)} late`;
}

const EXPLAINED: readonly MetricName[] = [
  "ttfb",
  "ttft",
  "ttfo",
  "e2e",
  "tpot",
  "chunkGap",
  "tokens.perChunk",
  "costUsd",
  "instrument.lateness",
];

function explanations(): readonly string[] {
  return EXPLAINED.flatMap((name) => wrapText(`${name}: ${DEFINITIONS[name].definition}`, COLUMNS - 4)).map((line) => `  ${line}`);
}
