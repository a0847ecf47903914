import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { lens } from "../../apps/cli/test/fake-io.ts";
import { rootDir } from "../scripts/workspace.mjs";
import { type Block, blocksOf, listPages } from "./markdown.ts";

const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

/** Programs of the documentation, written out where the examples find their packages. */
const programsDir = path.join(rootDir, "examples/dist", `docs-${process.pid}`);
const programs = listPages()
  .flatMap(blocksOf)
  .filter(({ language }) => language === "ts");
/** Suites run in a test runner of their own: packages/matchers/test/runners.test.ts has them. */
const isSuite = ({ text }: Block): boolean => /from "vitest"/.test(text);
const fileOf = (block: Block): string => path.join(programsDir, `${placeOf(block).replaceAll(/\W/g, "-")}.ts`);

const workDir = mkdtempSync(path.join(tmpdir(), "lens-docs-"));
const startDir = process.cwd();

beforeAll(() => {
  mkdirSync(programsDir, { recursive: true });
  for (const block of programs) writeFileSync(fileOf(block), block.text);
});

afterAll(() => {
  process.chdir(startDir);
  rmSync(programsDir, { recursive: true, force: true });
  rmSync(workDir, { recursive: true, force: true });
});

describe("the programs in the documentation", () => {
  test("compile under the strict rules of the repository", () => {
    const config = ts.readConfigFile(path.join(rootDir, "tooling/tsconfig/base.json"), (file) => ts.sys.readFile(file));
    const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, rootDir);
    // A page may show how a value is made and leave it at that.
    const lenient = { noUnusedLocals: false, moduleDetection: ts.ModuleDetectionKind.Force };
    const program = ts.createProgram(programs.map(fileOf), { ...options, ...lenient });
    // Only the pages' own faults: those of the sources are told by `npm run typecheck`.
    const faults = programs.flatMap((block) => {
      const file = program.getSourceFile(fileOf(block));
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return found.map(({ messageText }) => `${placeOf(block)}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`);
    });
    expect(faults).toEqual([]);
  }, 60_000);

  describe("run", () => {
    const printed: string[] = [];

    beforeAll(async () => {
      process.chdir(workDir);
      await lens("benchmark sim: -n 5 --records records.jsonl", { cwd: workDir });
    });

    afterEach(() => {
      vi.restoreAllMocks();
      printed.length = 0;
    });

    test.each(programs.filter((block) => !isSuite(block)).map((block) => [placeOf(block), block] as const))("%s", async (_, block) => {
      vi.spyOn(console, "log").mockImplementation((...words) => void printed.push(words.join(" ")));
      await import(pathToFileURL(fileOf(block)).href);
      expect(printed.length > 0).toBe(block.text.includes("console.log("));
      expect(printed.join("\n")).not.toMatch(/undefined|NaN|\[object/);
    });
  });
});
