import { formatDuration } from "@lens/core";
import type { Report } from "@lens/metrics";
import { formatInstant } from "./format.ts";
import { codeOf, foldedOf, plainOf, tableOf } from "./markdown-text.ts";

/** How the run came about, folded. */
export function manifestOf({ tool, run }: Pick<Report, "tool" | "run">): string {
  const { machine } = run;
  const rows = [
    ["started", formatInstant(run.startedAtMs)],
    ["took", formatDuration(run.durationNs)],
    ...(run.command === null ? [] : [["command", codeOf(run.command)]]),
    ["tool", plainOf(`${tool.name} ${tool.version}`)],
    ...(machine === null ? [] : [["machine", plainOf(`${machine.platform} ${machine.arch}, ${machine.cores} × ${machine.cpu}`)]]),
    ...Object.entries(run.options).flatMap(([name, value]) => (value === null ? [] : [[plainOf(name), codeOf(String(value))]])),
  ];
  return foldedOf("How this was measured", tableOf(["", ""], rows, [0, 1]));
}
