import { ARRIVAL_KINDS, type ArrivalKind, LensError, type Outcome, type Recorder, toErrorInfo } from "@lens/core";
import type { Delta, FinishReason, ProviderAdapter, StreamEvent } from "./adapter.ts";
import { cleanText, readErrorDocument } from "./error-document.ts";
import { createFramer } from "./framing.ts";
import { asObject, parseJson } from "./json.ts";
import { readResponseHeaders } from "./response-headers.ts";
import { errorFromResponse } from "./status.ts";
import type { ResponseHeaders } from "./transport.ts";

/** How a try ended; `error` is the failure behind the outcome, null where there was none. */
export interface Conclusion {
  readonly outcome: Outcome;
  readonly error: LensError | null;
}

/** Reads one answer: a stream of events, or a document that says why there is none. Knows no clock and no socket. */
export interface AnswerReader {
  /** Takes status line and headers. Throws a `LensError` where the body cannot be a stream. */
  open(status: number, headers: ResponseHeaders, nowMs: number): void;
  /** Takes the bytes of a read that was stamped `atNs`. Throws a `LensError` when they break a rule or a cap. */
  read(chunk: Uint8Array, atNs: bigint): void;
  /** When the protocol's own end mark came; null while it has not. */
  endedNs(): bigint | null;
  /** The failure that the stream reported; null while there is none. */
  failure(): LensError | null;
  /** The body closed in order. */
  close(): Conclusion;
  /** The answer broke off with `error`, from either side. */
  breakOff(error: LensError): Conclusion;
  /** How the answer ended, going by its own events. */
  conclude(): Conclusion;
}

/** What an answer is read with. */
export interface AnswerReaderOptions {
  readonly adapter: ProviderAdapter;
  readonly recorder: Recorder;
  readonly onDelta: ((delta: Delta, atNs: bigint) => void) | null;
  /** Whether an answer in one piece will do, as where somebody else asked, and need not have asked for a stream; false unless given. */
  readonly acceptsDocument?: boolean;
}

/** How much of an answer that is no stream is kept, to say what it was. */
const MAX_DOCUMENT_BYTES = 256 * 1024;
/** How much of an answer is kept that may come in one piece: pictures and sounds come in letters. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;
/** More than any answer of a language model: a stream of 128,000 tokens has about 40 MB. */
const MAX_BODY_BYTES = 128 * 1024 * 1024;

/** Why the model stopped, and the provider's own word for it. */
export type Finish = Pick<Extract<Delta, { type: "finish" }>, "reason" | "raw">;

const conclusion = (kind: Outcome["kind"], finishReason: string | null, error: LensError | null): Conclusion => ({
  outcome: { kind, finishReason, error: error === null ? null : toErrorInfo(error) },
  error,
});

function outcomeOf(reason: Exclude<FinishReason, "error">): Outcome["kind"] {
  switch (reason) {
    case "stop":
    case "tool":
    case "other":
      return "ok";
    case "length":
    case "paused":
      return "truncated";
    case "filtered":
      return "filtered";
    case "refused":
      return "refused";
  }
}

/** How an answer ended that failed with `error`. */
export function failed(error: LensError, finishReason: string | null): Conclusion {
  if (error.code === "BAD_REQUEST" && error.providerType === "content_filter") return conclusion("filtered", "content_filter", null);
  const cut = error.code === "STREAM_CUT" || error.code === "STREAM_UNFINISHED";
  return conclusion(error.code === "ABORTED" ? "aborted" : cut ? "incomplete" : "error", finishReason, error);
}

/** How an answer ended, going by what it said of its end and the failure that it reported, each null where it did not. */
export function concludeBy(finish: Finish | null, failure: LensError | null): Conclusion {
  if (failure !== null) return failed(failure, finish?.raw ?? null);
  if (finish === null)
    return failed(new LensError("STREAM_UNFINISHED", "The stream ended without saying why: the answer is not complete."), null);
  if (finish.reason === "error")
    return failed(new LensError("STREAM_ERROR", `The stream ended with the reason \`${cleanText(finish.raw)}\`.`), finish.raw);
  return conclusion(outcomeOf(finish.reason), finish.raw, null);
}

/** Starts reading one answer into `recorder`. */
export function createAnswerReader({ adapter, recorder, onDelta, acceptsDocument = false }: AnswerReaderOptions): AnswerReader {
  const decode = adapter.createDecoder();
  const framer = createFramer(adapter.framing, takeEvent);
  const document: Uint8Array[] = [];
  let asDocument = false;
  let refusal: ((body: string) => LensError) | null = null;
  let bodyBytes = 0;
  let readNs = 0n;
  let finish: Finish | null = null;
  let endNs: bigint | null = null;
  let failure: LensError | null = null;
  let closing = false;

  function takeEvent(event: StreamEvent): void {
    let kind: ArrivalKind | null = null;
    let chars = 0;
    for (const delta of decode(event)) {
      take(delta);
      if (delta.type === "text" || delta.type === "reasoning" || delta.type === "tool" || delta.type === "refusal") {
        if (kind === null || ARRIVAL_KINDS.indexOf(delta.type) < ARRIVAL_KINDS.indexOf(kind)) kind = delta.type;
        chars += delta.text.length;
      }
      onDelta?.(delta, readNs);
    }
    if (kind !== null) recorder.arrival(readNs, { kind, events: 1, chars });
  }

  function take(delta: Delta): void {
    switch (delta.type) {
      case "text":
      case "tool":
      case "refusal":
        break;
      case "reasoning":
        recorder.reasoning(delta.form);
        break;
      case "usage":
        recorder.usage(delta.usage);
        break;
      case "server":
        recorder.server(delta.timings);
        break;
      case "reply":
        recorder.reply(delta.reply);
        break;
      case "finish":
        finish = delta;
        break;
      case "end":
        endNs ??= readNs;
        break;
      case "error":
        // Half an event at the close of the body is a cut stream, not a broken event.
        if (!(closing && delta.error.code === "MALFORMED_EVENT")) failure ??= delta.error;
        break;
    }
  }

  const conclude = (): Conclusion => concludeBy(finish, failure);

  function eventsOf(part: unknown): readonly StreamEvent[] {
    const fields = asObject(part);
    return fields === null || adapter.toEvents === undefined ? [{ name: null, data: JSON.stringify(part) }] : adapter.toEvents(fields);
  }

  /** An answer in one piece: where a stream was asked for, an error, a block, or a server that does not stream. */
  function concludeDocument(body: string): Conclusion {
    if (refusal !== null) return failed(refusal(body), null);
    const value = parseJson(body);
    const parts = Array.isArray(value) ? value : value === undefined ? [] : [value];
    if (acceptsDocument) parts.flatMap(eventsOf).forEach(takeEvent);
    else {
      for (const delta of parts.flatMap((part) => decode({ name: null, data: JSON.stringify(part) }))) {
        if (delta.type === "error" || delta.type === "finish" || delta.type === "usage" || delta.type === "reply") take(delta);
      }
    }
    if (failure !== null || finish?.reason === "filtered" || (acceptsDocument && finish !== null)) return conclude();
    const said = readErrorDocument(value);
    if (said !== null)
      return failed(
        new LensError(
          "STREAM_ERROR",
          `The server answered 200 with an error: ${said.message}`,
          said.type === null ? {} : { providerType: said.type },
        ),
        null,
      );
    if (acceptsDocument && asObject(value) !== null) return conclude();
    const came = value === undefined ? `\`${cleanText(body).slice(0, 80)}\`` : "one JSON document";
    return failed(
      new LensError("NOT_A_STREAM", `Expected a stream of events, got ${came}. Check the base URL, and that the server streams.`),
      null,
    );
  }

  return {
    open(status, headers, nowMs) {
      const { reply, server } = readResponseHeaders(headers);
      recorder.reply(reply);
      recorder.server(server);
      const type = headers["content-type"] ?? "";
      const encoding = headers["content-encoding"] ?? "identity";
      if (status < 200 || status > 299) refusal = (body) => errorFromResponse(status, headers, body, nowMs);
      else if (encoding !== "identity")
        throw new LensError(
          "PROTOCOL_ERROR",
          `Asked for an uncompressed body, got \`${cleanText(encoding)}\`: its arrival times would be the compressor's.`,
        );
      asDocument = refusal !== null || /^(?:application\/json|text\/html)\b/i.test(type);
    },
    read(chunk, atNs) {
      readNs = atNs;
      bodyBytes += chunk.length;
      if (bodyBytes > MAX_BODY_BYTES)
        throw new LensError("RESPONSE_TOO_LARGE", `The server sent more than ${MAX_BODY_BYTES} bytes; reading stopped there.`);
      if (!asDocument) return framer.feed(chunk);
      if (bodyBytes > (acceptsDocument && refusal === null ? MAX_ANSWER_BYTES : MAX_DOCUMENT_BYTES))
        throw refusal?.("") ?? new LensError("NOT_A_STREAM", "Expected a stream of events, got a long document. Check the base URL.");
      document.push(chunk.slice());
    },
    endedNs: () => endNs,
    failure: () => failure,
    close() {
      if (asDocument) return concludeDocument(Buffer.concat(document).toString("utf8"));
      closing = true;
      framer.end();
      const strays = framer.strays();
      return strays !== "" && finish === null && failure === null ? concludeDocument(strays) : conclude();
    },
    breakOff: (error) =>
      failed(
        failure ?? (refusal !== null && error.code === "STREAM_CUT" ? refusal(Buffer.concat(document).toString("utf8")) : error),
        finish?.raw ?? null,
      ),
    conclude,
  };
}
