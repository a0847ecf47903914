import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { modelOfBody } from "../src/request-model.ts";

describe("modelOfBody", () => {
  it("finds what JSON.parse would have found", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("model", '"model":"x"', "\\", '\\"', "{", "]", "a\\"));
    const inner = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 3 }, text, fc.integer(), fc.constant(null), fc.array(tie("value")), fc.dictionary(text, tie("value"))),
    })).value;
    const body = fc.dictionary(fc.oneof(text, fc.constant("model")), inner);
    fc.assert(
      fc.property(body, fc.constantFrom(0, 2), (fields, indent) => {
        const model = Object.hasOwn(fields, "model") ? fields["model"] : null;
        expect(modelOfBody(JSON.stringify(fields, null, indent))).toBe(typeof model === "string" && model !== "" ? model : null);
      }),
    );
  });

  it.each(["", "model", '{"model":', '{"model":"never ends', '{"a":"\\', '["model","x"]', '{"model":"\\x"}'])(
    "finds none in %s",
    (text) => {
      expect(modelOfBody(text)).toBeNull();
    },
  );
});
