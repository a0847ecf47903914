import { describe, expect, test } from "vitest";
import { baselineNames, baselinePath, parseReport, renderBaseline, summarize } from "../src/index.ts";
import { record } from "./records.ts";

const RUN = {
  startedAtMs: 0,
  durationNs: 0,
  mode: "closed",
  command: null,
  seed: null,
  options: {},
  versions: {},
  machine: null,
  interrupted: false,
  shards: null,
} as const;

describe("a baseline", () => {
  test("has a file of its name", () => {
    expect(baselinePath("main-2.1")).toBe(".lens/baselines/main-2.1.json");
    expect(() => baselinePath("../main")).toThrow(
      "Expected the name of a baseline in letters, digits, `.`, `_` and `-`, such as `main`, got `../main`.",
    );
  });

  test("is told from other files", () => {
    expect(baselineNames(["old.json", "notes.md", ".hidden.json", "main.json"])).toEqual(["main", "old"]);
  });

  test("is the report that was saved, with its keys in order and without a folder", () => {
    const options = { config: "/home/me/lens.yaml", records: "C:\\runs\\a.jsonl", folder: "/srv/runs/", label: "a/b", seed: 1 };
    const report = summarize([record()], { tool: { name: "test", version: "0" }, run: { ...RUN, options } });
    const text = renderBaseline(report);
    expect(text).toMatch(/^\{\n {2}"definitions": \{\n[^]*\}\n$/);
    const read = parseReport(text);
    expect(read.run.options).toEqual({ config: "lens.yaml", records: "a.jsonl", folder: "runs", label: "a/b", seed: 1 });
    expect(read).toEqual({ ...report, run: { ...report.run, options: read.run.options } });
  });
});
