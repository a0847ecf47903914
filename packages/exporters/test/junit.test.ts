import { readFileSync } from "node:fs";
import { parseGate, type Report, unjudgedGate } from "@lens/metrics";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { junitExporter } from "../src/index.ts";
import { HARMFUL, REPORTS } from "./hard-reports.ts";
import { EMPTY, GATED, reportOf, request } from "./reports.ts";

const SCHEMA = readFileSync(new URL("junit.xsd", import.meta.url), "utf8");

/** What the schema says against a text; empty where it is valid. */
async function faultsOf(texts: readonly string[]): Promise<readonly string[]> {
  const xml = texts.map((contents, index) => ({ fileName: `${index}.xml`, contents }));
  const { errors } = await validateXML({ xml, schema: [SCHEMA], maxMemoryPages: 1024 });
  return errors.map(({ rawMessage }) => rawMessage);
}

const attribute = (text: string, name: string): readonly string[] =>
  [...text.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(([, value]) => value ?? "");

/** A target that a threshold names and nobody measured. */
const unmeasured = (interrupted: boolean): Report => ({
  ...EMPTY,
  run: { ...EMPTY.run, interrupted },
  thresholds: [unjudgedGate(parseGate("ttft p95 < 1s"), "a")],
});

describe("JUnit's XML", () => {
  test.each(["closed-loop", "gated", "empty", "harmful"])("of a run that is %s is as in its golden file", async (name) => {
    await expect(junitExporter.render(REPORTS[name] ?? EMPTY)).toMatchFileSnapshot(`golden/${name}.xml`);
  });

  test("is what the schema describes, whatever the run and its names are", async () => {
    const reports = [...Object.values(REPORTS), unmeasured(true), { ...HARMFUL, thresholds: GATED.thresholds }];
    expect(await faultsOf(reports.map((report) => junitExporter.render(report)))).toEqual([]);
    expect(await faultsOf(["<testsuites><testsuite/></testsuites>"])).not.toEqual([]);
  });

  test("stays well formed for any name", async () => {
    const texts: string[] = [];
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 60 }), (name) => {
        texts.push(junitExporter.render(reportOf([request(0, { target: { provider: "x", model: name, label: name, origin: null } })])));
      }),
      { numRuns: 50 },
    );
    expect(await faultsOf(texts)).toEqual([]);
  });

  test("counts what was breached as failures, and what cannot be judged as errors", () => {
    const text = junitExporter.render(GATED);
    const { thresholds } = GATED;
    const count = (met: boolean | null): string => String(thresholds.filter((outcome) => outcome.met === met).length);
    expect(attribute(text, "tests")).toEqual([String(thresholds.length)]);
    expect(attribute(text, "failures")).toEqual([count(false)]);
    expect(attribute(text, "errors")).toEqual([count(null)]);
    expect(text.match(/<failure /g)).toHaveLength(Number(count(false)));
    expect(text.match(/<error /g)).toHaveLength(Number(count(null)));
  });

  test("takes a target that nobody measured for an error, and for skipped where the run was interrupted before", () => {
    expect(attribute(junitExporter.render(unmeasured(false)), "errors")).toEqual(["1"]);
    const text = junitExporter.render(unmeasured(true));
    expect(attribute(text, "skipped")).toEqual(["1"]);
    expect(attribute(text, "errors")).toEqual(["0"]);
    expect(text).toContain("<skipped/>");
  });

  test("has a suite for each target, and its figures as properties", () => {
    const text = junitExporter.render(REPORTS.forty ?? EMPTY);
    expect(text.match(/<testsuite /g)).toHaveLength(40);
    expect(text).toContain('<property name="ttft.p50Ns" value="');
    expect(text).not.toContain('value="null"');
  });
});
