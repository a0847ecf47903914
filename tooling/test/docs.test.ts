import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DEFINITIONS } from "@lens/metrics";
import { adapters } from "@lens/providers";
import { describe, expect, test } from "vitest";
import { lens } from "../../apps/cli/test/fake-io.ts";
import { EXIT_CODES } from "../../apps/cli/src/exit-codes.ts";
import { blocksOf, readPage, rowsOf } from "./markdown.ts";

describe("the README", () => {
  test("shows settings that are taken from the file as they stand", async () => {
    const cwd = mkdtempSync(path.join(tmpdir(), "lens-settings-"));
    const settings = blocksOf("README.md").find(({ language }) => language === "yaml")?.text ?? "";
    writeFileSync(path.join(cwd, "lens.config.yaml"), settings);
    const { out } = await lens("config --json", { cwd });
    rmSync(cwd, { recursive: true });
    const taken = (JSON.parse(out) as { settings: Record<string, { source: string }> }).settings;
    const fromFile = Object.keys(taken).filter((name) => taken[name]?.source.includes("lens.config.yaml"));
    expect(new Set(fromFile)).toEqual(new Set([...settings.matchAll(/^(\w+):/gm)].map(([, name]) => name)));
  });

  test("has the report that a run prints, line by line, but for the figures", async () => {
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

  test("of docs/USER_GUIDE.md have every error code, and no others", () => {
    const named = (text: string): readonly string[] => [...text.matchAll(/[A-Z]+_[A-Z_]+|\b[A-Z]{7,}\b/g)].map(([code]) => code);
    const codes = named(/export type ErrorCode =[^;]*;/.exec(readPage("packages/core/src/errors.ts"))?.[0] ?? "");
    expect(
      rowsOf("docs/USER_GUIDE.md")
        .flatMap(([first = ""]) => named(first))
        .toSorted(),
    ).toEqual(codes.toSorted());
    expect(codes.length).toBeGreaterThan(30);
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
