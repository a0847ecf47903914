import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { holm } from "../src/holm.ts";

describe("Holm's correction", () => {
  test("multiplies step by step, and never falls", () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual([0.03, 0.06, 0.06, 0.02]);
  });

  test("leaves out what has no p-value, and stops at 1", () => {
    expect(holm([null, 0.6, 0.7, null])).toEqual([null, 1, 1, null]);
    expect(holm([])).toEqual([]);
  });

  test("rejects exactly what Holm's procedure rejects", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (pValues) => {
        const sorted = pValues.toSorted((left, right) => left - right);
        let rejected = 0;
        while (rejected < sorted.length && (sorted[rejected] ?? 1) * (sorted.length - rejected) <= 0.05) rejected += 1;
        expect(holm(pValues).filter((pValue) => pValue !== null && pValue <= 0.05)).toHaveLength(rejected);
      }),
    );
  });
});
