import type { Decoder, Delta, StreamEvent } from "./adapter.ts";

/** What all events of a stream have around their text: `before` ends with the quotation mark that opens it, `after` begins with the closing one. */
interface Shape {
  readonly before: string;
  readonly after: string;
}

/** So often a shape may turn out not to repeat before it must have paid for itself. */
const FREE_TRIES = 4;

function textOf(deltas: readonly Delta[]): string | null {
  const [delta] = deltas;
  return deltas.length === 1 && delta?.type === "text" ? delta.text : null;
}

/** The text of an event of this shape; null for any other event, and for an empty text. */
function readText({ before, after }: Shape, data: string): string | null {
  const end = data.length - after.length;
  // Comparing slices is several times as fast as startsWith and endsWith.
  if (end <= before.length || data.slice(0, before.length) !== before || data.slice(end) !== after) return null;
  try {
    // Between two quotation marks that are part of the slice, JSON has one string or is broken.
    return JSON.parse(data.slice(before.length - 1, end + 1)) as string;
  } catch {
    return null;
  }
}

/**
 * A decoder with the same results as `decode`, for less where a server repeats the same object for every token but for its text, as most do:
 * then only the text is parsed, which takes a fifth of the time. What `decode` finds may depend on an event's text only by passing it on.
 */
export function createRepeatingDecoder(decode: Decoder): Decoder {
  let shape: Shape | null = null;
  let learned = 0;
  let used = 0;

  /** The shape of an event that held nothing but `text`; null unless another text in its place would have been found in its stead. */
  function learn(data: string, text: string): Shape | null {
    const literal = JSON.stringify(text);
    const at = data.indexOf(literal);
    if (at === -1 || data.includes(literal, at + 1)) return null;
    const before = data.slice(0, at + 1);
    const after = data.slice(at + literal.length - 1);
    const other = JSON.stringify(`${text}.`).slice(1, -1);
    return textOf(decode({ name: null, data: before + other + after })) === `${text}.` ? { before, after } : null;
  }

  return (event: StreamEvent) => {
    const repeated = shape === null || event.name !== null ? null : readText(shape, event.data);
    if (repeated !== null) {
      used += 1;
      return [{ type: "text", text: repeated }];
    }
    const deltas = decode(event);
    const text = event.name === null ? textOf(deltas) : null;
    if (text === null) return deltas;
    learned += 1;
    shape = learned <= FREE_TRIES || used > learned ? learn(event.data, text) : null;
    return deltas;
  };
}
