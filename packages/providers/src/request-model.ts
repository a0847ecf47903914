import { asText, parseJson } from "./json.ts";

/** What a scan of JSON has to look at; what lies between is skipped. */
const MARK = /["{}[\]]/g;
const TEXT_VALUE = /\s*:\s*("(?:[^"\\]|\\.)*")/y;

/** Where the string that begins at `start` is over; the end of the text where it never is. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === "\\") escapes += 1;
    if (escapes % 2 === 0) return end + 1;
  }
  return json.length;
}

/**
 * The `model` that the body of a request names; null where it names none. Reads no further than that field, since a prompt may have
 * megabytes, and takes for it neither the words of a prompt nor a field of something inside.
 */
export function modelOfBody(json: string): string | null {
  const field = '"model"';
  let depth = 0;
  MARK.lastIndex = 0;
  while (MARK.test(json)) {
    const at = MARK.lastIndex - 1;
    const mark = json[at];
    if (mark === "{" || mark === "[") depth += 1;
    else if (mark !== '"') depth -= 1;
    else {
      const end = endOfString(json, at);
      if (depth === 1 && end - at === field.length && json.startsWith(field, at)) {
        TEXT_VALUE.lastIndex = end;
        const value = TEXT_VALUE.exec(json)?.[1];
        if (value !== undefined) return asText(parseJson(value));
      }
      MARK.lastIndex = end;
    }
  }
  return null;
}
