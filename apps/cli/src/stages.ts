import { LensError, parseDurationNs } from "@lens/core";
import type { Stage } from "@lens/load";

/** Reads `TIME:LEVEL` by commas, such as `30s:10,1m:10,30s:0`: each stage goes in a straight line to its level. Throws `INVALID_ARGUMENT`. */
export function parseStages(written: string, { whole }: { readonly whole: boolean }): readonly Stage[] {
  return written.split(",").map((part) => {
    const [, time, level] = /^\s*([^:]+):(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    const to = Number(level);
    if (time === undefined || (whole && !Number.isInteger(to))) {
      const levels = whole ? "whole numbers of requests under way" : "requests per second";
      throw new LensError(
        "INVALID_ARGUMENT",
        `Expected \`--stages\` as TIME:LEVEL by commas, such as 30s:10,1m:10,30s:0, with ${levels}, got \`${part.slice(0, 60)}\`.`,
      );
    }
    return { durationNs: parseDurationNs(time.trim(), "the time in `--stages`"), to };
  });
}
