import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { concludeRun } from "../src/conclude-run.ts";
import { createMatchers, type GateRow, gateRows, type Judgement, renderGateTable } from "../src/index.ts";
import { record, rising } from "./records.ts";
import { createPriceBook } from "@lens/metrics";

function judged(received: unknown, percentile: number): readonly GateRow[] {
  const rows: GateRow[] = [];
  const onJudged = (_: object, judgement: Judgement): void => void rows.push(...gateRows("answers\nsoon | later", judgement));
  const { toHavePercentileBelow } = createMatchers({ prices: createPriceBook, onJudged });
  toHavePercentileBelow.call({}, received, "ttft", percentile, "150ms");
  return rows;
}

const rows = [
  ...judged(rising(40, { ttftMs: 100 }), 50),
  ...judged(rising(10), 95),
  ...judged([record({ label: "slow", ttftMs: 900 }), record({ label: "slow", ttftMs: 910 })], 50),
];

describe("the table of a run", () => {
  test("shows each expectation in a line, in Markdown that lines up", () => {
    expect(`\n${renderGateTable(rows)}`).toMatchInlineSnapshot(`
      "
      | test                  | target         | expected         | value     | interval         | n  | verdict             |
      | --------------------- | -------------- | ---------------- | --------- | ---------------- | -- | ------------------- |
      | answers soon \\| later | openai:gpt-sim | ttft p50 < 150ms | 100 ms    | 100 ms to 100 ms | 40 | met                 |
      | answers soon \\| later | openai:gpt-sim | ttft p95 < 150ms | not known | at least 80.0 ms | 10 | not judged          |
      | answers soon \\| later | slow           | ttft p50 < 150ms | 900 ms    | n/a              | 2  | missed, not certain |
      "
    `);
  });

  test("is printed, and added to the step's summary", () => {
    const path = join(mkdtempSync(join(tmpdir(), "lens-summary-")), "summary.md");
    writeFileSync(path, "before\n");
    const printed: string[] = [];
    concludeRun(rows, { print: (text) => void printed.push(text), stepSummary: path });
    expect(printed).toEqual([`\n${renderGateTable(rows)}`]);
    expect(readFileSync(path, "utf8")).toBe(`before\n\n### Latency\n\n${renderGateTable(rows)}`);
  });

  test("is left out of a summary that GitHub would refuse, and where nothing was expected", () => {
    const path = join(mkdtempSync(join(tmpdir(), "lens-summary-")), "summary.md");
    const full = "x".repeat(1024 * 1024 - 10);
    writeFileSync(path, full);
    const printed: string[] = [];
    concludeRun(rows, { print: (text) => void printed.push(text), stepSummary: path });
    concludeRun([], { print: (text) => void printed.push(text), stepSummary: path });
    concludeRun(rows, { print: () => undefined, stepSummary: undefined });
    expect(readFileSync(path, "utf8")).toBe(full);
    expect(printed).toHaveLength(1);
  });
});
