import { LensError } from "@lens/core";
import type { ResponseHeaders } from "./transport.ts";

/** What is told of a response while its bytes are read. */
export interface ResponseListener {
  head(status: number, headers: ResponseHeaders): void;
  /** A piece of the body, lent until the call returns. */
  body(piece: Uint8Array): void;
  /** The response is complete; `reusable` says whether the connection may carry another request. */
  end(reusable: boolean): void;
}

/** Reads the bytes of one HTTP/1.1 response, however they were cut. */
export interface ResponseReader {
  /**
   * Takes the first `size` bytes, or all: to make a view of a part takes as long as to read a chunk's head. Throws `PROTOCOL_ERROR` for what
   * is not HTTP/1.1, `RESPONSE_TOO_LARGE` for too long a head.
   */
  feed(bytes: Uint8Array, size?: number): void;
  /** The connection ended. Throws `CONNECTION_RESET` before a head, `STREAM_CUT` within a body. */
  close(): void;
}

type State = "head" | "length" | "size" | "data" | "dataEnd" | "trailer" | "untilClose" | "done";

interface Head {
  readonly status: number;
  readonly headers: ResponseHeaders;
  readonly keepAlive: boolean;
  readonly framing: "none" | "length" | "chunked" | "untilClose";
  readonly lengthBytes: number;
}

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const STATUS_LINE = /^HTTP\/(1\.1|1\.0|0\.9|2\.0) (\d{3})(?: ([^\r\n]*))?$/;
const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** A control character other than the tab, which no header value may hold. */
// eslint-disable-next-line no-control-regex -- control characters are what it looks for
const BROKEN_VALUE = /[\x00-\x08\x0a-\x1f\x7f]/;
/** Of these, node:http keeps the first and drops the rest. */
const SINGLE = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

const broken = (what: string): LensError => new LensError("PROTOCOL_ERROR", `The server sent something that is not HTTP/1.1 (${what}).`);

function readFields(lines: readonly string[]): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(0, colon));
    const value = line.slice(colon + 1);
    if (!NAME.test(name) || BROKEN_VALUE.test(value)) throw broken("a header line");
    const key = name.toLowerCase();
    const values = fields.get(key);
    const plain = value.replace(/^[ \t]+|[ \t]+$/g, "");
    if (values === undefined) fields.set(key, [plain]);
    else values.push(plain);
  }
  return fields;
}

function joinFields(fields: ReadonlyMap<string, readonly string[]>): ResponseHeaders {
  const entries: [string, string][] = [];
  for (const [name, values] of fields) {
    if (name !== "set-cookie") entries.push([name, SINGLE.has(name) ? (values[0] ?? "") : values.join(name === "cookie" ? "; " : ", ")]);
  }
  return Object.fromEntries(entries);
}

/** How long the body is (RFC 9112, 6.3). Refuses what could be read in two ways. */
function readFraming(status: number, fields: ReadonlyMap<string, readonly string[]>): Pick<Head, "framing" | "lengthBytes"> {
  const lengths = fields.get("content-length");
  const codings = fields.get("transfer-encoding");
  if (lengths !== undefined && (codings !== undefined || lengths.length > 1)) throw broken("two lengths of one body");
  const length = lengths?.[0];
  if (length !== undefined && (!/^\d{1,20}$/.test(length) || BigInt(length) > 0xffffffffffffffffn)) throw broken("content-length");
  if (status < 200 || status === 204 || status === 304) return { framing: "none", lengthBytes: 0 };
  if (codings !== undefined) {
    const last = codings.at(-1) ?? "";
    const chunked = (/[^,]*$/.exec(last)?.[0] ?? "").trim().toLowerCase() === "chunked";
    return { framing: chunked ? "chunked" : "untilClose", lengthBytes: 0 };
  }
  if (length === undefined) return { framing: "untilClose", lengthBytes: 0 };
  return { framing: length === "0" ? "none" : "length", lengthBytes: Number(length) };
}

/** The last head that was read: most servers send the same one with every answer, but for the second in which they do. */
let latest: { readonly text: string; readonly head: Head } | null = null;

function readHead(text: string): Head {
  if (latest?.text !== text) latest = { text, head: parseHead(text) };
  return latest.head;
}

function parseHead(text: string): Head {
  const lines = text.split("\r\n");
  const status = STATUS_LINE.exec(lines[0] ?? "");
  if (status === null) throw broken("a status line");
  const fields = readFields(lines.slice(1));
  const code = Number(status[2]);
  const connection = (fields.get("connection") ?? [])
    .join(",")
    .toLowerCase()
    .split(",")
    .map((word) => word.trim());
  const keepAlive = status[1] === "1.1" ? !connection.includes("close") : connection.includes("keep-alive");
  return { status: code, headers: joinFields(fields), keepAlive, ...readFraming(code, fields) };
}

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).toString("latin1", from, to);

const hexDigit = (byte: number): number => {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
};

/**
 * Starts reading one response. As strict as node:http's own parser: bare line feeds, folded lines, two lengths, spaces before a colon
 * are refused. Interim responses (1xx) are passed over; 101 is refused, since nothing was asked to be upgraded.
 */
export function createResponseReader(listener: ResponseListener, maxHeaderBytes: number): ResponseReader {
  let state: State = "head";
  let head: Head | null = null;
  let text = "";
  let remaining = 0;
  let digits = 0;
  let sawReturn = false;
  let inExtension = false;
  /** Where the bytes end that are being read. */
  let endAt = 0;

  function beginBody(found: Head): void {
    head = found;
    listener.head(found.status, found.headers);
    remaining = found.lengthBytes;
    switch (found.framing) {
      case "none":
        return finish();
      case "length":
        state = "length";
        break;
      case "chunked":
        state = "size";
        break;
      case "untilClose":
        state = "untilClose";
        break;
    }
  }

  function finish(): void {
    state = "done";
    listener.end(head?.keepAlive === true && head.framing !== "untilClose");
  }

  /** Takes bytes of the head; returns where the body begins. */
  function feedHead(bytes: Uint8Array, from: number): number {
    const before = text.length;
    text += latin1(bytes, from, endAt);
    const start = /^[\r\n]*/.exec(text)?.[0].length ?? 0;
    const end = text.indexOf("\r\n\r\n", Math.max(start, before - 3));
    if ((end === -1 ? text.length : end) > maxHeaderBytes)
      throw new LensError("RESPONSE_TOO_LARGE", "The server sent more headers than are accepted.");
    if (end === -1) {
      checkPart(text.slice(start));
      return endAt;
    }
    const found = readHead(text.slice(start, end));
    const next = from + end + 4 - before;
    text = "";
    if (found.status === 101) throw broken("an upgrade that nobody asked for");
    if (found.status >= 200) beginBody(found);
    return next;
  }

  /** Refuses at once what cannot become a head, so that a server that speaks something else does not run into a time-out. */
  function checkPart(part: string): void {
    const lineEnd = part.indexOf("\r\n");
    if (lineEnd === -1 ? !"HTTP/".startsWith(part.slice(0, 5)) || part.includes("\n") : !STATUS_LINE.test(part.slice(0, lineEnd)))
      throw broken("a status line");
  }

  function feedSize(bytes: Uint8Array, from: number): number {
    for (let index = from; index < endAt; index += 1) {
      const byte = bytes[index] ?? 0;
      if (sawReturn) {
        if (byte !== LF) throw broken("a chunk size");
        sawReturn = false;
        inExtension = false;
        digits = 0;
        state = remaining === 0 ? "trailer" : "data";
        return index + 1;
      }
      if (byte === CR && digits > 0) sawReturn = true;
      else if (byte === SEMICOLON && digits > 0) inExtension = true;
      else if (inExtension) {
        if (byte < 32 || byte === 127) throw broken("a chunk extension");
      } else takeDigit(byte);
    }
    return endAt;
  }

  function takeDigit(byte: number): void {
    const digit = hexDigit(byte);
    remaining = remaining * 16 + digit;
    digits += 1;
    if (digit === -1 || remaining > Number.MAX_SAFE_INTEGER) throw broken("a chunk size");
  }

  function feedData(bytes: Uint8Array, from: number): number {
    const to = Math.min(endAt, from + remaining);
    remaining -= to - from;
    if (remaining === 0 && state === "data") state = "dataEnd";
    listener.body(bytes.subarray(from, to));
    if (remaining === 0 && state === "length") finish();
    return to;
  }

  /** The line break behind a chunk's data. */
  function feedDataEnd(bytes: Uint8Array, from: number): number {
    if (bytes[from] !== (sawReturn ? LF : CR)) throw broken("the end of a chunk");
    sawReturn = !sawReturn;
    if (!sawReturn) state = "size";
    return from + 1;
  }

  function feedTrailer(bytes: Uint8Array, from: number): number {
    const before = text.length;
    text += latin1(bytes, from, endAt);
    const end = text.startsWith("\r\n") ? 0 : text.indexOf("\r\n\r\n");
    if ((end === -1 ? text.length : end) > maxHeaderBytes)
      throw new LensError("RESPONSE_TOO_LARGE", "The server sent more trailers than are accepted.");
    if (end === -1) return endAt;
    const fields = readFields(end === 0 ? [] : text.slice(0, end).split("\r\n"));
    if (fields.has("content-length") || fields.has("transfer-encoding")) throw broken("a length in a trailer");
    const next = from + end + (end === 0 ? 2 : 4) - before;
    finish();
    return next;
  }

  function step(bytes: Uint8Array, from: number): number {
    switch (state) {
      case "head":
        return feedHead(bytes, from);
      case "size":
        return feedSize(bytes, from);
      case "length":
      case "data":
        return feedData(bytes, from);
      case "dataEnd":
        return feedDataEnd(bytes, from);
      case "trailer":
        return feedTrailer(bytes, from);
      case "untilClose":
        listener.body(bytes.subarray(from, endAt));
        return endAt;
      case "done":
        throw broken("bytes after the response");
    }
  }

  return {
    feed(bytes, size = bytes.length) {
      endAt = size;
      let at = 0;
      while (at < size) at = step(bytes, at);
    },
    close() {
      if (state === "head")
        throw new LensError("CONNECTION_RESET", "The server closed the connection before it answered.", { retryable: true });
      if (state === "untilClose") finish();
      else if (state !== "done") throw new LensError("STREAM_CUT", "The connection closed before the response was complete.");
    },
  };
}
