import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAY_IMPORT } from "../lint/plugin.mjs";
import { publishedPackages, rootDir } from "../scripts/workspace.mjs";

interface Snippet {
  readonly says: string;
  readonly file: string;
  readonly code: string;
}

const FORBIDDEN: readonly (Snippet & { readonly rule: string })[] = [
  { says: "a default export", file: "packages/core/src/default.ts", code: "export default 1;", rule: "import(no-default-export)" },
  { says: "export *", file: "packages/core/src/all.ts", code: 'export * from "./clock.ts";', rule: "lens(no-export-all)" },
  { says: "a class", file: "packages/core/src/class.ts", code: "export class Timer { readonly at = 1; }", rule: "lens(no-class)" },
  { says: "an enum", file: "packages/core/src/enum.ts", code: "export enum Kind { Text }", rule: "lens(no-enum)" },
  {
    says: "any",
    file: "packages/core/src/any.ts",
    code: "export const read = (value: any): string => String(value);",
    rule: "typescript(no-explicit-any)",
  },
  {
    says: "a type imported as a value",
    file: "packages/core/src/type-import.ts",
    code: 'import { Clock } from "./clock.ts";\nexport const name = (clock: Clock): string => clock.name;',
    rule: "typescript(consistent-type-imports)",
  },
  {
    says: "a promise that nobody waits for",
    file: "packages/core/src/floating.ts",
    code: "const later = async (): Promise<number> => 1;\nexport function start(): void {\n  later();\n}",
    rule: "typescript(no-floating-promises)",
  },
  {
    says: "a switch that forgets a case",
    file: "packages/core/src/switch.ts",
    code: 'export function run(kind: "text" | "tool", go: () => void): void {\n  switch (kind) {\n    case "text":\n      go();\n  }\n}',
    rule: "typescript(switch-exhaustiveness-check)",
  },
  {
    says: "a cycle of imports",
    file: "packages/core/src/cycle-a.ts",
    code: 'export { b } from "./cycle-b.ts";\nexport const a = 1;',
    rule: "import(no-cycle)",
  },
  {
    says: "a file of more than 400 lines",
    file: "packages/core/src/long.ts",
    code: `export const x = 1;\n${"// A line.\n".repeat(401)}`,
    rule: "eslint(max-lines)",
  },
  { says: "printing in a library", file: "packages/core/src/print.ts", code: 'console.log("hello");', rule: "eslint(no-console)" },
  ...[
    "Date.now()",
    "performance.now()",
    "setTimeout(String)",
    "setInterval(String)",
    "setImmediate(String)",
    "process.pid",
    'fetch("x")',
    "globalThis.Date",
  ].map((code) => ({
    says: `the global of \`${code}\``,
    file: `packages/metrics/src/global-${code.replace(/\W/g, "")}.ts`,
    code: `export const value: unknown = ${code};`,
    rule: "eslint(no-restricted-globals)",
  })),
  ...["http", "https", "http2", "net", "tls", "worker_threads", "timers", "timers/promises", "perf_hooks", "process"].map((name) => ({
    says: `importing node:${name}`,
    file: `packages/providers/src/import-${name.replace("/", "-")}.ts`,
    code: `import * as imported from "node:${name}";\nexport const names = Object.keys(imported);`,
    rule: "eslint(no-restricted-imports)",
  })),
  ...[
    ["packages/core/src/up.ts", "@lens/metrics"],
    ["packages/core/src/sources.ts", "@lens/providers/src/run.ts"],
    ["packages/providers/src/sideways.ts", "@lens/metrics"],
    ["packages/providers/test/sideways.test.ts", "@lens/metrics"],
    ["packages/metrics/src/sideways.ts", "@lens/providers"],
    ["packages/sim/src/up.ts", "@lens/providers"],
    ["packages/exporters/src/up.ts", "@lens/load"],
    ["packages/exporters/src/sideways.ts", "@lens/providers"],
    ["packages/load/src/up.ts", "@lens/exporters"],
    ["packages/load/src/simulator.ts", "@lens/sim"],
    ["packages/metrics/src/itself.ts", "@lens/metrics"],
    ["packages/metrics/src/relative.ts", "../../core/src/clock.ts"],
    ["packages/metrics/src/built.ts", "@lens/core/dist/index.js"],
    ["apps/cli/src/sources.ts", "@lens/core/src/clock.ts"],
    ["examples/src/sources.ts", "@lens/core/src/clock.ts"],
  ].map(([file = "", specifier]) => ({
    says: `${specifier} imported from ${path.dirname(file)}`,
    file,
    code: `export { value } from "${specifier}";`,
    rule: "lens(import-direction)",
  })),
  {
    says: "a type imported in place, upwards",
    file: "packages/core/src/type-of.ts",
    code: 'export type Up = import("@lens/load").Up;',
    rule: "lens(import-direction)",
  },
  {
    says: "a lazy import, upwards",
    file: "packages/core/src/lazy.ts",
    code: 'export const up = (): Promise<unknown> => import("@lens/load");',
    rule: "lens(import-direction)",
  },
];

const TIME_AND_NETWORK =
  'import http from "node:http";\nexport const read = (): unknown => [Date.now(), performance.now(), process.pid, http.METHODS];';

const ALLOWED: readonly Snippet[] = [
  ...[
    "packages/core/src/clock.ts",
    "packages/providers/src/http-transport.ts",
    "packages/load/src/worker-pool.ts",
    "packages/sim/src/server.ts",
    "apps/cli/src/process-io.ts",
    "packages/core/test/clock.test.ts",
  ].map((file) => ({
    says: `time, process and network in ${file}`,
    file,
    code: `${TIME_AND_NETWORK}\nexport interface Clock {\n  readonly name: string;\n}`,
  })),
  {
    says: "LensError",
    file: "packages/core/src/errors.ts",
    code: 'export class LensError extends Error {\n  override readonly name = "LensError";\n}',
  },
  { says: "a default export in a config file", file: "packages/core/tsup.config.ts", code: "export default {};" },
  {
    says: "imports that point down",
    file: "packages/load/src/down.ts",
    code: 'export { a } from "@lens/core";\nexport { b } from "@lens/providers";\nexport { c } from "@lens/metrics";',
  },
  {
    says: "the testing entry of a package below",
    file: "packages/providers/src/testing.ts",
    code: 'export { createVirtualClock } from "@lens/core/testing";',
  },
  {
    says: "a package's own testing entry in its tests",
    file: "packages/core/test/own.test.ts",
    code: 'export { createVirtualClock } from "@lens/core/testing";',
  },
  { says: "the simulator in a test", file: "packages/load/test/down.test.ts", code: 'export { startSimulator } from "@lens/sim";' },
];

interface Finding {
  readonly code: string;
  readonly filename: string;
}

/** Lints a tree of its own that has the repository's shape and its configuration. */
function lint(sandbox: string): Promise<readonly Finding[]> {
  const oxlint = path.join(rootDir, "node_modules/oxlint/bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [oxlint, "--format=json"], { cwd: sandbox, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => {
      if (!stdout.startsWith("{")) reject(new Error(`oxlint printed no report: ${stdout}${stderr}`, { cause: error }));
      else resolve((JSON.parse(stdout) as { readonly diagnostics: readonly Finding[] }).diagnostics);
    });
  });
}

let sandbox = "";
let findings: readonly Finding[] = [];
const rulesBrokenBy = (file: string): readonly string[] =>
  findings.filter((finding) => finding.filename === file).map((finding) => finding.code);

beforeAll(async () => {
  sandbox = mkdtempSync(path.join(tmpdir(), "lens-lint-"));
  for (const file of [".oxlintrc.json", "tsconfig.json", "tooling/tsconfig", "tooling/lint", "tooling/scripts", "package.json"]) {
    cpSync(path.join(rootDir, file), path.join(sandbox, file), { recursive: true });
  }
  symlinkSync(path.join(rootDir, "node_modules"), path.join(sandbox, "node_modules"), "junction");
  const counterpart = { file: "packages/core/src/cycle-b.ts", code: 'export { a } from "./cycle-a.ts";\nexport const b = 1;' };
  for (const { file, code } of [...FORBIDDEN, ...ALLOWED, counterpart]) {
    mkdirSync(path.dirname(path.join(sandbox, file)), { recursive: true });
    writeFileSync(path.join(sandbox, file), `${code}\n`);
  }
  findings = await lint(sandbox);
});

afterAll(() => rmSync(sandbox, { recursive: true, force: true }));

describe("the linter reports", () => {
  for (const { says, file, rule } of FORBIDDEN) {
    test(says, () => {
      expect(rulesBrokenBy(file)).toContain(rule);
    });
  }
});

describe("the linter allows", () => {
  for (const { says, file } of ALLOWED) {
    test(says, () => {
      expect(rulesBrokenBy(file)).toEqual([]);
    });
  }
});

describe("a package depends only on packages that it may import", () => {
  for (const { name, folder, dependencies } of publishedPackages()) {
    test(name, () => {
      const allowed = (MAY_IMPORT[folder] ?? []).map((other) => `@lens/${other}`);
      expect(allowed).toEqual(expect.arrayContaining(Object.keys(dependencies).filter((other) => other.startsWith("@lens/"))));
    });
  }
});
