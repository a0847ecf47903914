import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findJsonFault } from "../src/json-fault.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe("the place at which a text stops being JSON", () => {
  it.each([
    ["", 0],
    ["  ", 2],
    ['{"a":1', 6],
    ['{"a":x}', 5],
    ['{"a":1,}', 7],
    ["[1,]", 3],
    ["[1 2]", 3],
    ['{"a" 1}', 5],
    ["{a:1}", 1],
    ['"a', 0],
    ['"a\\x"', 0],
    ["01", 0],
    ["1 1", 2],
    ["}", 0],
    ["[1}", 2],
    ["truely", 0],
  ])("of `%s` is %i", (text, place) => {
    expect(findJsonFault(text)).toBe(place);
  });

  it("is none where there is nothing wrong, and some wherever there is", () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.constantFrom("", "{", "}", "[", "]", ",", ":", '"', "\\", "0", "-", ".", "e", "x", " "),
        (json, at, char) => {
          expect(findJsonFault(json)).toBeNull();
          const place = at % (json.length + 1);
          for (const text of [
            json.slice(0, place),
            json.slice(0, place) + char + json.slice(place),
            json.slice(0, place) + char + json.slice(place + 1),
          ])
            expect(findJsonFault(text) === null).toBe(isJson(text));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is found in long and deep texts", () => {
    expect(findJsonFault(`["${"\\n".repeat(1_000_000)}" x]`)).toBe(2_000_004);
    expect(findJsonFault("[".repeat(100_000))).toBe(100_000);
  });
});
