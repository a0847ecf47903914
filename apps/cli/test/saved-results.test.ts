import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readResult } from "../src/saved-results.ts";
import { createFakeIo, lens } from "./fake-io.ts";

/** A run that saved its report and its records. */
async function savedRun() {
  const { io } = await lens("bench sim: -n 6 -c 2 --json -o report.json --records records.jsonl -q");
  return io;
}

describe("a saved result", () => {
  test("is a report or its records, and both hold the same figures", async () => {
    const io = await savedRun();
    const [report, ofRecords] = [await readResult("report.json", io), await readResult("records.jsonl", io)];
    expect(report.groups).toHaveLength(1);
    expect(ofRecords.run).toMatchObject({ mode: "unknown", command: null, options: {}, machine: null });
    expect(ofRecords.run.startedAtMs).toBe(report.run.startedAtMs);
    const { costUsd: _cost, load: _load, ...figures } = report.groups[0] ?? {};
    expect(ofRecords.groups[0]).toMatchObject(figures);
  });

  test("may come by standard input", async () => {
    const io = await savedRun();
    const text = JSON.stringify(await readResult("report.json", io));
    const piped = await createFakeIo({ stdin: `\uFEFF${text}` });
    expect(JSON.stringify(await readResult("-", piped))).toBe(text);
  });

  test.each([
    ["", "INVALID_REPORT", "In `f`: Expected a report as JSON, got nothing."],
    ['{"schema": 1,\n', "INVALID_REPORT", "In `f`: Expected a report as JSON, got JSON that was cut off."],
    ['{"schema":1,"arrivals":{}}\n', "INVALID_RECORD", "In line 1 of `f`: Expected `target` of the record to be an object, got nothing."],
    [
      '\n{"id":"r1","arrivals":{"at\n',
      "INVALID_RECORD",
      "In line 2 of `f`: Expected the record of a request as JSON, got a line that is broken or cut off.",
    ],
  ])("is refused kindly where it is %j", async (text, code, message) => {
    const io = await createFakeIo();
    await writeFile(join(io.cwd, "f"), text);
    await expect(readResult("f", io)).rejects.toThrow(expect.objectContaining({ code, message }));
  });

  test("that is not there is named", async () => {
    const io = await createFakeIo();
    await expect(readResult("nothing.json", io)).rejects.toThrow("Cannot read `nothing.json`: there is no such file or folder.");
  });
});
