import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decoder, Delta } from "../src/index.ts";
import { asText } from "../src/json.ts";
import { createJsonDecoder } from "../src/json-decoder.ts";
import { createRepeatingDecoder } from "../src/repeating-decoder.ts";

/** Finds text in `text`, or, as a server may send it in two parts, in `head` and `tail`. Counts how often it was asked. */
function createCountingDecoder(): { readonly decode: Decoder; readonly calls: () => number } {
  let calls = 0;
  const read = createJsonDecoder((fields): readonly Delta[] => {
    const text = (asText(fields.text) ?? "") + (asText(fields.head) ?? "") + (asText(fields.tail) ?? "");
    return text === "" ? [] : [{ type: "text", text }];
  });
  return {
    decode: (event) => {
      calls += 1;
      return read(event);
    },
    calls: () => calls,
  };
}

function expectSame(events: readonly string[]): number {
  const { decode, calls } = createCountingDecoder();
  const repeating = createRepeatingDecoder(decode);
  const plain = createCountingDecoder().decode;
  for (const data of events) expect(repeating({ name: null, data })).toEqual(plain({ name: null, data }));
  return calls();
}

const object = (text: string, extra: Readonly<Record<string, unknown>> = {}): string => JSON.stringify({ id: "r1", text, n: 1, ...extra });

describe("createRepeatingDecoder", () => {
  it("parses whole only the first of events that differ in their text", () => {
    // The second call makes sure that it is the text that it has found.
    expect(expectSame(["one", "two", 'say "three"', "f\\ur", "fünf\n", "😀"].map((text) => object(text)))).toBe(2);
  });

  it("finds what the decoder alone finds, whatever the events", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("", "r1", "text", '"', "\\", '","text":"', '"}', "[DONE]", "1", "."),
    );
    const extra = fc.constantFrom({}, { usage: null }, { error: "no" }, { head: "r1" }, { tail: "." }, { copy: "one" });
    const whole = fc.tuple(text, extra).map(([content, fields]) => object(content, fields));
    const escaped = text.map((content) => object(content).replaceAll("e", "\\u0065"));
    const parts = fc.tuple(text, text).map(([head, tail]) => JSON.stringify({ head, id: `${head}${tail}`, tail }));
    const broken = fc.tuple(whole, fc.nat()).map(([data, length]) => data.slice(0, length % data.length));
    const event = fc.oneof({ weight: 5, arbitrary: whole }, escaped, parts, broken, fc.constantFrom("[DONE]", "", "null"));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => void expectSame(events)),
      { numRuns: 500 },
    );
  });

  it("does not take another field for the text that happens to equal it", () => {
    const written = (id: string): string => `{"id":"${id}","text":"on\\u0065"}`;
    expectSame([written("one"), written("two"), written("three")]);
  });

  it("is not fooled by quotation marks within a text of the same shape", () => {
    expectSame([object("one"), '{"id":"r1","text":"a","text":"b","n":1}', object("two")]);
  });

  it("gives up where nothing repeats", () => {
    const events = Array.from({ length: 100 }, (_, index) => object("one", { nonce: index * 7919 }));
    expect(expectSame(events)).toBe(104);
  });

  it("leaves events with a name to the decoder", () => {
    const { decode, calls } = createCountingDecoder();
    const repeating = createRepeatingDecoder(decode);
    for (const name of ["a", "a", "error"]) repeating({ name, data: object("one") });
    expect(calls()).toBe(3);
  });
});
