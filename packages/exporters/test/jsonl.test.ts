import { parseRecord } from "@lens/core";
import { expect, test } from "vitest";
import { jsonlExporter } from "../src/index.ts";
import { request } from "./reports.ts";

test("JSONL holds each record on a line of its own, and gives it back as it was", async () => {
  const records = [request(0, { labels: { "a\nb": "<script>" } }), request(1)];
  const { head, line } = await jsonlExporter.open();
  expect(head).toBe("");
  const lines = records.map(line);
  for (const text of lines) expect(text.indexOf("\n")).toBe(text.length - 1);
  expect(lines.map((text) => parseRecord(JSON.parse(text)))).toEqual(records);
});
