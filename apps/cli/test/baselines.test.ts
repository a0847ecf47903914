import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Report } from "@lens/metrics";
import { describe, expect, test } from "vitest";
import { readBaseline } from "../src/baselines.ts";
import { createFakeIo, lens } from "./fake-io.ts";
import { reportOf } from "./saved-reports.ts";

/** A folder with a report in it, and `main` saved from it. */
async function withBaseline() {
  const { cwd } = await createFakeIo();
  await writeFile(join(cwd, "run.json"), JSON.stringify(reportOf({ requests: 4 })));
  const saved = await lens("baseline save main run.json", { cwd });
  return { cwd, saved };
}

describe("a baseline", () => {
  test("is a file fit for a repository, and the report that was saved", async () => {
    const { cwd, saved } = await withBaseline();
    expect(saved).toMatchObject({ code: 0, out: "" });
    expect(saved.err).toMatch(/^Saved 4 requests to sim of .* UTC as \.lens\/baselines\/main\.json\.\n$/);
    const text = await readFile(join(cwd, ".lens/baselines/main.json"), "utf8");
    const report = JSON.parse(await readFile(join(cwd, "run.json"), "utf8")) as Report;
    expect(JSON.parse(text)).toEqual(report);
    expect(Object.keys(JSON.parse(text) as object)).toEqual(Object.keys(report).toSorted());
    expect(text).toMatch(/^\{\n {2}"definitions": \{\n[^]*\}\n$/);
    expect(await readBaseline("main", await createFakeIo({ cwd }))).toEqual(report);
  });

  test("may come by standard input, and takes the place of the one before", async () => {
    const { cwd } = await withBaseline();
    await lens("baseline save main", { cwd, stdin: JSON.stringify(reportOf({ requests: 2 })) });
    expect((await readBaseline("main", await createFakeIo({ cwd }))).groups[0]?.requests).toBe(2);
  });

  test("names no folder of the machine that measured", async () => {
    const { cwd } = await withBaseline();
    const report = JSON.parse(await readFile(join(cwd, "run.json"), "utf8")) as Report;
    const options = { ...report.run.options, timestamps: "/home/someone/due.txt", apiKeyEnv: "A_KEY", rate: 5 };
    await lens("baseline save other", { cwd, stdin: JSON.stringify({ ...report, run: { ...report.run, options } }) });
    const saved = await readBaseline("other", await createFakeIo({ cwd }));
    expect(saved.run.options).toMatchObject({ timestamps: "due.txt", apiKeyEnv: "A_KEY", rate: 5 });
  });

  test("is listed and shown, for people and as JSON", async () => {
    const { cwd } = await withBaseline();
    await lens("baseline save v1.0-b run.json", { cwd });
    const list = await lens("baseline list", { cwd });
    expect(list.out).toMatch(/^main {4}4 requests to sim of .* UTC\nv1\.0-b {2}4 requests to sim of .* UTC\n$/);
    expect(JSON.parse((await lens("baseline list --json", { cwd })).out)).toMatchObject([
      { name: "main", targets: ["sim"], requests: 4 },
      { name: "v1.0-b" },
    ]);
    expect((await lens("baseline show main", { cwd })).out).toContain("TTFT");
    expect(JSON.parse((await lens("baseline show main --json", { cwd })).out)).toMatchObject({ schema: 1, groups: [{ requests: 4 }] });
  });

  test("is none where nothing was saved", async () => {
    expect(await lens("baseline list")).toMatchObject({
      code: 0,
      out: "",
      err: "There are no baselines here. `lens baseline save NAME FILE` makes one.\n",
    });
  });

  test.each([
    ["baseline", "Expected save, list, show after `lens baseline`, got nothing."],
    ["baseline sav x", "Expected save, list, show after `lens baseline`, got `sav`. Did you mean `save`?"],
    ["baseline save", "Expected the name of a baseline after `lens baseline save`, got none."],
    ["baseline show", "Expected the name of a baseline after `lens baseline show`, got none."],
    ["baseline list x", "Expected nothing after `list`, got `x`."],
    ["baseline show main x", "Expected one baseline to show, got `x` besides."],
    ["baseline show main x y", "Expected at most 3 arguments, got `y` besides. See `lens baseline --help`."],
    [
      "baseline show mian",
      "Expected a baseline in `.lens/baselines`, got `mian`: there are main. Did you mean `main`? `lens baseline save mian FILE` makes it.",
    ],
    ["baseline show ../main", "Expected the name of a baseline in letters, digits, `.`, `_` and `-`, such as `main`, got `../main`."],
    [
      "baseline save .hidden run.json",
      "Expected the name of a baseline in letters, digits, `.`, `_` and `-`, such as `main`, got `.hidden`.",
    ],
  ])("is refused kindly: %s", async (line, complaint) => {
    const cwd = (await createFakeIo()).cwd;
    await mkdir(join(cwd, ".lens/baselines"), { recursive: true });
    await writeFile(join(cwd, ".lens/baselines/main.json"), "{}");
    expect(await lens(line, { cwd })).toMatchObject({ code: 2, err: `lens: ${complaint}\n` });
  });

  test("that is broken names its file", async () => {
    const { cwd } = await createFakeIo();
    await mkdir(join(cwd, ".lens/baselines"), { recursive: true });
    await writeFile(join(cwd, ".lens/baselines/main.json"), "{}");
    expect((await lens("baseline show main", { cwd })).err).toBe(
      "lens: In `.lens/baselines/main.json`: Expected a report of schema 1, got an object of another kind.\n",
    );
  });

  test("cannot be saved where a file stands in the way", async () => {
    const { cwd } = await createFakeIo();
    await writeFile(join(cwd, ".lens"), "");
    await writeFile(join(cwd, "run.json"), JSON.stringify(reportOf({ requests: 1 })));
    expect(await lens("baseline save main run.json", { cwd })).toMatchObject({ code: 2 });
    expect((await lens("baseline list", { cwd })).err).toContain("Cannot read `.lens/baselines`");
  });
});
