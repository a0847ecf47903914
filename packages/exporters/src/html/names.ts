import { html, type Markup } from "./markup.ts";
import { printable } from "../terminal-text.ts";

const LONGEST_NAME = 48;
const LONGEST_TEXT = 400;

/** The text in at most so many characters, the last of which says that there were more. */
function shorten(text: string, longest: number): string {
  const characters = Array.from(printable(text));
  return characters.length <= longest ? characters.join("") : `${characters.slice(0, longest - 1).join("")}…`;
}

/** A name from outside, such as a model's, cut to what fits a table or a legend. */
export const shortName = (name: string): string => shorten(name, LONGEST_NAME);

/** A sentence that may hold names from outside. */
export const shortText = (text: string): string => shorten(text, LONGEST_TEXT);

/** A name cut to what fits, with the whole of it behind it. */
export function fullName(name: string): Markup {
  const short = shortName(name);
  return short === printable(name) ? html`${short}` : html`<span title="${name}">${short}</span>`;
}
