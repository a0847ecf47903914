/** A response as bytes, and where the network cuts it. */
export interface GeneratedResponse {
  readonly bytes: Buffer;
  readonly cuts: readonly number[];
  /** Whether the connection ends before the response does. */
  readonly short: boolean;
}

/** Numbers from 0 up to 1 that repeat for a seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const STATUS_LINES = [
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200 OK",
  "HTTP/1.1 200",
  "HTTP/1.1 200 ",
  "HTTP/1.0 200 OK",
  "HTTP/1.1 204 No Content",
  "HTTP/1.1 304 Not Modified",
  "HTTP/1.1 404 N\xf6t Found",
  "HTTP/1.1 503 Busy\tnow",
  "HTTP/1.2 200 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 2000 OK",
  "http/1.1 200 OK",
  "HTTP/11 200 OK",
  "HTTP/1.1 200OK",
  "SSH-2.0-x",
];
const FIELDS = [
  "content-type: text/event-stream",
  "Content-Type: text/plain; charset=utf-8",
  "x-a: 1",
  "X-A: 2",
  "x-b:\tpadded \t",
  "x-empty:",
  "x-high: \xfc\xff",
  "retry-after: 1",
  "set-cookie: a=b",
  "server: s",
  "connection: keep-alive",
  "connection: close",
  "Connection: Close, x",
  "keep-alive: timeout=5",
  "vary: a",
  "vary: b",
  "date: now",
  "x-1!#$%&'*+-.^_`|~: odd name",
];
const BROKEN_FIELDS = [
  "x a: 1",
  "x-a : 1",
  ": 1",
  "no colon",
  " folded",
  "x: \x01",
  "x: a\x00b",
  "x: a\x7f",
  "x: a\rb",
  "x: a\nb",
  "x\xe9: 1",
  "(x): 1",
  "transfer-encoding : chunked",
  "content-length : 2",
];
const BROKEN_LENGTHS = [
  "content-length: +2",
  "content-length: -1",
  "content-length: 0x2",
  "content-length: ",
  "content-length: 2, 2",
  "content-length: 1 2",
  "content-length: 99999999999999999999999",
  "content-length: 2\r\ncontent-length: 2",
  "transfer-encoding: chunked\r\ncontent-length: 2",
  "content-length: 2\r\ntransfer-encoding: chunked",
];
// Not among them: a tab behind the last coding, which the RFC allows and node:http does not see through.
const CODINGS = ["chunked", "Chunked", "gzip, chunked", ",chunked", "chunked ", "gzip\r\ntransfer-encoding: chunked"];
const OTHER_CODINGS = ["identity", "gzip", "chunked, gzip", "xchunked", "chunkedx"];
const EXTENSIONS = ["", "", "", "", ";a", ";a=b", ';a="b"', ";a=b;c=d"];
const BROKEN_SIZES = ["", " 2", "2 ", "g", "-1", "0x2", "fffffffffffffffff", "2;a\x01", "2\n"];
const TRAILERS = ["", "", "", "x-t: 1\r\n", "x-t: 1\r\nx-u: 2\r\n", "broken\r\n", "content-length: 1\r\n", " x: 1\r\n"];

/** The response of that seed: mostly good, often cut short, sometimes broken in one of many ways. */
export function generateResponse(seed: number): GeneratedResponse {
  const random = randomOf(seed);
  const chance = (share: number): boolean => random() < share;
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const content = (size: number): string => Array.from({ length: size }, () => String.fromCharCode(below(256))).join("");

  const fields = Array.from({ length: below(4) }, () => pick(FIELDS));
  if (chance(0.08)) fields.push(pick(BROKEN_FIELDS));
  let body = "";
  const framing = random();
  if (framing < 0.3) {
    body = content(below(60));
    fields.push(`content-length: ${body.length}`);
  } else if (framing < 0.75) {
    fields.push(`transfer-encoding: ${pick(CODINGS)}`);
    body = chunkedBody();
  } else if (framing < 0.82) {
    fields.push(pick(BROKEN_LENGTHS));
    body = content(below(9));
  } else {
    if (framing < 0.9) fields.push(`transfer-encoding: ${pick(OTHER_CODINGS)}`);
    body = content(below(60));
  }

  function chunkedBody(): string {
    const parts = Array.from({ length: below(5) }, () => {
      const data = content(1 + below(20));
      const size = chance(0.03)
        ? pick(BROKEN_SIZES)
        : `${chance(0.1) ? "00" : ""}${chance(0.5) ? data.length.toString(16) : data.length.toString(16).toUpperCase()}`;
      return `${size}${pick(EXTENSIONS)}${chance(0.01) ? "\n" : "\r\n"}${data}${chance(0.02) ? pick(["\n", "x\r\n", ""]) : "\r\n"}`;
    });
    return `${parts.join("")}0${pick(EXTENSIONS)}\r\n${pick(TRAILERS)}\r\n`;
  }

  // Fields in any order: the length may come before the type.
  const shuffled = fields
    .map((field) => ({ field, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ field }) => field);
  const lineEnd = chance(0.02) ? "\n" : "\r\n";
  const interim = chance(0.05)
    ? pick(["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", "\r\n", "\r\n\r\n"])
    : "";
  const status = chance(0.15) ? pick(STATUS_LINES) : (STATUS_LINES[0] as string);
  // Bytes behind a response that has no body are left out: what node:http says of them depends on the read that they come in.
  if (/ (?:204|304) /.test(status)) body = "";
  const whole = `${interim}${[status, ...shuffled].join(lineEnd)}${lineEnd}${lineEnd}${body}`;
  const short = chance(0.1);
  const bytes = Buffer.from(short ? whole.slice(0, below(whole.length)) : whole, "latin1");
  const cuts = chance(0.3) ? [] : Array.from({ length: below(8) }, () => below(bytes.length + 1)).toSorted((a, b) => a - b);
  return { bytes, short, cuts: chance(0.02) ? [...bytes.keys()] : cuts };
}
