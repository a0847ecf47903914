/** Control and format characters, line separators and lone surrogates: whatever could move the cursor or reverse the text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
/** From here on, characters may be two columns wide; taking all of them for wide errs on the narrow side. */
const FIRST_WIDE = 0x1100;

/** Text from outside, such as a model's name, made fit for a terminal: nothing in it can act on the terminal or break the line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, "");
}

/** How many columns a character takes, at most. Combining marks count too. */
const widthOfCharacter = (character: string): number =>
  (character.codePointAt(0) ?? 0) >= FIRST_WIDE && !PUNCTUATION.has(character) ? 2 : 1;

/** Wide by their number, but ours, and one column in every terminal. */
const PUNCTUATION = new Set("…–−·▁▂▃▄▅▆▇█");

/** How many columns a text takes, at most. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfCharacter(character);
  return width;
}

/** The text, cut to `width` columns with an ellipsis where it is longer. */
export function truncate(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let used = 1;
  for (const character of text) {
    used += widthOfCharacter(character);
    if (used > width) break;
    kept += character;
  }
  return `${kept}…`;
}

/**
 * Pieces set one after another with `separator`, broken into lines of `width` columns between pieces. A piece
 * that is too long for a line is cut.
 */
export function wrap(pieces: readonly string[], separator: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of pieces) {
    const longer = line === "" ? piece : `${line}${separator}${piece}`;
    if (widthOf(longer) <= width) line = longer;
    else {
      if (line !== "") lines.push(line);
      line = truncate(piece, width);
    }
  }
  return line === "" ? lines : [...lines, line];
}
