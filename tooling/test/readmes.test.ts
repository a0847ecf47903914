import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { publishedPackages } from "../scripts/workspace.mjs";
import { blocksOf, firstProgram, readPage, wordsOf } from "./markdown.ts";

/** So many lines fit a glance. */
const MOST_LINES = 16;
const libraries = publishedPackages()
  .filter(({ libraryEntries }) => libraryEntries.length > 0)
  .map(({ name, folder }) => ({ name, page: `${folder}/README.md` }));

const importsOf = (program: string): readonly string[] =>
  ts.preProcessFile(program).importedFiles.map(({ fileName }) => /^(?:@[^/]+\/)?[^/]+/.exec(fileName)?.[0] ?? fileName);

/** What the page says is to be installed. */
const installedBy = (page: string): readonly string[] =>
  blocksOf(page)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.split("\n").map((line) => wordsOf(line).words))
    .flatMap(([npm, install, ...names]) => (npm === "npm" && install === "install" ? names : []));

describe.each(libraries)("the README of $name", ({ page }) => {
  test("begins with a short program", () => {
    expect(readPage(page).split("\n")[2]).toBe("```ts");
    expect(firstProgram(page).split("\n").length).toBeLessThanOrEqual(MOST_LINES);
  });

  test("has that program written so that it is JavaScript as well", () => {
    const { diagnostics = [] } = ts.transpileModule(firstProgram(page), { fileName: "first.mjs", reportDiagnostics: true });
    expect(diagnostics.map(({ messageText }) => messageText)).toEqual([]);
  });

  test("has everything installed that the program imports", () => {
    const missing = importsOf(firstProgram(page)).filter((name) => !installedBy(page).includes(name));
    expect(missing).toEqual([]);
  });

  test("leads to the reference", () => {
    expect(readPage(page)).toContain(`(${path.posix.relative(path.posix.dirname(page), "docs/api")}/`);
  });
});
