import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { DEFINITIONS } from "@lens/metrics";
import { adapters } from "@lens/providers";
import { type Simulator, startSimulator } from "@lens/sim";
import ts from "typescript";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { createFakeIo, lens } from "../../apps/cli/test/fake-io.ts";
import { EXIT_CODES } from "../../apps/cli/src/exit-codes.ts";
import { main } from "../../apps/cli/src/main.ts";
import { rootDir } from "../scripts/workspace.mjs";
import { type Block, blocksOf, listPages, readPage, rowsOf, wordsOf } from "./markdown.ts";

const pages = listPages();
const blocks = pages.flatMap(blocksOf);
const placeOf = ({ page, line }: Block): string => `${page}:${line}`;

/** Programs of the documentation, written out where the examples find their packages. */
const programsDir = path.join(rootDir, "examples/dist", `docs-${process.pid}`);
const programs = blocks.filter(({ language }) => language === "ts");
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

describe("the commands in the README", () => {
  let simulator: Simulator;
  const commands = blocksOf("README.md")
    .filter(({ language }) => language === "sh")
    .flatMap(({ text, section }) => text.split("\n").map((line) => ({ line, section, ...wordsOf(line) })));
  const ours = commands.filter(({ words }) => words[0] === "lens");
  type Command = (typeof ours)[number];

  /** The configuration file that the page shows; commands beside it find it. */
  const settings = blocksOf("README.md").find(({ language }) => language === "yaml") ?? { text: "", section: "" };
  const hasSettings = ({ section }: Command): boolean => section === settings.section;

  const targetsOf = ({ words }: Command): readonly string[] => words.slice(2).filter((word) => /^[\w-]+:[\w./-]*$/.test(word));
  /** Whether a command would leave this machine. */
  const isForeign = (command: Command): boolean => hasSettings(command) || targetsOf(command).some((target) => !target.startsWith("sim:"));
  const keys = Object.fromEntries(adapters.flatMap(({ apiKeyEnv }) => apiKeyEnv).map((name) => [name, "any"]));

  beforeAll(async () => {
    const models = ours.flatMap(targetsOf).map((target) => target.slice(target.indexOf(":") + 1));
    simulator = await startSimulator({ scenario: { ttftMs: 2, gapMs: 0, outputTokens: 3, models: [...models, "my-model"] } });
  });

  afterAll(() => simulator.close());

  /** A command as it stands on the page, but sent to a simulator, over in a moment, and on a free port. */
  function tamed(command: Command): readonly string[] {
    const args = command.words.slice(1).map((word, index, all) => {
      switch (all[index - 1]) {
        case "--base-url":
          return simulator.baseUrls.openai;
        case "--port":
          return "0";
        case "--duration":
          return "300ms";
        default:
          return word;
      }
    });
    return isForeign(command) && !args.includes("--base-url") ? [...args, "--base-url", simulator.baseUrls.openai] : args;
  }

  test.each(ours.map((command) => [command.line, command] as const))("%s", { timeout: 90_000 }, async (_, command) => {
    const { words, comment } = command;
    const cwd = mkdtempSync(path.join(workDir, "command-"));
    writeFileSync(path.join(cwd, "prompt.txt"), "Why is the sky blue?");
    const local = settings.text.replaceAll(/http:\S+/g, simulator.baseUrls.openai);
    if (hasSettings(command)) writeFileSync(path.join(cwd, "lens.config.yaml"), local);
    // Ctrl-C ends the simulator as soon as it has said where it is.
    const io = await createFakeIo({ cwd, env: isForeign(command) ? keys : {}, onOut: (own) => words[1] === "sim" && own.interrupt() });

    const code = await main(tamed(command), io);

    const complaints = code === EXIT_CODES.ok ? io.err().match(/^lens: .*$/gm) : null;
    expect({ code, complaints }).toEqual({ code: Number(/exit code (\d+)/.exec(comment)?.[1] ?? EXIT_CODES.ok), complaints: null });
    const written = words.filter((_, index) => /^--(output|records)$/.test(words[index - 1] ?? ""));
    expect(written.filter((file) => !existsSync(path.join(cwd, file)))).toEqual([]);
  });

  test("are all of programs that a newcomer has", () => {
    const programNames = new Set(commands.map(({ words }) => words[0]).filter((word) => word !== undefined));
    expect([...programNames].toSorted()).toEqual(["alias", "cd", "export", "lens", "npx"]);
  });

  test("show settings that are taken from the file as they stand", async () => {
    const cwd = mkdtempSync(path.join(workDir, "settings-"));
    writeFileSync(path.join(cwd, "lens.config.yaml"), settings.text);
    const { out } = await lens("config --json", { cwd });
    const taken = (JSON.parse(out) as { settings: Record<string, { source: string }> }).settings;
    const fromFile = Object.keys(taken).filter((name) => taken[name]?.source.includes("lens.config.yaml"));
    expect(new Set(fromFile)).toEqual(new Set([...settings.text.matchAll(/^(\w+):/gm)].map(([, name]) => name)));
  });

  test("come with the report that a run prints, line by line, but for the figures", async () => {
    const shown = blocksOf("README.md").find(({ text }) => text.includes("$ npm start"))?.text ?? "";
    const { out } = await lens("benchmark", { scenario: { ttftMs: { median: 30, sigma: 0.1 }, gapMs: 5, outputTokens: 16 } });
    // Where several tokens come in one read, as on a busy machine, the gap between tokens is called otherwise. Figures over time are drawn where they moved.
    const labels = (text: string): readonly string[] =>
      [...text.replace(/^over time[^]*?\n\n/m, "").matchAll(/^(\S+(?: \S+)*) {2,}/gm)].map(([, label = ""]) =>
        label.replace("chunk gap", "ITL"),
      );
    expect(labels(shown)).toEqual(labels(out));
    expect(labels(out).length).toBeGreaterThan(8);
  });
});

describe("the tables", () => {
  test("of the README have every provider with its base URL and its keys", () => {
    const shown = rowsOf("README.md").filter(([id]) => adapters.some((adapter) => adapter.id === id));
    for (const { id, defaultBaseUrl, apiKeyEnv, keyOptional } of adapters) {
      const key = `${apiKeyEnv.join(", ")}${keyOptional ? ", if any" : ""}`;
      expect(shown).toContainEqual([id, defaultBaseUrl ?? "--base-url", key]);
    }
    expect(shown).toHaveLength(adapters.length);
  });

  test("of the README have the exit codes of the program, and no others", () => {
    const shown = rowsOf("README.md").flatMap(([code = ""]) => (/^\d+$/.test(code) ? [Number(code)] : []));
    expect(shown).toEqual(Object.values(EXIT_CODES));
  });

  test("of docs/METRICS.md have every metric of a report", () => {
    const shown = rowsOf("docs/METRICS.md").map(([name]) => name);
    expect(Object.keys(DEFINITIONS).filter((name) => !shown.includes(name))).toEqual([]);
  });

  test("of docs/METRICS.md name only fields that the report's JSON Schema has", () => {
    const paths = [...readPage("docs/METRICS.md").matchAll(/`((?:groups\[\]|instrument)\.[\w.]+)`/g)].map(([, found = ""]) => found);
    const schema = JSON.parse(readPage("packages/exporters/schema/report.schema.json")) as Schema;
    expect(paths.filter((found) => !hasField(schema, found.replace("[]", ".items").split("."), schema.$defs ?? {}))).toEqual([]);
    expect(paths.length).toBeGreaterThanOrEqual(Object.keys(DEFINITIONS).length);
  });
});

/** As much of JSON Schema as the report's needs. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function hasField(schema: Schema, [name, ...rest]: readonly string[], definitions: Readonly<Record<string, Schema>>): boolean {
  if (name === undefined) return true;
  const referred = definitions[schema.$ref?.split("/").at(-1) ?? ""];
  const next = name === "items" ? schema.items : schema.properties?.[name];
  return (
    (next !== undefined && hasField(next, rest, definitions)) ||
    [...(referred === undefined ? [] : [referred]), ...(schema.anyOf ?? [])].some((other) => hasField(other, [name, ...rest], definitions))
  );
}

test.each(pages)("%s links to files that there are", (page) => {
  const links = [...readPage(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link = ""]) => link);
  expect(links.filter((link) => !existsSync(path.join(rootDir, path.dirname(page), link)))).toEqual([]);
});
