import { TextDecoder } from "node:util";
import { LensError } from "@lens/core";
import { createParser, type ParseError } from "eventsource-parser";
import type { StreamEvent } from "./adapter.ts";

/** Caps on what a server may make us hold. */
export interface FramingLimits {
  /** Longest event, in characters. */
  readonly maxEventChars: number;
  /** How much text outside any event is kept, to be read as an error document; more than that is no stream. */
  readonly maxStrayChars: number;
}

/** Turns the bytes of a body into events, however they were cut. */
export interface Framer {
  /** Takes the bytes of one read. Throws `RESPONSE_TOO_LARGE` or `NOT_A_STREAM` when a cap is passed. */
  feed(chunk: Uint8Array): void;
  /** The body ended in order: completes an event that lacks its blank line. */
  end(): void;
  /** Text that belonged to no event, such as a JSON document under the wrong content type. */
  strays(): string;
}

/** 16 million characters an event, and 256 kB of what is none. */
export const DEFAULT_FRAMING_LIMITS: FramingLimits = { maxEventChars: 16 * 1024 * 1024, maxStrayChars: 256 * 1024 };

/** The parser looks for each line's end from the front of its input: slices keep a hostile read from making that quadratic. */
const SLICE_BYTES = 16 * 1024;
const LAST_ASCII = 127;
const BYTE_ORDER_MARK = 0xfeff;

/** Starts framing one body. */
export function createFramer(
  framing: "sse" | "ndjson",
  onEvent: (event: StreamEvent) => void,
  limits: FramingLimits = DEFAULT_FRAMING_LIMITS,
): Framer {
  const text = createTextReader();
  const lines = framing === "sse" ? sseLines(onEvent, limits) : ndjsonLines(onEvent, limits);
  return {
    feed(chunk) {
      if (chunk.length <= SLICE_BYTES) return lines.feed(text.read(chunk));
      for (let start = 0; start < chunk.length; start += SLICE_BYTES) {
        lines.feed(text.read(chunk.subarray(start, start + SLICE_BYTES)));
      }
    },
    end() {
      lines.feed(text.end());
      lines.end();
    },
    strays: lines.strays,
  };
}

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

/**
 * UTF-8 as a stream, less a byte order mark at its beginning. Most chunks end with a whole character, and to read one by itself takes a third
 * of what a TextDecoder takes, which is made only where a character is cut. The mark is taken off here: those of Node 24 and 26 take it off later on
 * too, where the first read ends within a character.
 */
function createTextReader() {
  let decoder: TextDecoder | null = null;
  let begun = false;
  return {
    read(chunk: Uint8Array): string {
      const whole = (chunk[chunk.length - 1] ?? 0) <= LAST_ASCII;
      let text: string;
      if (whole && decoder === null) {
        text = asBuffer(chunk).toString();
      } else {
        decoder ??= new TextDecoder("utf-8", { ignoreBOM: true });
        text = decoder.decode(chunk, { stream: true });
        if (whole && chunk.length > 0) decoder = null;
      }
      const first = !begun && text !== "";
      begun ||= first;
      return first && text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
    },
    end: () => decoder?.decode() ?? "",
  };
}

interface Lines {
  feed(text: string): void;
  end(): void;
  strays(): string;
}

function tooLarge(limits: FramingLimits): LensError {
  return new LensError(
    "RESPONSE_TOO_LARGE",
    `The server sent one event of more than ${limits.maxEventChars} characters; reading stopped there.`,
  );
}

function sseLines(onEvent: (event: StreamEvent) => void, limits: FramingLimits): Lines {
  let stray = "";
  let failure: LensError | null = null;
  const onError = (error: ParseError): void => {
    if (error.type === "max-buffer-size-exceeded") failure ??= tooLarge(limits);
    if (error.type !== "unknown-field") return;
    stray += `${error.line ?? ""}\n`;
    if (stray.length > limits.maxStrayChars)
      failure ??= new LensError("NOT_A_STREAM", "Expected server-sent events, got a body of other text.");
  };
  const parser = createParser({
    onEvent: ({ event, data }) => onEvent({ name: event ?? null, data }),
    onError,
    maxBufferSize: limits.maxEventChars,
  });
  const feed = (text: string): void => {
    if (failure === null && text !== "") parser.feed(text);
    if (failure !== null) throw failure;
  };
  return { feed, end: () => feed("\n\n"), strays: () => stray };
}

function ndjsonLines(onEvent: (event: StreamEvent) => void, limits: FramingLimits): Lines {
  let pending: string[] = [];
  let pendingChars = 0;
  const emit = (line: string): void => {
    const data = line.trim();
    if (data !== "") onEvent({ name: null, data });
  };
  const feed = (text: string): void => {
    let start = 0;
    for (let end = text.indexOf("\n"); end !== -1; end = text.indexOf("\n", start)) {
      const line = pending.join("") + text.slice(start, end);
      pending = [];
      pendingChars = 0;
      start = end + 1;
      emit(line);
    }
    if (start < text.length) pending.push(text.slice(start));
    pendingChars += text.length - start;
    if (pendingChars > limits.maxEventChars) throw tooLarge(limits);
  };
  return { feed, end: () => feed("\n"), strays: () => "" };
}
