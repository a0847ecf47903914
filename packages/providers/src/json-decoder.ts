import { LensError } from "@lens/core";
import type { Decoder, Delta, StreamEvent } from "./adapter.ts";
import { readErrorDocument } from "./error-document.ts";
import { asObject, type JsonObject, parseJson } from "./json.ts";

/** No deltas, without allocating a list to say so. */
export const NO_DELTAS: readonly Delta[] = [];

const END: readonly Delta[] = [{ type: "end" }];

/** The failure that a stream reports of itself. `document` is an error document, see `readErrorDocument`. */
export function streamError(document: unknown): Delta {
  const known = readErrorDocument(document);
  const message =
    known === null || known.message === ""
      ? "The server reported an error in the stream, without saying which."
      : `The server reported an error in the stream: ${known.message}`;
  return { type: "error", error: new LensError("STREAM_ERROR", message, known?.type == null ? {} : { providerType: known.type }) };
}

/** An event of those fields. */
export function jsonEvent(fields: object): StreamEvent {
  return { name: null, data: JSON.stringify(fields) };
}

function malformed(data: string): Delta {
  return {
    type: "error",
    error: new LensError(
      "MALFORMED_EVENT",
      `Expected each event of the stream to be a JSON object, got ${data.length} characters that are not.`,
    ),
  };
}

function isError(event: StreamEvent, fields: JsonObject): boolean {
  return event.name === "error" || fields.type === "error" || (fields.error !== undefined && fields.error !== null && fields.error !== "");
}

/**
 * A decoder of events that are JSON objects. It takes care of what all such protocols share: `[DONE]`, empty events, text that is
 * not JSON, and errors in the stream, be they an `error` field beside other fields, an `error` event, or a document of their own.
 * `read` is given the objects; what it finds comes before an error of the same event.
 */
export function createJsonDecoder(read: (fields: JsonObject, event: StreamEvent) => readonly Delta[]): Decoder {
  return (event) => {
    const { data } = event;
    if (data.startsWith("[DONE]")) return END;
    const fields = asObject(parseJson(data));
    if (fields === null) {
      if (data.trim() === "") return NO_DELTAS;
      return event.name === "error" ? [streamError({ message: data })] : [malformed(data)];
    }
    const deltas = read(fields, event);
    if (!isError(event, fields)) return deltas;
    return [...deltas, streamError(asObject(fields.error) === null && typeof fields.error !== "string" ? { error: fields } : fields)];
  };
}
