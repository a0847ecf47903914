import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { compactJsonExporter, jsonExporter } from "../src/index.ts";
import { ALL_FAILED, CLOSED_LOOP, DRIFTING, EMPTY, GATED, HOSTILE, OPEN_LOOP, SINGLE, SWEEP } from "./reports.ts";

type Schema = Readonly<Record<string, unknown>>;

const REPORTS = {
  "closed-loop": CLOSED_LOOP,
  "open-loop": OPEN_LOOP,
  single: SINGLE,
  "all-failed": ALL_FAILED,
  empty: EMPTY,
  hostile: HOSTILE,
  sweep: SWEEP,
  drifting: DRIFTING,
  gated: GATED,
};
const NAMED = Object.entries(REPORTS);
const SCHEMA = JSON.parse(readFileSync(new URL("../schema/report.schema.json", import.meta.url), "utf8")) as Schema;

/** The same schema, but what it does not name is not allowed. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner.type === "object" && inner.properties !== undefined ? { ...inner, additionalProperties: false } : inner;
}

const validateClosed = new Ajv2020({ allErrors: true, allowUnionTypes: true, allowMatchingProperties: true }).compile(
  closed(SCHEMA) as Schema,
);
const validate = new Ajv2020({ allowUnionTypes: true }).compile(SCHEMA);

describe("a report as JSON", () => {
  test.each(NAMED)("of a run that is %s comes back as it was", (_name, report) => {
    expect(JSON.parse(jsonExporter.render(report))).toEqual(report);
    expect(JSON.parse(compactJsonExporter.render(report))).toEqual(report);
  });

  test("is indented for people, or on one line", () => {
    expect(jsonExporter.render(EMPTY)).toMatch(/^\{\n {2}"schema": 1,\n/);
    expect(compactJsonExporter.render(CLOSED_LOOP).trimEnd()).not.toContain("\n");
  });

  test.each(NAMED)("of a run that is %s is what the published schema describes, field for field", (_name, report) => {
    validateClosed(JSON.parse(jsonExporter.render(report)));
    expect(validateClosed.errors).toBeNull();
  });

  test("may gain fields in later versions", () => {
    expect(validate({ ...CLOSED_LOOP, novelty: 1 })).toBe(true);
  });

  test.each([
    ["no groups", { ...CLOSED_LOOP, groups: undefined }],
    ["another schema", { ...CLOSED_LOOP, schema: 2 }],
    ["a count that is none", { ...CLOSED_LOOP, groups: CLOSED_LOOP.groups.map((group) => ({ ...group, requests: "400" })) }],
    ["a group without TTFT", { ...CLOSED_LOOP, groups: CLOSED_LOOP.groups.map(({ ttft: _ttft, ...group }) => group) }],
  ])("with %s is not what the schema describes", (_what, report) => {
    expect(validate(JSON.parse(JSON.stringify(report)))).toBe(false);
  });
});
