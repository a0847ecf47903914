import type { Distribution, GroupSummary, Report } from "@lens/metrics";
import type { SyncExporter } from "./exporter.ts";
import { printable, truncate } from "./terminal-text.ts";

const PAGE_WIDTH = 80;
const WIDTH = 50;
const LABEL_WIDTH = 40;
const VALUE_WIDTH = 10;
const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;
const NOT_AVAILABLE = "n/a";

/** A title in the middle of a line of `fill`. */
function rule(title: string, fill: string): string {
  const text = title === "" ? "" : fill === "=" ? ` ${title} ` : title;
  const before = Math.max(0, Math.floor((WIDTH - text.length) / 2));
  return `${fill.repeat(before)}${text}`.padEnd(WIDTH, fill);
}

const row = (label: string, value: string): string => `${`${label}:`.padEnd(LABEL_WIDTH)}${value.padEnd(VALUE_WIDTH)}`.trimEnd();
const whole = (count: number | null): string => count?.toString() ?? NOT_AVAILABLE;
const decimals = (value: number | null): string => value?.toFixed(2) ?? NOT_AVAILABLE;
const inMs = (durationNs: number | null): string => decimals(durationNs === null ? null : durationNs / NS_PER_MS);

function section(title: string, short: string, { meanNs, p50Ns, p99Ns }: Distribution): readonly string[] {
  return [
    rule(title, "-"),
    row(`Mean ${short} (ms)`, inMs(meanNs)),
    row(`Median ${short} (ms)`, inMs(p50Ns)),
    row(`P99 ${short} (ms)`, inMs(p99Ns)),
  ];
}

/** What bounded the load; nothing where it is not known. */
function bounds({ level, load }: GroupSummary, { options, mode }: Report["run"]): readonly string[] {
  const rate = load?.schedule?.targetRatePerSecond ?? (level?.kind === "rate" ? level.value : null);
  const limit = level?.kind === "concurrency" ? level.value : mode === "closed" ? options.concurrency : options.maxInFlight;
  return [
    ...(typeof limit === "number" ? [row("Maximum request concurrency", whole(limit))] : []),
    ...(rate === null ? [] : [row("Request rate configured (RPS)", decimals(rate))]),
  ];
}

function block(group: GroupSummary, run: Report["run"]): readonly string[] {
  const { target, requests, outcomes, tokens, throughput, ttft, tpot, chunkGap, e2e } = group;
  const answered = outcomes.ok + outcomes.truncated;
  return [
    truncate(printable(target.label), PAGE_WIDTH),
    rule("Serving Benchmark Result", "="),
    row("Successful requests", whole(answered)),
    row("Failed requests", whole(requests - answered)),
    ...bounds(group, run),
    row("Benchmark duration (s)", decimals(throughput.windowNs === null ? null : throughput.windowNs / NS_PER_SECOND)),
    row("Total input tokens", whole(tokens.input)),
    row("Total generated tokens", whole(tokens.output)),
    row("Request throughput (req/s)", decimals(throughput.requestsPerSecond)),
    ...(group.goodput === null ? [] : [row("Request goodput (req/s)", decimals(group.goodput.ratePerSecond))]),
    row("Output token throughput (tok/s)", decimals(throughput.systemTokensPerSecond)),
    ...section("Time to First Token", "TTFT", ttft),
    ...section("Time per Output Token (excl. 1st token)", "TPOT", tpot),
    ...section("Inter-token Latency", "ITL", chunkGap),
    ...section("End-to-end Latency", "E2EL", e2e),
    rule("", "="),
    "",
  ];
}

/** Where our figures are others than those of the same name that vLLM's users know. */
const NOTES: readonly string[] = [
  "Where these differ from the figures that vLLM's own client gives these names:",
  "- Duration is the measured window, warm-up and drain cut off; the throughputs",
  "  are of what was answered within it.",
  "- Successful is what ended by itself or at its length limit. What did not is",
  "  in no latency.",
  "- TTFT ends with the first text, reasoning or tool call. An event that names a",
  "  role and brings nothing does not end it.",
  "- TPOT ends with the last content, without the closing event.",
  "- ITL is between reads of the network that brought content; a read may hold",
  "  several tokens.",
  "- Tokens are those that the server reports. No tokenizer counts here.",
  "- P99 is a nearest rank to three digits, and n/a for fewer than 100 samples.",
];

/** The block of figures that users of vLLM's benchmark know, for each target, with a note of what is defined otherwise here. */
export const vllmExporter: SyncExporter = {
  id: "vllm",
  extension: "txt",
  render: ({ groups, run }) => `${[...groups.flatMap((group) => block(group, run)), ...NOTES].join("\n")}\n`,
};
