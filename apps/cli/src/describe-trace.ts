import { formatDuration } from "@lens/core";
import { formatCount, formatNumber } from "@lens/exporters";
import type { TraceInspection, TraceRow } from "@lens/workloads";
import { problemRows, row, spread } from "./dataset-text.ts";

const lengths = ({ inputTokens, outputTokens }: TraceRow): string =>
  `${inputTokens === null ? "?" : formatCount(inputTokens)} tokens in, ${outputTokens === null ? "?" : formatCount(outputTokens)} out`;

/** What a trace holds, for people. */
export function describeTrace(file: string, found: TraceInspection): string {
  const { format, requests, spanNs, meanPerSecond, mostPerSecond, input, output, withoutLength, withBlocks, first, broken, problems } =
    found;
  const rate = meanPerSecond === null ? "" : `, ${formatNumber(meanPerSecond)} a second, ${formatCount(mostPerSecond)} at most`;
  const lines = [
    row("file", `${file} (trace, ${format})`),
    row(
      "requests",
      `${formatCount(requests)} over ${formatDuration(spanNs)}${rate}${broken === 0 ? "" : `; ${formatCount(broken)} broken lines`}`,
    ),
    ...(input === null ? [] : [row("input", `${spread(input)} tokens`)]),
    ...(output === null ? [] : [row("output", `${spread(output)} tokens`)]),
    ...(withoutLength === 0 ? [] : [row("no length", `in ${formatCount(withoutLength)} of the requests`)]),
    ...(withBlocks === 0
      ? []
      : [row("blocks", `in ${formatCount(withBlocks)} of the requests, so that prompts that begin alike are sent so`)]),
    ...(first.length === 0 ? [] : ["", "first"]),
    ...first.map((request) => `  ${formatDuration(request.dueNs)}: ${lengths(request)}`),
    ...problemRows(file, problems, broken),
  ];
  return `${lines.join("\n")}\n`;
}
