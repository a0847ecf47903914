import { describe, expect, it } from "vitest";
import { inspectFile } from "../src/index.ts";
import { example, withFile } from "./asking.ts";

const rules = { template: null, values: {} };

describe("looking into a file of prompts", () => {
  it("says how many there are, how long, with how many turns, and which come first", async () => {
    const found = await inspectFile({ path: example("chats.json"), format: "json", ...rules });
    expect(found).toMatchObject({
      format: "json",
      columns: null,
      entries: 2,
      broken: 0,
      problems: [],
      turns: { min: 1, median: 1, mean: 1.5, p95: 2, max: 2 },
      chars: { min: 16, max: 53 },
      counted: 2,
      first: [
        { line: 2, turns: 2, text: "What is a prism?" },
        { line: 11, turns: 1, text: "Was ist ein Spiegel? 鏡とは何ですか。" },
      ],
    });
  });

  it("names columns, counts those with tools, and fills templates", async () => {
    const csv = await inspectFile({ path: example("products.csv"), format: "csv", template: "{{product}}!", values: {} });
    expect(csv).toMatchObject({ columns: ["product", "language", "weight"], entries: 3, first: [{ text: "Kettle, 1.7 l!" }, {}, {}] });
    const requests = await inspectFile({ path: example("requests.jsonl"), format: "jsonl", ...rules });
    expect(requests).toMatchObject({ entries: 3, withTools: 1 });
  });

  it("tells every problem by its place, and goes on", async () => {
    await withFile("a.jsonl", '"a"\n{"prompt":}\n17\n"b"\n', async (path) => {
      const found = await inspectFile({ path, format: "jsonl", ...rules });
      expect(found).toMatchObject({ entries: 4, broken: 2, first: [{ text: "a" }, { text: "b" }] });
      expect(found.problems).toEqual([
        { line: 2, column: 11, problem: "Expected JSON, got something else" },
        { line: 3, column: 1, problem: "Expected an object or a text, got `17`" },
      ]);
    });
  });

  it("says of an empty file that it is", async () => {
    await withFile("a.jsonl", "", async (path) => {
      expect(await inspectFile({ path, format: "jsonl", ...rules })).toMatchObject({ entries: 0, chars: null, tokens: null, turns: null });
    });
  });
});
