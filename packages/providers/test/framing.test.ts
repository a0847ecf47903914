import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFramer, DEFAULT_FRAMING_LIMITS, type StreamEvent } from "../src/index.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function frame(
  framing: "sse" | "ndjson",
  chunks: readonly Uint8Array[],
  closed = true,
): { readonly events: StreamEvent[]; readonly strays: string } {
  const events: StreamEvent[] = [];
  const framer = createFramer(framing, (event) => void events.push(event));
  for (const chunk of chunks) framer.feed(chunk);
  if (closed) framer.end();
  return { events, strays: framer.strays() };
}

const anywhere = (text: string): readonly (readonly Uint8Array[])[] => {
  const whole = bytes(text);
  return [
    [whole],
    [...whole].map((byte) => Uint8Array.of(byte)),
    ...[...whole.keys()].map((cut) => [whole.subarray(0, cut), whole.subarray(cut)]),
  ];
};

describe("createFramer for SSE", () => {
  it.each([
    ["LF", 'event: a\ndata: {"x":"ü€😀"}\n\n: comment\n\ndata:two\ndata: lines\n\nid: 7\nretry: 5\ndata: last\n\n'],
    [
      "CRLF",
      'event: a\r\ndata: {"x":"ü€😀"}\r\n\r\n: comment\r\n\r\ndata:two\r\ndata: lines\r\n\r\nid: 7\r\nretry: 5\r\ndata: last\r\n\r\n',
    ],
    ["CR", 'event: a\rdata: {"x":"ü€😀"}\r\r: comment\r\rdata:two\rdata: lines\r\rid: 7\rretry: 5\rdata: last\r\r'],
  ])("finds the same events wherever a body with %s is cut", (_, text) => {
    for (const chunks of anywhere(text)) {
      expect(frame("sse", chunks)).toEqual({
        events: [
          { name: "a", data: '{"x":"ü€😀"}' },
          { name: null, data: "two\nlines" },
          { name: null, data: "last" },
        ],
        strays: "",
      });
    }
  });

  it("completes a last event that lacks its blank line, once the body closes", () => {
    expect(frame("sse", [bytes("data: a")], false).events).toEqual([]);
    expect(frame("sse", [bytes("data: a")]).events).toEqual([{ name: null, data: "a" }]);
  });

  it("does not end a line at a line separator that JSON may hold", () => {
    expect(frame("sse", [bytes("data: a\u2028b\u0085c\n\n")]).events).toEqual([{ name: null, data: "a\u2028b\u0085c" }]);
  });

  it("skips a byte order mark", () => {
    expect(frame("sse", [bytes("\ufeffdata: a\n\n")]).events).toEqual([{ name: null, data: "a" }]);
  });

  it("keeps text that belongs to no event", () => {
    expect(frame("sse", [bytes('{\n  "error": "no"\n}')])).toEqual({ events: [], strays: '{\n  "error": "no"\n}\n' });
  });

  it("stops at an event, or at stray text, that is too long, and stays stopped", () => {
    const event = createFramer("sse", () => undefined, { ...DEFAULT_FRAMING_LIMITS, maxEventChars: 100 });
    expect(() => event.feed(bytes(`data: ${"x".repeat(200)}`))).toThrow(expect.objectContaining({ code: "RESPONSE_TOO_LARGE" }));
    expect(() => event.feed(bytes("data: a\n\n"))).toThrow(expect.objectContaining({ code: "RESPONSE_TOO_LARGE" }));
    const stray = createFramer("sse", () => undefined, { ...DEFAULT_FRAMING_LIMITS, maxStrayChars: 100 });
    expect(() => stray.feed(bytes("x\n".repeat(200)))).toThrow(expect.objectContaining({ code: "NOT_A_STREAM" }));
  });

  it("reads a hostile mix of line ends in time that grows with its length", () => {
    expect(frame("sse", [bytes(`${"\n".repeat(1_000_000)}\r`)]).events).toEqual([]);
  });
});

describe("createFramer for NDJSON", () => {
  it("finds the same lines wherever a body is cut", () => {
    for (const chunks of anywhere('{"a":"ü😀"}\r\n\n{"b":1}\n{"c":2}')) {
      expect(frame("ndjson", chunks).events.map(({ data }) => data)).toEqual(['{"a":"ü😀"}', '{"b":1}', '{"c":2}']);
    }
  });

  it("stops at a line that is too long", () => {
    const framer = createFramer("ndjson", () => undefined, { ...DEFAULT_FRAMING_LIMITS, maxEventChars: 100 });
    expect(() => framer.feed(bytes("x".repeat(200)))).toThrow(expect.objectContaining({ code: "RESPONSE_TOO_LARGE" }));
  });
});

describe("createFramer for any bytes", () => {
  it("reads bytes in pieces as it reads them in one, be they UTF-8 or not", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 4 }),
      fc.constantFrom("ü", "€", "😀", "\ufeff", "a", "data: ", "\r\n", "\n").map((text) => bytes(text)),
    );
    const body = fc.array(piece, { maxLength: 20 }).map((pieces) => Uint8Array.from(pieces.flatMap((part) => [...part])));
    fc.assert(
      fc.property(body, fc.array(fc.nat(), { maxLength: 5 }), (whole, offsets) => {
        const cuts = [0, ...offsets.map((offset) => offset % (whole.length + 1)).toSorted((a, b) => a - b), whole.length];
        const pieces = cuts.slice(1).map((end, index) => whole.subarray(cuts[index], end));
        for (const framing of ["sse", "ndjson"] as const) expect(frame(framing, pieces)).toEqual(frame(framing, [whole]));
      }),
      { numRuns: 2000 },
    );
  });
});
