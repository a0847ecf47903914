import { describe, expect, test } from "vitest";
import { vllmExporter } from "../src/index.ts";
import { REPORTS } from "./hard-reports.ts";
import { CLOSED_LOOP, EMPTY, SWEEP } from "./reports.ts";

/** The value behind a label of a block. */
const valueOf = (text: string, label: string): string | undefined =>
  text
    .split("\n")
    .find((line) => line.startsWith(`${label}:`))
    ?.slice(label.length + 1)
    .trim();

describe("the block that vLLM's users know", () => {
  test.each(["closed-loop", "open-loop", "all-failed", "empty", "hostile"])(
    "of a run that is %s is as in its golden file",
    async (name) => {
      await expect(vllmExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.vllm.txt`);
    },
  );

  test("has the figures of the report, in its own units", () => {
    const text = vllmExporter.render(CLOSED_LOOP);
    expect(valueOf(text, "Successful requests")).toBe("397");
    expect(valueOf(text, "Failed requests")).toBe("3");
    expect(valueOf(text, "Maximum request concurrency")).toBe("10");
    expect(valueOf(text, "Median TTFT (ms)")).toBe(((CLOSED_LOOP.groups[0]?.ttft.p50Ns ?? 0) / 1e6).toFixed(2));
    expect(valueOf(text, "P99 E2EL (ms)")).toMatch(/^\d+\.\d\d$/);
  });

  test("has a block for each target, each 50 columns wide", () => {
    const lines = vllmExporter.render(SWEEP).split("\n");
    expect(lines.filter((line) => line.includes(" Serving Benchmark Result "))).toHaveLength(SWEEP.groups.length);
    for (const rule of lines.filter((line) => /^(==|--)/.test(line))) expect(rule).toHaveLength(50);
    expect(lines.filter((line) => line.startsWith("Request rate configured (RPS):"))).toHaveLength(4);
  });
});
