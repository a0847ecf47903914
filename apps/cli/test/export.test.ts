import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseRecord, type RequestRecord } from "@lens/core";
import { COMPARISON_EXPORTERS, EXPORTERS, jsonExporter } from "@lens/exporters";
import { describe, expect, test } from "vitest";
import { createFakeIo, lens } from "./fake-io.ts";
import { recordOf, reportOf } from "./saved-reports.ts";

const lines = (text: string): readonly string[] => text.trimEnd().split("\n");
const asLine = (record: RequestRecord): string => `${JSON.stringify(record)}\n`;

/** A folder with a saved report, its records and a comparison. */
async function saved(): Promise<string> {
  const { cwd } = await createFakeIo();
  await writeFile(join(cwd, "r.json"), jsonExporter.render(reportOf({ requests: 50 })));
  await writeFile(join(cwd, "r.jsonl"), Array.from({ length: 50 }, (_, index) => asLine(recordOf(index))).join(""));
  await lens("compare r.json r.json -f json -o c.json", { cwd });
  return cwd;
}

describe("lens export", () => {
  test("turns a saved report into every format of reports", async () => {
    const cwd = await saved();
    for (const { id } of EXPORTERS) {
      const { code, out, err } = await lens(`export -i r.json -f ${id}`, { cwd });
      expect([id, code, err]).toEqual([id, 0, ""]);
      expect(out.length).toBeGreaterThan(40);
    }
  });

  test("gives a report and a comparison back as they were", async () => {
    const cwd = await saved();
    for (const name of ["r.json", "c.json"]) {
      const { out } = await lens(`exp ${name} -f json`, { cwd });
      expect(out).toBe(await readFile(join(cwd, name), "utf8"));
    }
  });

  test("turns a saved comparison into every format of comparisons", async () => {
    const cwd = await saved();
    for (const { id } of COMPARISON_EXPORTERS) expect((await lens(`export c.json -f ${id}`, { cwd })).code).toBe(0);
    expect((await lens("export c.json", { cwd })).out).toContain("TTFT p50");
  });

  test("makes single requests and reports of records, several at once", async () => {
    const cwd = await saved();
    const { code } = await lens("export -i r.jsonl -f jsonl,csv-requests,json,markdown -o a.jsonl,b.csv,c2.json,d.md", { cwd });
    expect(code).toBe(0);
    const read = (name: string): Promise<string> => readFile(join(cwd, name), "utf8");
    expect(lines(await read("a.jsonl")).map((line) => parseRecord(JSON.parse(line)))).toEqual(
      lines(await read("r.jsonl")).map((line) => parseRecord(JSON.parse(line))),
    );
    expect(lines(await read("b.csv"))).toHaveLength(51);
    expect(JSON.parse(await read("c2.json"))).toMatchObject({ groups: [{ requests: 50 }] });
    expect(await read("d.md")).toContain("50 of 50 requests answered");
  });

  test("prices single requests by the configuration", async () => {
    const cwd = await saved();
    await writeFile(join(cwd, "lens.config.json"), '{"prices": {"sim": {"inputPerMillionUsd": 1, "outputPerMillionUsd": 2}}}');
    const { out } = await lens("export r.jsonl -f csv-requests", { cwd });
    const at = lines(out)[0]?.split(",").indexOf("costUsd") ?? -1;
    expect(lines(out)[1]?.split(",")[at]).toBe("0.000018");
  });

  test("reads what is piped in, once, for both kinds of formats", async () => {
    const stdin = [0, 1, 2].map((index) => asLine(recordOf(index))).join("");
    const { out, io } = await lens("export - -f csv-requests,json -o - -o r.json", { stdin });
    expect(lines(out)).toHaveLength(4);
    expect(JSON.parse(await readFile(join(io.cwd, "r.json"), "utf8"))).toMatchObject({ groups: [{ requests: 3 }] });
  });

  test("lets names be made of the run that was saved", async () => {
    const cwd = await saved();
    await mkdir(join(cwd, "out"));
    await lens("export r.json -f csv -o out/{date}-{target}-{run}.csv", { cwd });
    expect(await readdir(join(cwd, "out"))).toEqual(["2026-11-23-sim-20261123T100000000Z.csv"]);
  });

  test("replaces no file unless asked, and leaves out what a configuration says of the outputs of runs", async () => {
    const cwd = await saved();
    await writeFile(join(cwd, "lens.config.json"), '{"output": "r.json", "format": "json"}');
    expect((await lens("export r.json", { cwd })).out).toContain("TTFT");
    expect((await lens("export r.json -f json -o r.json", { cwd })).code).toBe(2);
    expect((await lens("export r.jsonl -f jsonl -o r.jsonl --force", { cwd })).code).toBe(0);
    expect(lines(await readFile(join(cwd, "r.jsonl"), "utf8"))).toHaveLength(50);
  });

  test("leaves no half of a file behind where a record is broken", async () => {
    const cwd = await saved();
    await writeFile(join(cwd, "bad.jsonl"), `${asLine(recordOf(0))}{"arrivals":\n`);
    const before = await readdir(cwd);
    const { code, err } = await lens("export bad.jsonl -f csv-requests -o out.csv", { cwd });
    expect([code, err]).toEqual([
      2,
      "lens: In line 2 of `bad.jsonl`: Expected the record of a request as JSON, got a line that is broken or cut off.\n",
    ]);
    expect(await readdir(cwd)).toEqual(before);
  });

  test.each([
    ["export", "Expected the result to export, a report or a comparison as JSON or a file of records, got none."],
    ["export a.json -i b.json", "Expected one result to export, got `a.json` and `--input`."],
    ["export r.json -f jsonl", "Expected the records of single requests for the format `jsonl`, got none here."],
    ["export none.json", "Cannot read `none.json`: there is no such file or folder."],
    ["export c.json -f vllm", "Expected `--format` to be one of console, json, json-compact, csv, markdown"],
    ["check c.json --threshold requests>1", "In `c.json`: Expected a report of schema 1, got a comparison."],
    ["report", "Expected the result to show, a report or a comparison as JSON or a file of records, got none."],
  ])("as `%s` is refused kindly", async (args, says) => {
    const { code, err } = await lens(args, { cwd: await saved() });
    expect(err).toContain(`lens: ${says}`);
    expect(code).toBe(2);
  });
});

describe("lens check", () => {
  test("writes what became of the thresholds in any format, too", async () => {
    const cwd = await saved();
    const { code, out } = await lens(
      ["check", "r.json", "--threshold", "ttft p50 < 10ms", "-f", "console,junit", "-o", "-", "-o", "t.xml"],
      {
        cwd,
      },
    );
    expect(code).toBe(4);
    expect(out).toContain("BREACHED");
    expect(await readFile(join(cwd, "t.xml"), "utf8")).toContain('failures="1"');
  });
});

describe("lens report", () => {
  const isPage = async (path: string): Promise<boolean> => /^<!doctype html>/i.test(await readFile(path, "utf8"));

  test("writes a page beside, and prints where it is", async () => {
    const cwd = await saved();
    const { code, out } = await lens("report r.json", { cwd });
    expect([code, out]).toEqual([0, `${resolve(cwd, "r.html")}\n`]);
    expect(await isPage(resolve(cwd, "r.html"))).toBe(true);
    expect((await lens("report r.json", { cwd })).code).toBe(2);
    expect((await lens("report r.json --force", { cwd })).code).toBe(0);
    expect((await lens("report c.json -o {date}.html", { cwd })).out).toBe(`${resolve(cwd, "2026-11-23.html")}\n`);
  });

  test("opens it where somebody is there to look", async () => {
    const cwd = await saved();
    const { io, err } = await lens("report r.json --open", { cwd, isTty: true, hasDesktop: true });
    expect(io.opened).toEqual([resolve(cwd, "r.html")]);
    expect(err).toBe("");
  });

  test.each([
    [{ isTty: false, hasDesktop: true }, "nobody is at a terminal here", 0],
    [{ isTty: true, hasDesktop: true, env: { CI: "true" } }, "nobody is at a terminal here", 0],
    [{ isTty: true, hasDesktop: false }, "no program for it was found", 1],
  ])("says why it does not open it with %j", async (options, why, tries) => {
    const cwd = await saved();
    const { code, out, err, io } = await lens("report r.json --open", { cwd, ...options });
    expect(out).toBe(`${resolve(cwd, "r.html")}\n`);
    expect([code, err]).toEqual([0, `lens: not opened: ${why}.\n`]);
    expect(io.opened).toHaveLength(tries);
  });
});
