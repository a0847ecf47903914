const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids them in strings (RFC 8259, section 7).
const STRING = /"[^"\\\u0000-\u001f]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\u0000-\u001f]*)*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;

/** Where a match at `at` ends; -1 where there is none. */
function matchAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : -1;
}

/**
 * The place in a text at which it stops being JSON, counted from 0; its length where it breaks off, and null where nothing is wrong with it. For text that
 * `JSON.parse` has refused: of its messages some tell no place, and some repeat the text.
 */
export function findJsonFault(text: string): number | null {
  /** What is open, from the outermost: an object or a list. */
  const open: ("{" | "[")[] = [];
  let wanted: "value" | "key" | "colon" | "separator" = "value";
  let isFirst = false;

  for (let at = matchAt(SPACE, text, 0); ; at = matchAt(SPACE, text, at)) {
    const char = text[at];
    const inner = open.at(-1);
    if (wanted === "separator" && inner === undefined) return char === undefined ? null : at;
    if (char === undefined) return at;
    const closes = char === (inner === "{" ? "}" : "]") && inner !== undefined;
    if (closes && (wanted === "separator" || isFirst)) {
      open.pop();
      at += 1;
      wanted = "separator";
      isFirst = false;
      continue;
    }
    isFirst = false;
    switch (wanted) {
      case "separator":
        if (char !== ",") return at;
        at += 1;
        wanted = inner === "{" ? "key" : "value";
        continue;
      case "colon":
        if (char !== ":") return at;
        at += 1;
        wanted = "value";
        continue;
      case "key": {
        const end = matchAt(STRING, text, at);
        if (end === -1) return at;
        at = end;
        wanted = "colon";
        continue;
      }
      case "value": {
        if (char === "{" || char === "[") {
          open.push(char);
          at += 1;
          wanted = char === "{" ? "key" : "value";
          isFirst = true;
          continue;
        }
        const end = Math.max(matchAt(STRING, text, at), matchAt(SCALAR, text, at));
        if (end === -1) return at;
        at = end;
        wanted = "separator";
      }
    }
  }
}
