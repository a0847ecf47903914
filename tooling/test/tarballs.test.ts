import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { npmCommand } from "../scripts/npm.mjs";
import { packAll } from "../scripts/pack.mjs";
import { publishedPackages, rootDir } from "../scripts/workspace.mjs";
import { firstProgram } from "./markdown.ts";

const MOST_BYTES_INSTALLED = 15_000_000;
const SETUP_LIMIT_MS = 180_000;

const execute = promisify(execFile);
const packages = publishedPackages();
const libraries = packages.filter(({ libraryEntries }) => libraryEntries.length > 0);
const shortName = (name: string): string => name.replace("@lens/", "");

/** Each library has a small program here that uses it. All are compiled against the tarballs, without leniency, and run. */
const consumersDir = path.join(rootDir, "tooling/test/consumers");
/** They load nowhere but in a run of theirs: packages/matchers/test/runners.test.ts tries them there. */
const OF_TEST_RUNNERS: ReadonlySet<string> = new Set(["@lens/matchers/jest", "@lens/matchers/vitest"]);
const MODULE_KINDS = { ESM: "module", CommonJS: "commonjs" } as const;

/** What each README begins with. Suites run where their test runner is: packages/matchers/test/runners.test.ts. */
const readmes = libraries
  .map(({ name, folder }) => ({ name, program: firstProgram(`${folder}/README.md`) }))
  .filter(({ program }) => !program.includes('from "vitest"'));

/** A module's program as it has to be written where nothing can be awaited outside of functions. */
function insideFunction(program: string): string {
  const [imports = ""] = /^(?:import [^;]*;.*\n)*/.exec(program) ?? [];
  return `${imports}\nasync function main() {\n${program.slice(imports.length)}\n}\n\nvoid main();\n`;
}

const STRICT_PROJECT = {
  compilerOptions: {
    target: "ES2022",
    lib: ["ES2023"],
    module: "NodeNext",
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    esModuleInterop: true,
    skipLibCheck: false,
    types: ["node"],
  },
};

let projectDir = "";
let installedBytes = 0;

async function run(command: string, args: readonly string[]): Promise<string> {
  // By NODE_PATH, pnpm's scripts let CommonJS find packages of this repository that the project does not have.
  const { NODE_PATH: _, ...env } = process.env;
  try {
    return (await execute(command, args, { cwd: projectDir, env })).stdout;
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${command} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  }
}

async function npmInstall(...args: readonly string[]): Promise<void> {
  const { command, args: all, env, shell } = npmCommand(["install", "--no-audit", "--no-fund", "--ignore-scripts", ...args]);
  await execute(command, all, { cwd: projectDir, env, shell });
}

function sizeBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).reduce((sum, name) => {
    const entry = statSync(path.join(folder, name));
    return entry.isFile() ? sum + entry.size : sum;
  }, 0);
}

function writeJson(file: string, value: unknown): void {
  mkdirSync(path.dirname(path.join(projectDir, file)), { recursive: true });
  writeFileSync(path.join(projectDir, file), JSON.stringify(value));
}

function installedManifest(
  name: string,
  inDir = projectDir,
): { readonly version: string; readonly dependencies?: Readonly<Record<string, string>> } {
  return JSON.parse(readFileSync(path.join(inDir, "node_modules", name, "package.json"), "utf8"));
}

beforeAll(async () => {
  await execute(process.execPath, [path.join(rootDir, "tooling/scripts/ready.mjs"), "--build"]);
  projectDir = mkdtempSync(path.join(tmpdir(), "lens-consumer-"));
  const packed = await packAll(projectDir);
  writeJson("package.json", {
    private: true,
    dependencies: Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`])),
  });
  await npmInstall();
  installedBytes = sizeBytes(path.join(projectDir, "node_modules"));
  for (const [kind, type] of Object.entries(MODULE_KINDS)) {
    cpSync(consumersDir, path.join(projectDir, kind), { recursive: true });
    for (const { name, program } of readmes)
      writeFileSync(path.join(projectDir, kind, `readme-${shortName(name)}.ts`), kind === "ESM" ? program : insideFunction(program));
    writeJson(`${kind}/package.json`, { type });
  }
  writeJson("tsconfig.json", STRICT_PROJECT);
  await npmInstall("--no-save", `@types/node@${installedManifest("@types/node", rootDir).version}`);
  await run(process.execPath, [path.join(rootDir, "node_modules/typescript/bin/tsc")]);
}, SETUP_LIMIT_MS);

afterAll(() => rmSync(projectDir, { recursive: true, force: true }));

describe("the tarballs, installed in an empty project", () => {
  test("bring no dependency with @lens/core", () => {
    expect(installedManifest("@lens/core").dependencies).toBeUndefined();
  });

  test("take less than 15 MB with all their dependencies", () => {
    console.log(`installed size of all packages and their dependencies: ${(installedBytes / 1e6).toFixed(1)} MB`);
    expect(installedBytes).toBeLessThan(MOST_BYTES_INSTALLED);
  });

  test.each(packages.flatMap(({ name, bins }) => bins.map((bin) => ({ name, bin }))))(
    "say their version as `$bin --version`",
    async ({ name, bin }) => {
      const script = path.join("node_modules", ".bin", bin);
      expect((await run(script, ["--version"])).trim()).toBe(installedManifest(name).version);
    },
  );

  test("measure the simulator, as the README of the command line begins", async () => {
    const report = await run(path.join("node_modules", ".bin", "llm-latency-lens"), ["benchmark", "--requests", "10", "--json"]);
    expect(JSON.parse(report)).toMatchObject({ groups: [{ requests: 10, outcomes: { ok: 10 } }] });
  });

  describe.each(Object.entries(MODULE_KINDS))("from %s", (kind, type) => {
    test("offer the same names as their sources", async () => {
      const entries = libraries
        .flatMap(({ name, libraryEntries }) => libraryEntries.map((entry) => name + entry.slice(1)))
        .filter((entry) => !OF_TEST_RUNNERS.has(entry));
      const load = kind === "ESM" ? "await import(entry)" : "require(entry)";
      const program = `for (const entry of ${JSON.stringify(entries)}) console.log(entry, Object.keys(${load}).sort().join(" "))`;
      const offered = await run(process.execPath, [`--input-type=${type}`, "-e", program]);
      const sources = await Promise.all(
        entries.map(
          async (entry) =>
            `${entry} ${Object.keys((await import(entry)) as object)
              .toSorted()
              .join(" ")}`,
        ),
      );
      expect(offered.trim().split("\n")).toEqual(sources);
    });

    test.each(libraries)("let $name do its work", async ({ name }) => {
      expect(await run(process.execPath, [path.join(kind, `${shortName(name)}.js`)])).toBe("");
    });

    test.each(readmes)("let the first program in the README of $name run", async ({ name }) => {
      const printed = await run(process.execPath, [path.join(kind, `readme-${shortName(name)}.js`)]);
      expect(printed).toMatch(/\S/);
      expect(printed).not.toMatch(/undefined|NaN|\[object/);
    });
  });
});
