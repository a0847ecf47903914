import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { answerOf, compactJsonExporter, COMPARISON_EXPORTERS, consoleComparisonExporter, jsonExporter } from "../src/index.ts";
import { widthOf } from "../src/terminal-text.ts";
import { HOSTILE_COMPARISON, SAME_FIGURES, SAVED, THREE, TWO, UNDECIDED } from "./comparisons.ts";

const COMPARISONS = { two: TWO, saved: SAVED, three: THREE, same: SAME_FIGURES, undecided: UNDECIDED };
const NAMED = Object.entries({ ...COMPARISONS, hostile: HOSTILE_COMPARISON });
// oxlint-disable-next-line no-control-regex -- the sequences that colour a terminal
const COLOR = /\u001b\[\d+m/g;
/** Anything that is not printed, other than a line break. */
const HARMFUL = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;

type Schema = Readonly<Record<string, unknown>>;

const schemaOf = (name: string): Schema =>
  JSON.parse(readFileSync(new URL(`../schema/${name}.schema.json`, import.meta.url), "utf8")) as Schema;

/** The same schema, but what it does not name is not allowed. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return inner.type === "object" && inner.properties !== undefined ? { ...inner, additionalProperties: false } : inner;
}

function compile(adapt: (schema: Schema) => unknown) {
  const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, allowMatchingProperties: true });
  ajv.addSchema(adapt(schemaOf("report")) as Schema);
  return ajv.compile(adapt(schemaOf("comparison")) as Schema);
}

describe("a comparison on the console", () => {
  test.each(Object.entries(COMPARISONS))("that is %s is as in its golden file", async (name, comparison) => {
    await expect(consoleComparisonExporter.render(comparison)).toMatchFileSnapshot(`golden/comparison-${name}.txt`);
  });

  test.each(NAMED)("that is %s takes no more than 80 columns, and holds nothing harmful", (_name, comparison) => {
    const text = consoleComparisonExporter.render(comparison, { explain: true });
    for (const line of text.split("\n")) expect(widthOf(line)).toBeLessThanOrEqual(80);
    expect(text).not.toMatch(HARMFUL);
  });

  test.each(NAMED)("that is %s differs in colour only, when in colour", (_name, comparison) => {
    const colored = consoleComparisonExporter.render(comparison, { color: true });
    expect(colored).toMatch(COLOR);
    expect(colored.replace(COLOR, "")).toBe(consoleComparisonExporter.render(comparison));
  });

  test("explains its metrics when asked", () => {
    expect(consoleComparisonExporter.render(TWO)).not.toContain("first content arrival");
    expect(consoleComparisonExporter.render(TWO, { explain: true })).toContain("first content arrival");
  });
});

describe("the answer of a comparison", () => {
  const answers = ({ comparisons }: typeof TWO) => comparisons.map(answerOf);

  test("says first what is slower, then what else is, then what is faster", () => {
    expect(answers(TWO)).toEqual([
      {
        verdict: "slower",
        text: "B is 8.0 % slower at TTFT p50 (7.2 % … 9.0 %). It is also slower at TTFT p95 and better at tokens/s p50.",
      },
    ]);
  });

  test("gives the nearer end first where the candidate is faster", () => {
    expect(answers(SAVED)).toEqual([{ verdict: "faster", text: "m (new.json) is 25.4 % faster at TTFT p50 (20.0 % … 29.0 %)." }]);
  });

  test("says that nothing differs only where that is known of every figure", () => {
    expect(answers(SAME_FIGURES)).toEqual([{ verdict: "no-difference", text: "B and A do not differ by more than 2 % in any figure." }]);
    expect(answers(UNDECIDED)).toEqual([
      { verdict: "not-enough-data", text: "Not enough data to tell D and A apart at TTFT p50 (about 1,200 more requests to each)." },
    ]);
  });
});

describe("a comparison as JSON", () => {
  const validate = compile((schema) => schema);
  const validateClosed = compile((schema) => closed(schema));

  test.each(NAMED)("that is %s comes back as it was, and is what the published schema describes, field for field", (_name, comparison) => {
    expect(JSON.parse(jsonExporter.render(comparison))).toEqual(comparison);
    expect(compactJsonExporter.render(comparison).trimEnd()).not.toContain("\n");
    validateClosed(JSON.parse(jsonExporter.render(comparison)));
    expect(validateClosed.errors).toBeNull();
  });

  test.each([
    ["a report", { ...TWO, kind: undefined }],
    ["a single side", { ...TWO, sides: TWO.sides.slice(1) }],
    ["a verdict that is none", { ...TWO, comparisons: [{ ...TWO.comparisons[0], metrics: [{ verdict: "better" }] }] }],
    ["a group without its target", { ...TWO, sides: TWO.sides.map((side) => ({ ...side, group: { ...side.group, target: undefined } })) }],
  ])("that is %s is not what the schema describes", (_what, comparison) => {
    expect(validate(JSON.parse(JSON.stringify(comparison)))).toBe(false);
  });

  test("is among the formats of a comparison, after that for people", () => {
    expect(COMPARISON_EXPORTERS.map(({ id }) => id).slice(0, 3)).toEqual(["console", "json", "json-compact"]);
  });
});
